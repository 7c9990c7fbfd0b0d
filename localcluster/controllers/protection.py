"""Storage in use stays: a claim until no pod has it, a volume until no claim has it, however early they are deleted.

Admission gives both their finalizers; this controller takes them away, and gives them to what came without.
"""

from __future__ import annotations

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import (
    finalizers_of,
    is_terminating,
    join_key,
    name_of,
    namespace_of,
    split_key,
    status_of,
)
from localcluster.controllers.recorder import Recorder
from localcluster.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, Resource

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"


class ProtectionController(Controller):
    """Reconciles keys of claims, and of volumes as `/name`."""

    name = "pvc-protection-controller"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._claims = self.reads(PERSISTENT_VOLUME_CLAIMS)
        self._volumes = self.reads(PERSISTENT_VOLUMES)
        self._pods = self.reads(PODS)
        self.follow(self._claims)
        self._volumes.on_change(lambda before, after: self.queue.add(f"/{name_of(after or before or {})}"))
        self._pods.on_change(self._pod_changed)

    def _pod_changed(self, before: Object | None, after: Object | None) -> None:
        """Only a pod that has gone sets anything free."""
        if after is None and before is not None:
            for claim in _claims_of(before):
                self.queue.add(join_key(namespace_of(before), claim))

    async def reconcile(self, key: str) -> None:
        if key.startswith("/"):
            volume = self._volumes.get("", key[1:])
            if volume is not None:
                used = status_of(volume).get("phase") == "Bound"
                await self._settle(PERSISTENT_VOLUMES, volume, VOLUME_FINALIZER, used=used)
            return
        claim = self._claims.get(*split_key(key))
        if claim is not None:
            await self._settle(PERSISTENT_VOLUME_CLAIMS, claim, CLAIM_FINALIZER, used=self._is_used(claim))

    def _is_used(self, claim: Object) -> bool:
        """Whether a pod with a node has it, be it running or not."""
        return any(
            pod["spec"].get("nodeName") and name_of(claim) in _claims_of(pod)
            for pod in self._pods.list(namespace_of(claim))
        )

    async def _settle(self, resource: Resource, obj: Object, finalizer: str, *, used: bool) -> None:
        present = finalizers_of(obj)
        if not is_terminating(obj):
            wanted = present if finalizer in present else [*present, finalizer]
        elif used:
            return
        else:
            wanted = [one for one in present if one != finalizer]
        if wanted != present:
            metadata = {**obj["metadata"], "finalizers": wanted}
            await self.client.update(resource, {**obj, "metadata": metadata})


def _claims_of(pod: Object) -> list[str]:
    """The claims it names, and those made for its ephemeral volumes."""
    found = []
    for volume in pod["spec"].get("volumes") or []:
        if "persistentVolumeClaim" in volume:
            found.append(str(volume["persistentVolumeClaim"].get("claimName", "")))
        elif "ephemeral" in volume:
            found.append(f"{name_of(pod)}-{volume['name']}")
    return found
