"""Gives every PersistentVolumeClaim a volume of its own on this machine, and frees volumes whose claim has gone.

Writes objects only: the directories are the node agent's, below its own directory of claims.
"""

from __future__ import annotations

from typing import Any

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import (
    annotations_of,
    is_terminating,
    join_key,
    name_of,
    namespace_of,
    split_key,
    status_of,
    uid_of,
)
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError
from localcluster.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES

CLASS = "local"
PROVISIONER = "surgeboard/local"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"


class VolumeController(Controller):
    """Reconciles keys of claims, and of volumes as `/name`."""

    name = "persistentvolume-controller"

    def __init__(
        self, client: Client, informers: Informers, recorder: Recorder, clock: Clock, *, node: str = "local"
    ) -> None:
        super().__init__(client, informers, recorder, clock)
        self._claims = self.reads(PERSISTENT_VOLUME_CLAIMS)
        self._volumes = self.reads(PERSISTENT_VOLUMES)
        self._classes = self.reads(STORAGE_CLASSES)
        self._node = node
        self.follow(self._claims)
        self._claims.on_change(self._claim_changed)
        self._volumes.on_change(lambda before, after: self.queue.add(f"/{name_of(after or before or {})}"))

    def _claim_changed(self, before: Object | None, after: Object | None) -> None:
        if after is None and before is not None and before["spec"].get("volumeName"):
            self.queue.add(f"/{before['spec']['volumeName']}")

    async def run(self) -> None:
        """First the class every claim of this cluster falls back to, then the claims."""
        await self._classes.synced()
        if self._classes.get("", CLASS) is None:
            await self._create_class()
        await super().run()

    async def reconcile(self, key: str) -> None:
        if key.startswith("/"):
            volume = self._volumes.get("", key[1:])
            if volume is not None:
                await self._release(volume)
            return
        claim = self._claims.get(*split_key(key))
        if claim is None or is_terminating(claim) or not self._is_ours(claim):
            return
        await self._bind(claim)

    def _is_ours(self, claim: Object) -> bool:
        name = claim["spec"].get("storageClassName")
        if name in (None, CLASS):
            return True
        storage_class = self._classes.get("", name) if name else None
        return storage_class is not None and storage_class["provisioner"] == PROVISIONER

    async def _bind(self, claim: Object) -> None:
        """The volume first, then the claim, each step found done when it comes by again."""
        name = claim["spec"].get("volumeName") or f"pvc-{uid_of(claim)}"
        volume = self._volumes.get("", name)
        if volume is None:
            volume = await self.client.create(PERSISTENT_VOLUMES, self._new_volume(claim, name))
            text = f"Successfully provisioned volume {name}"
            self.recorder.event(claim, "Normal", "ProvisioningSucceeded", text)
        if status_of(volume).get("phase") != "Bound":
            await self.client.update(PERSISTENT_VOLUMES, {**volume, "status": {"phase": "Bound"}}, subresource="status")
        if not claim["spec"].get("volumeName") or BIND_COMPLETED not in annotations_of(claim):
            annotations = annotations_of(claim) | {BIND_COMPLETED: "yes", BOUND_BY_CONTROLLER: "yes"}
            metadata = {**claim["metadata"], "annotations": annotations}
            spec = {**claim["spec"], "volumeName": name}
            claim = await self.client.update(PERSISTENT_VOLUME_CLAIMS, {**claim, "metadata": metadata, "spec": spec})
        status = {
            "phase": "Bound",
            "accessModes": volume["spec"]["accessModes"],
            "capacity": volume["spec"]["capacity"],
        }
        if status_of(claim) != status:
            await self.client.update(PERSISTENT_VOLUME_CLAIMS, {**claim, "status": status}, subresource="status")

    async def _release(self, volume: Object) -> None:
        """A volume whose claim has gone is deleted, or kept for a person to look at."""
        reference = volume["spec"].get("claimRef")
        if reference is None:
            return
        claim = self._claims.get(reference.get("namespace", ""), reference["name"])
        if claim is not None and uid_of(claim) == reference.get("uid"):
            return
        if status_of(volume).get("phase") != "Released":
            released = {**volume, "status": {"phase": "Released"}}
            await self.client.update(PERSISTENT_VOLUMES, released, subresource="status")
        if volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete" and not is_terminating(volume):
            try:
                await self.client.delete(PERSISTENT_VOLUMES, name_of(volume), uid=uid_of(volume))
            except ApiError as error:
                if error.code != 404:
                    raise

    def _new_volume(self, claim: Object, name: str) -> Object:
        class_name = claim["spec"].get("storageClassName") or CLASS
        storage_class = self._classes.get("", class_name) or {}
        affinity = {"key": "kubernetes.io/hostname", "operator": "In", "values": [self._node]}
        spec: dict[str, Any] = {
            "accessModes": claim["spec"]["accessModes"],
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": namespace_of(claim),
                "name": name_of(claim),
                "uid": uid_of(claim),
                "resourceVersion": claim["metadata"]["resourceVersion"],
            },
            "local": {"path": f"volumes/{join_key(namespace_of(claim), name_of(claim))}-{uid_of(claim)}"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [affinity]}]}},
            "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
            "storageClassName": class_name,
            "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
        }
        metadata = {"name": name, "annotations": {PROVISIONED_BY: PROVISIONER}}
        return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": spec}

    async def _create_class(self) -> None:
        body = {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": CLASS, "annotations": {DEFAULT_CLASS: "true"}},
            "provisioner": PROVISIONER,
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "Immediate",
        }
        try:
            await self.client.create(STORAGE_CLASSES, body)
        except ApiError as error:
            if error.code != 409:
                raise
