"""ReplicaSets: keeps as many pods as asked for, no more and no fewer. How to choose and to count is in its siblings."""

from __future__ import annotations

from localcluster.client import Client, Object
from localcluster.controllers.claiming import claim
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import (
    controller_of,
    is_controlled_by,
    is_terminating,
    key_of,
    name_of,
    namespace_of,
    split_key,
    status_of,
)
from localcluster.controllers.pods import from_template, is_active, seconds_until_available
from localcluster.controllers.recorder import Recorder
from localcluster.controllers.refusals import is_namespace_terminating
from localcluster.controllers.replicaset import status, victims
from localcluster.errors import ApiError
from localcluster.resources import PODS, REPLICA_SETS
from localcluster.selectors import from_object

BURST = 500
"""Pods made or removed in one go; the rest follows in the next."""


class ReplicaSetController(Controller):
    """Reconciles keys of ReplicaSets."""

    name = "replicaset-controller"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._sets = self.reads(REPLICA_SETS)
        self._pods = self.reads(PODS)
        self.follow(self._sets)
        self.follow_owned(self._pods, kind="ReplicaSet")
        self._pods.on_change(self._orphan_changed)

    def _orphan_changed(self, _: Object | None, after: Object | None) -> None:
        """A pod without a controller may be one to adopt."""
        if after is None or controller_of(after) is not None or is_terminating(after):
            return
        for replica_set in self._sets.list(namespace_of(after)):
            if from_object(replica_set["spec"]["selector"]).matches(after["metadata"].get("labels")):
                self.queue.add(key_of(replica_set))

    async def reconcile(self, key: str) -> None:
        replica_set = self._sets.get(*split_key(key))
        if replica_set is None:
            return
        candidates = self._pods.list(namespace_of(replica_set))
        active = await claim(
            self.client, replica_set, (pod for pod in candidates if is_active(pod)), owned=PODS, owning=REPLICA_SETS,
            selector=from_object(replica_set["spec"]["selector"]),
        )  # fmt: skip
        owned = [pod for pod in candidates if is_controlled_by(pod, replica_set)]
        failure = None if is_terminating(replica_set) else await self._scale(replica_set, active)
        await self._write_status(replica_set, active, owned=owned, failure=failure)
        waits = int(replica_set["spec"].get("minReadySeconds", 0))
        wait = seconds_until_available(active, min_ready_seconds=waits, now=self.clock.now())
        if wait is not None:
            self.queue.add_after(key, wait)
        if failure is not None:
            raise failure

    async def _scale(self, replica_set: Object, active: list[Object]) -> ApiError | None:
        """Make or remove what is missing or too much; the first refusal, when there was one."""
        missing = int(replica_set["spec"].get("replicas", 1)) - len(active)
        if missing > 0:
            return await self._make(replica_set, min(missing, BURST))
        if missing < 0:
            related = self._related(replica_set)
            chosen = victims.choose(active, count=min(-missing, BURST), related=related, now=self.clock.now())
            return await self._remove(replica_set, chosen)
        return None

    def _related(self, replica_set: Object) -> list[Object]:
        """Active pods of the same Deployment, or of this ReplicaSet when it stands alone."""
        owner = controller_of(replica_set)
        siblings = self._sets.by_owner(owner["uid"]) if owner is not None else [replica_set]
        return [
            pod for sibling in siblings for pod in self._pods.by_owner(sibling["metadata"]["uid"]) if is_active(pod)
        ]

    async def _make(self, replica_set: Object, count: int) -> ApiError | None:
        """In batches of 1, 2, 4, …: when pods are refused, the refusals stay few."""
        made, batch = 0, 1
        while made < count:
            batch = min(batch, count - made)
            failures = [error for _ in range(batch) if (error := await self._make_one(replica_set)) is not None]
            if failures:
                return failures[0]
            made, batch = made + batch, batch * 2
        return None

    async def _make_one(self, replica_set: Object) -> ApiError | None:
        pod = from_template(
            replica_set["spec"]["template"], replica_set, api_version=REPLICA_SETS.api_version, kind=REPLICA_SETS.kind
        )
        try:
            created = await self.client.create(PODS, pod, namespace=namespace_of(replica_set))
        except ApiError as error:
            if is_namespace_terminating(error):
                return None  # nothing can be made there any more, and the ReplicaSet goes too
            self.recorder.event(replica_set, "Warning", "FailedCreate", f"Error creating: {error.message}")
            return error
        self.recorder.event(replica_set, "Normal", "SuccessfulCreate", f"Created pod: {name_of(created)}")
        return None

    async def _remove(self, replica_set: Object, chosen: list[Object]) -> ApiError | None:
        failure: ApiError | None = None
        for pod in chosen:
            name = name_of(pod)
            try:
                await self.client.delete(PODS, name, namespace=namespace_of(pod), uid=pod["metadata"]["uid"])
            except ApiError as error:
                if error.code != 404:
                    self.recorder.event(replica_set, "Warning", "FailedDelete", f"Error deleting: {error.message}")
                    failure = failure or error
                continue
            self.recorder.event(replica_set, "Normal", "SuccessfulDelete", f"Deleted pod: {name}")
        return failure

    async def _write_status(
        self, replica_set: Object, active: list[Object], *, owned: list[Object], failure: ApiError | None
    ) -> None:
        computed = status.compute(replica_set, active, owned=owned, failure=failure, now=self.clock.now())
        if computed != status_of(replica_set):
            await self.client.update(REPLICA_SETS, {**replica_set, "status": computed}, subresource="status")
