"""Deletes what has lost its owners, lets foreground deletions end, and sets orphans free.

Watches every stored resource. Must not delete anything whose owner it has not looked for in the API itself.
"""

from __future__ import annotations

from typing import Any

from localcluster.client import Client, Object, PropagationPolicy
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Controller
from localcluster.controllers.garbage.owners import (
    FOREGROUND,
    ORPHAN,
    Owners,
    blocks,
    resource_of,
    state_of,
    without_owners,
)
from localcluster.controllers.informer import Informer, Informers
from localcluster.controllers.meta import (
    finalizers_of,
    is_terminating,
    join_key,
    key_of,
    name_of,
    namespace_of,
    owners_of,
    split_key,
    uid_of,
)
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError
from localcluster.resources import EVENTS, STORED, Resource

_WATCHED = tuple(resource for resource in STORED if resource is not EVENTS)  # Events never have owners
_BY_NAME = {resource.group_resource: resource for resource in _WATCHED}


LAST_COUNT_SECONDS = 0.1
"""An owner in its foreground deletion outlives its last dependent by this, so that its controller can still count."""


class GarbageCollector(Controller):
    """Reconciles keys of anything: `plural.group:namespace/name`."""

    name = "garbage-collector"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._resources = dict(_BY_NAME)
        self._stores = {name: self.reads(resource) for name, resource in _BY_NAME.items()}
        for name, store in self._stores.items():
            self._follow(self._resources[name], store)
        self._customs: dict[tuple[str, str], Resource] = {}
        self.reads_customs(self._custom_found)

    def _custom_found(self, resource: Resource, store: Informer) -> None:
        name = resource.group_resource
        self._customs[resource.group, resource.kind] = self._resources[name] = resource
        if name not in self._stores:
            self._stores[name] = store
            self._follow(resource, store)

    def _resource_of(self, reference: dict[str, Any]) -> Resource | None:
        group = str(reference["apiVersion"]).rpartition("/")[0]
        return resource_of(reference) or self._customs.get((group, reference["kind"]))

    def _follow(self, resource: Resource, store: Informer) -> None:
        def changed(before: Object | None, after: Object | None) -> None:
            if after is None:
                self._gone(before or {})
            elif is_terminating(after) and _is_only_counted(before, after):
                return
            elif is_terminating(after) or owners_of(after):
                self.queue.add(_key(resource, key_of(after)))

        store.on_change(changed)

    def _gone(self, obj: Object) -> None:
        for dependent_resource, dependent in self._dependents(uid_of(obj)):
            self.queue.add(_key(dependent_resource, key_of(dependent)))
        for reference in owners_of(obj):
            resource = self._resource_of(reference)
            if resource is not None:
                namespace = namespace_of(obj) if resource.namespaced else ""
                self.queue.add_after(_key(resource, join_key(namespace, reference["name"])), LAST_COUNT_SECONDS)

    def _dependents(self, uid: str) -> list[tuple[Resource, Object]]:
        return [(self._resources[name], obj) for name, store in self._stores.items() for obj in store.by_owner(uid)]

    async def reconcile(self, key: str) -> None:
        kind, _, rest = key.partition(":")
        resource = self._resources.get(kind)
        obj = self._stores[kind].get(*split_key(rest)) if resource is not None else None
        if resource is None or obj is None:
            return
        if is_terminating(obj):
            if ORPHAN in finalizers_of(obj):
                await self._set_free(resource, obj)
            elif FOREGROUND in finalizers_of(obj):
                await self._delete_dependents_first(resource, obj)
        elif owners_of(obj):
            await self._check_owners(resource, obj)

    async def _delete_dependents_first(self, resource: Resource, owner: Object) -> None:
        blocking = [(kind, obj) for kind, obj in self._dependents(uid_of(owner)) if blocks(obj, uid=uid_of(owner))]
        if not blocking:
            await self._drop_finalizer(resource, owner, FOREGROUND)
        for kind, dependent in blocking:
            if not is_terminating(dependent):
                self.queue.add(_key(kind, key_of(dependent)))

    async def _set_free(self, resource: Resource, owner: Object) -> None:
        for kind, dependent in self._dependents(uid_of(owner)):
            await self._write_owners(kind, dependent, without_owners(dependent, {uid_of(owner)}))
        await self._drop_finalizer(resource, owner, ORPHAN)

    async def _check_owners(self, resource: Resource, obj: Object) -> None:
        owners = await self._classify(obj)
        lost = {reference["uid"] for reference in [*owners.waiting, *owners.dangling]}
        if not lost:
            return
        if owners.solid:
            await self._write_owners(resource, obj, without_owners(obj, lost))
            return
        foreground = bool(owners.waiting) and bool(self._dependents(uid_of(obj)))
        await self._delete(resource, obj, policy="Foreground" if foreground else _own_policy(obj))

    async def _classify(self, obj: Object) -> Owners:
        owners = Owners()
        for reference in owners_of(obj):
            resource = self._resource_of(reference)
            if resource is None:
                owners.solid.append(reference)  # nothing is known about it, so nothing may be concluded
                continue
            namespace = namespace_of(obj) if resource.namespaced else ""
            owner = await self._find(resource, namespace, reference)
            getattr(owners, state_of(reference, owner)).append(reference)
        return owners

    async def _find(self, resource: Resource, namespace: str, reference: dict[str, Any]) -> Object | None:
        """From the store; from the API itself before anything is called lost."""
        store = self._stores.get(resource.group_resource)
        owner = store.get(namespace, reference["name"]) if store is not None else None
        if owner is not None and uid_of(owner) == reference["uid"]:
            return owner
        try:
            return await self.client.get(resource, reference["name"], namespace=namespace)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    async def _delete(self, resource: Resource, obj: Object, *, policy: PropagationPolicy) -> None:
        try:
            await self.client.delete(
                resource, name_of(obj), namespace=namespace_of(obj), uid=uid_of(obj), propagation_policy=policy
            )
        except ApiError as error:
            if error.code not in (404, 409):  # gone, or another object under the same name
                raise

    async def _write_owners(self, resource: Resource, obj: Object, owners: list[dict[str, Any]]) -> None:
        await self._patch(resource, obj, {"ownerReferences": owners or None})

    async def _drop_finalizer(self, resource: Resource, obj: Object, finalizer: str) -> None:
        kept = [one for one in finalizers_of(obj) if one != finalizer]
        await self._patch(resource, obj, {"finalizers": kept or None})

    async def _patch(self, resource: Resource, obj: Object, metadata: dict[str, Any]) -> None:
        """Only on this very version: a list is replaced whole, and must not undo what somebody has just added."""
        metadata = {"uid": uid_of(obj), "resourceVersion": obj["metadata"]["resourceVersion"], **metadata}
        try:
            await self.client.patch(
                resource, name_of(obj), {"metadata": metadata},
                patch_type="application/merge-patch+json", namespace=namespace_of(obj),
            )  # fmt: skip
        except ApiError as error:
            if error.code != 404:
                raise


def _is_only_counted(before: Object | None, after: Object) -> bool:
    """Whether a foreground deletion goes on as it was; its dependents' own changes tell when it may end."""
    held = FOREGROUND in finalizers_of(after)
    return held and before is not None and is_terminating(before) and finalizers_of(before) == finalizers_of(after)


def _own_policy(obj: Object) -> PropagationPolicy:
    """What somebody has already asked for this object, else the background."""
    if ORPHAN in finalizers_of(obj):
        return "Orphan"
    return "Foreground" if FOREGROUND in finalizers_of(obj) else "Background"


def _key(resource: Resource, key: str) -> str:
    return f"{resource.group_resource}:{key}"
