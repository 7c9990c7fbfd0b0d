"""Deployments: makes the ReplicaSet of the current template and moves pods over to it.

Each reconcile takes one step and leaves the next to the change it caused. Decisions are in the siblings.
"""

from __future__ import annotations

from localcluster.client import Client, Object
from localcluster.controllers.claiming import claim
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Controller
from localcluster.controllers.deployment import revisions, rolling, scaling, status
from localcluster.controllers.deployment.amounts import is_rolling, replicas_of
from localcluster.controllers.deployment.writing import DeploymentWriter
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import (
    controller_of,
    is_terminating,
    key_of,
    labels_of,
    namespace_of,
    split_key,
    status_of,
)
from localcluster.controllers.pods import is_finished
from localcluster.controllers.recorder import Recorder
from localcluster.resources import DEPLOYMENTS, PODS, REPLICA_SETS
from localcluster.selectors import from_object


class DeploymentController(Controller):
    """Reconciles keys of Deployments."""

    name = "deployment-controller"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._deployments = self.reads(DEPLOYMENTS)
        self._sets = self.reads(REPLICA_SETS)
        self._pods = self.reads(PODS)
        self._writer = DeploymentWriter(client, recorder, clock)
        self.follow(self._deployments)
        self.follow_owned(self._sets, kind="Deployment")
        self._sets.on_change(self._orphan_changed)

    def _orphan_changed(self, _: Object | None, after: Object | None) -> None:
        """A ReplicaSet without a controller may be one to adopt."""
        if after is None or controller_of(after) is not None or is_terminating(after):
            return
        for deployment in self._deployments.list(namespace_of(after)):
            if from_object(deployment["spec"]["selector"]).matches(labels_of(after)):
                self.queue.add(key_of(deployment))

    async def reconcile(self, key: str) -> None:
        deployment = self._deployments.get(*split_key(key))
        if deployment is None:
            return
        sets = await claim(
            self.client, deployment, self._sets.list(namespace_of(deployment)), owned=REPLICA_SETS,
            owning=DEPLOYMENTS, selector=from_object(deployment["spec"]["selector"]),
        )  # fmt: skip
        if is_terminating(deployment):
            await self._writer.write_counts(deployment, sets, new=revisions.find_new(deployment, sets))
            return
        change = status.paused_or_resumed(deployment, now=self.clock.now())
        if change is not None:
            deployment = await self._writer.write_condition(deployment, change)
        if deployment["spec"].get("paused") or scaling.is_scaling(deployment, sets):
            await self._scale_only(deployment, sets)
        elif is_rolling(deployment):
            await self._roll(deployment, sets)
        else:
            await self._recreate(deployment, sets)

    async def _scale_only(self, deployment: Object, sets: list[Object]) -> None:
        """While it is paused, or before a roll-out goes on under a new number."""
        new, old = _split(deployment, sets)
        if new is not None:
            deployment, new = await self._writer.sync_revision(deployment, new, old=old)
        sizes = scaling.scale(deployment, new, old)
        changed = await self._writer.resize(deployment, sizes)
        if deployment["spec"].get("paused"):
            await self._clean_up(deployment, old)
        now_sets = [changed.get(key_of(one), one) for one in [*old, *([new] if new is not None else [])]]
        await self._writer.write_counts(deployment, now_sets, new=new)

    async def _roll(self, deployment: Object, sets: list[Object]) -> None:
        new, old = _split(deployment, sets)
        deployment, new = await self._writer.ensure_new(deployment, new, old=old)
        everyone = [*old, new]
        total = sum(map(replicas_of, everyone))
        size = rolling.new_size(deployment, current=replicas_of(new), all_replicas=total)
        sizes = [(new, size)] if size != replicas_of(new) else rolling.shrink_old(deployment, new, old)
        await self._step(deployment, new, old, sizes=sizes)

    async def _recreate(self, deployment: Object, sets: list[Object]) -> None:
        """All old pods have to be gone before the first new one is made."""
        new, old = _split(deployment, sets)
        shrinking: rolling.Sizes = [(one, 0) for one in scaling.active(old)]
        if shrinking or self._has_pods(old):
            await self._step(deployment, new, old, sizes=shrinking)
            return
        deployment, new = await self._writer.ensure_new(deployment, new, old=old)
        await self._step(deployment, new, old, sizes=[(new, replicas_of(deployment))])

    async def _step(self, deployment: Object, new: Object | None, old: list[Object], *, sizes: rolling.Sizes) -> None:
        """Write the sizes, then tell how far the roll-out is."""
        changed = await self._writer.resize(deployment, sizes)
        if not changed and status.is_complete(deployment, status_of(deployment)):
            await self._clean_up(deployment, old)
        sets = [changed.get(key_of(one), one) for one in [*old, *([new] if new is not None else [])]]
        current = changed.get(key_of(new), new) if new is not None else None
        await self._writer.write_progress(deployment, sets, new=current)
        wait = status.seconds_to_deadline(deployment, now=self.clock.now())
        if wait is not None:
            self.queue.add_after(key_of(deployment), max(1.0, wait))

    def _has_pods(self, sets: list[Object]) -> bool:
        return any(not is_finished(pod) for one in sets for pod in self._pods.by_owner(one["metadata"]["uid"]))

    async def _clean_up(self, deployment: Object, old: list[Object]) -> None:
        """Remove the oldest empty ReplicaSets beyond the history that is asked for."""
        limit = deployment["spec"].get("revisionHistoryLimit")
        if limit is None:
            return
        kept = [one for one in old if not is_terminating(one)]
        for one in sorted(kept, key=revisions.revision_of)[: max(0, len(kept) - int(limit))]:
            observed = status_of(one).get("observedGeneration", 0) >= one["metadata"].get("generation", 0)
            if replicas_of(one) == 0 and status_of(one).get("replicas", 0) == 0 and observed:
                await self._writer.delete(one)


def _split(deployment: Object, sets: list[Object]) -> tuple[Object | None, list[Object]]:
    new = revisions.find_new(deployment, sets)
    return new, [one for one in sets if new is None or key_of(one) != key_of(new)]
