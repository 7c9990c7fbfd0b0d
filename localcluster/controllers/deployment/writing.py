"""What the Deployment controller writes: ReplicaSets, their sizes, revisions and statuses, and the Events thereof.

Decides nothing but whether there is something to write.
"""

from __future__ import annotations

import copy
from typing import Any

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.conditions import Condition, find
from localcluster.controllers.deployment import revisions, rolling, status
from localcluster.controllers.deployment.amounts import has_progress_deadline, replicas_of
from localcluster.controllers.meta import (
    annotations_of,
    is_controlled_by,
    key_of,
    name_of,
    namespace_of,
    status_of,
)
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError
from localcluster.resources import DEPLOYMENTS, REPLICA_SETS


class DeploymentWriter:
    """Writes for one controller."""

    def __init__(self, client: Client, recorder: Recorder, clock: Clock) -> None:
        self._client = client
        self._recorder = recorder
        self._clock = clock

    async def ensure_new(
        self, deployment: Object, new: Object | None, *, old: list[Object]
    ) -> tuple[Object, Object]:  # fmt: skip
        """(Deployment, its current ReplicaSet), the latter made if it is missing."""
        if new is not None:
            return await self.sync_revision(deployment, new, old=old)
        revision = revisions.next_revision(old)
        all_replicas = sum(map(replicas_of, old))
        size = rolling.new_size(deployment, current=0, all_replicas=all_replicas)
        made = await self._create(deployment, revisions.new_replica_set(deployment, revision=revision, replicas=size))
        if size > 0:
            self._tell_scaling(deployment, made, before=0, after=size)
        change = self._progressing("NewReplicaSetCreated", f'Created new replica set "{name_of(made)}"')
        deployment = await self._write_revision(deployment, str(revision), change)
        return deployment, made

    async def sync_revision(self, deployment: Object, new: Object, *, old: list[Object]) -> tuple[Object, Object]:
        """Give an existing ReplicaSet that has become current its new number, then the Deployment the same."""
        wanted = revisions.annotations_for(
            deployment, current=annotations_of(new), revision=revisions.next_revision(old)
        )
        waits = deployment["spec"].get("minReadySeconds", 0)
        if wanted != annotations_of(new) or new["spec"].get("minReadySeconds", 0) != waits:
            changed = copy.deepcopy(new)
            changed["metadata"]["annotations"] = wanted
            if new["spec"].get("minReadySeconds", 0) != waits:
                changed["spec"]["minReadySeconds"] = waits
            new = await self._client.update(REPLICA_SETS, changed)
        change = None
        if find(status_of(deployment), "Progressing") is None:
            change = self._progressing("FoundNewReplicaSet", f'Found new replica set "{name_of(new)}"')
        return await self._write_revision(deployment, wanted[revisions.REVISION], change), new

    async def resize(self, deployment: Object, sizes: rolling.Sizes) -> dict[str, Object]:
        """Write the sizes that differ; the changed ReplicaSets by key."""
        changed: dict[str, Object] = {}
        for one, size in sizes:
            before = replicas_of(one)
            annotations = annotations_of(one) | revisions.scale_annotations(deployment)
            if before == size and annotations == annotations_of(one):
                continue
            wanted = copy.deepcopy(one)
            wanted["spec"]["replicas"] = size
            wanted["metadata"]["annotations"] = annotations
            changed[key_of(one)] = await self._client.update(REPLICA_SETS, wanted)
            if before != size:
                self._tell_scaling(deployment, one, before=before, after=size)
        return changed

    async def write_counts(self, deployment: Object, sets: list[Object], *, new: Object | None) -> None:
        """The status without judging progress: nothing is being rolled out."""
        await self._write(deployment, status.compute(deployment, sets, new=new, now=self._clock.now()))

    async def write_progress(self, deployment: Object, sets: list[Object], *, new: Object | None) -> None:
        now = self._clock.now()
        counted = status.compute(deployment, sets, new=new, now=now)
        await self._write(deployment, status.progressed(deployment, counted, sets, new=new, now=now))

    async def write_condition(self, deployment: Object, condition: Condition) -> Object:
        return await self._write(deployment, status.with_condition(status_of(deployment), condition))

    async def delete(self, replica_set: Object) -> None:
        """Remove one that history no longer needs; it may be gone already."""
        metadata = replica_set["metadata"]
        try:
            await self._client.delete(
                REPLICA_SETS, metadata["name"], namespace=metadata["namespace"], uid=metadata["uid"]
            )
        except ApiError as error:
            if error.code != 404:
                raise

    async def _create(self, deployment: Object, replica_set: Object) -> Object:
        try:
            return await self._client.create(REPLICA_SETS, replica_set, namespace=namespace_of(deployment))
        except ApiError as error:
            if error.code == 409 and error.reason == "AlreadyExists":
                return await self._existing(deployment, replica_set, error)
            if has_progress_deadline(deployment):
                failed = status.condition(
                    "Progressing", "False", "ReplicaSetCreateError",
                    f'Failed to create new replica set "{name_of(replica_set)}": {error.message}',
                    now=self._clock.now(),
                )  # fmt: skip
                await self.write_condition(deployment, failed)
            raise

    async def _existing(self, deployment: Object, replica_set: Object, error: ApiError) -> Object:
        """The one of that name if it is ours; otherwise the hash has collided, and the next try gets another name."""
        found = await self._client.get(REPLICA_SETS, name_of(replica_set), namespace=namespace_of(deployment))
        if is_controlled_by(found, deployment) and revisions.find_new(deployment, [found]) is not None:
            return found
        counted = {**status_of(deployment), "collisionCount": int(status_of(deployment).get("collisionCount", 0)) + 1}
        await self._write(deployment, counted)
        raise error

    async def _write_revision(self, deployment: Object, revision: str, change: Condition | None) -> Object:
        if not has_progress_deadline(deployment):
            change = None
        if annotations_of(deployment).get(revisions.REVISION) == revision and change is None:
            return deployment
        wanted = status_of(deployment)
        if change is not None:
            wanted = status.with_condition(wanted, change)
        return await self._write(deployment, wanted, annotations={revisions.REVISION: revision})

    async def _write(
        self, deployment: Object, wanted: dict[str, Any], *, annotations: dict[str, str] | None = None
    ) -> Object:
        """The status, and annotations with it: the status of a Deployment is the one that may carry them."""
        merged = annotations_of(deployment) | (annotations or {})
        if wanted == status_of(deployment) and merged == annotations_of(deployment):
            return deployment
        body = {**deployment, "metadata": {**deployment["metadata"], "annotations": merged}, "status": wanted}
        return await self._client.update(DEPLOYMENTS, body, subresource="status")

    def _progressing(self, reason: str, message: str) -> Condition:
        return status.condition("Progressing", "True", reason, message, now=self._clock.now())

    def _tell_scaling(self, deployment: Object, replica_set: Object, *, before: int, after: int) -> None:
        direction = "up" if after > before else "down"
        text = f"Scaled {direction} replica set {name_of(replica_set)} from {before} to {after}"
        self._recorder.event(deployment, "Normal", "ScalingReplicaSet", text)
