"""The in-process client: the registry's verbs as `localcluster.client.Client`, for controllers and the node agent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from localcluster.apiserver.http.status import status_of
from localcluster.apiserver.listing import ListOptions
from localcluster.apiserver.options import DeleteOptions, WriteOptions
from localcluster.apiserver.selection import EVERYTHING, select
from localcluster.apiserver.watching import Seen, WatchOptions
from localcluster.apiserver.writing import fresh
from localcluster.client import Object, ObjectList, PatchType, PropagationPolicy, WatchEvent
from localcluster.errors import ApiError
from localcluster.resources import NAMESPACES, Resource

if TYPE_CHECKING:
    from localcluster.apiserver.registry import Registry


class LocalClient:
    """The API as `user` sees it."""

    def __init__(self, registry: Registry, user: str) -> None:
        self._registry = registry
        self._manager = _manager_of(user)

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Object:
        return self._registry.get(resource, name, namespace=namespace).copy()

    async def list(
        self, resource: Resource, *, namespace: str = "", label_selector: str = "", field_selector: str = ""
    ) -> ObjectList:
        options = ListOptions(select(resource, labels=label_selector, fields=field_selector))
        page = self._registry.list(resource, namespace=namespace, options=options)
        return ObjectList([version.copy() for version in page.versions], str(page.revision))

    async def create(self, resource: Resource, body: Object, *, namespace: str = "") -> Object:
        own = namespace or str(body["metadata"].get("namespace", ""))
        return fresh(await self._registry.create(resource, body, namespace=own, options=self._options()))

    async def update(self, resource: Resource, body: Object, *, subresource: str = "") -> Object:
        name, namespace = body["metadata"]["name"], str(body["metadata"].get("namespace", ""))
        options = self._options()
        if subresource == "finalize" and resource is NAMESPACES:
            return fresh(await self._registry.subresources.finalize(name, body, options=options))
        if subresource == "scale":
            scaling = self._registry.subresources
            return await scaling.update_scale(resource, name, body, namespace=namespace, options=options)
        updated = await self._registry.update(
            resource, name, body, namespace=namespace, subresource=subresource, options=options
        )
        return fresh(updated)

    async def patch(
        self, resource: Resource, name: str, body: Any, *, patch_type: PatchType, namespace: str = "",
        subresource: str = "", field_manager: str = "", force: bool = False,
    ) -> Object:  # fmt: skip
        options = WriteOptions(field_manager or self._manager, force=force)
        if subresource == "scale":
            return await self._registry.subresources.patch_scale(
                resource, name, body, patch_type=patch_type, namespace=namespace, options=options
            )
        patched, _ = await self._registry.patch(
            resource, name, body, patch_type=patch_type, namespace=namespace, subresource=subresource, options=options
        )
        return fresh(patched)

    async def delete(
        self, resource: Resource, name: str, *, namespace: str = "", uid: str = "",
        grace_period_seconds: int | None = None, propagation_policy: PropagationPolicy | None = None,
    ) -> Object:  # fmt: skip
        options = DeleteOptions(grace_period_seconds, propagation_policy, uid)
        deleted = await self._registry.delete(resource, name, namespace=namespace, options=options)
        return fresh(deleted.body)

    async def watch(
        self, resource: Resource, *, namespace: str = "", resource_version: str = ""
    ) -> AsyncIterator[WatchEvent]:
        options = WatchOptions(EVERYTHING, resource_version=resource_version)
        async for seen in self._registry.watch(resource, namespace=namespace, options=options).events():
            yield _event(resource, seen)

    async def get_raw(self, path: str) -> Any:
        if self._registry.raw_getter is None:
            raise ApiError(404, "NotFound", "the server could not find the requested resource", {})
        return await self._registry.raw_getter(path)

    async def bind(self, name: str, *, namespace: str, node: str) -> None:
        """POST of pods/binding."""
        binding = {"target": {"kind": "Node", "name": node}}
        await self._registry.subresources.bind(name, binding, namespace=namespace, options=self._options())

    def _options(self) -> WriteOptions:
        return WriteOptions(self._manager)


def _event(resource: Resource, seen: Seen) -> WatchEvent:
    if seen.error is not None:
        return WatchEvent("ERROR", status_of(seen.error))
    if seen.version is not None:
        return WatchEvent(seen.type, seen.version.object)
    metadata = {"resourceVersion": str(seen.revision)}
    return WatchEvent("BOOKMARK", {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata})


def _manager_of(user: str) -> str:
    if user == "system:kube-scheduler":
        return "kube-scheduler"
    return "kubelet" if user.startswith("system:node:") else "kube-controller-manager"
