"""A client whose writes are seen by the informers before they return.

So a controller that runs again right after a write never decides on a store that lacks it; Kubernetes keeps
"expectations" for the same end. Must not change what is written or answered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, Protocol, cast

from localcluster.client import Client, Object, ObjectList, PatchType, PropagationPolicy, WatchEvent
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import is_terminating, uid_of
from localcluster.resources import PODS, Resource

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""The store is normally behind by one turn of the event loop. If a relist is under way, waiting longer helps nobody:
the reconcile goes on and its own conflicts bring it back."""


class _Binder(Protocol):
    async def bind(self, name: str, *, namespace: str, node: str) -> None: ...


class FreshClient:
    """`client`, waiting after every write until `informers` show it, where there is an informer of that resource."""

    def __init__(self, client: Client, informers: Informers) -> None:
        self._client = client
        self._informers = informers

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Object:
        return await self._client.get(resource, name, namespace=namespace)

    async def list(
        self, resource: Resource, *, namespace: str = "", label_selector: str = "", field_selector: str = ""
    ) -> ObjectList:
        return await self._client.list(
            resource, namespace=namespace, label_selector=label_selector, field_selector=field_selector
        )

    async def create(self, resource: Resource, body: Object, *, namespace: str = "") -> Object:
        created = await self._client.create(resource, body, namespace=namespace)
        await self._seen(resource, created)
        return created

    async def update(self, resource: Resource, body: Object, *, subresource: str = "") -> Object:
        updated = await self._client.update(resource, body, subresource=subresource)
        await self._seen(resource, updated)
        return updated

    async def patch(
        self, resource: Resource, name: str, body: Any, *, patch_type: PatchType, namespace: str = "",
        subresource: str = "", field_manager: str = "", force: bool = False,
    ) -> Object:  # fmt: skip
        patched = await self._client.patch(
            resource, name, body, patch_type=patch_type, namespace=namespace, subresource=subresource,
            field_manager=field_manager, force=force,
        )  # fmt: skip
        await self._seen(resource, patched)
        return patched

    async def delete(
        self, resource: Resource, name: str, *, namespace: str = "", uid: str = "",
        grace_period_seconds: int | None = None, propagation_policy: PropagationPolicy | None = None,
    ) -> Object:  # fmt: skip
        answer = await self._client.delete(
            resource, name, namespace=namespace, uid=uid, grace_period_seconds=grace_period_seconds,
            propagation_policy=propagation_policy,
        )  # fmt: skip
        await self._removed(resource, name, namespace=namespace, uid=uid)
        return answer

    async def bind(self, name: str, *, namespace: str, node: str) -> None:
        """POST of pods/binding, for the scheduler."""
        await cast(_Binder, self._client).bind(name, namespace=namespace, node=node)
        if not self._informers.knows(PODS):
            return
        pods = self._informers.of(PODS)

        def seen() -> bool:
            pod = pods.get(namespace, name)
            return pod is None or bool(pod["spec"].get("nodeName"))

        await self._wait(pods.until(seen), PODS)

    def watch(
        self, resource: Resource, *, namespace: str = "", resource_version: str = ""
    ) -> AsyncIterator[WatchEvent]:
        return self._client.watch(resource, namespace=namespace, resource_version=resource_version)

    async def get_raw(self, path: str) -> Any:
        return await self._client.get_raw(path)

    async def _seen(self, resource: Resource, obj: Object) -> None:
        version = obj.get("metadata", {}).get("resourceVersion", "")
        if not version or not self._informers.knows(resource):
            return  # a Status or a Binding, or nobody reads this resource from a store
        informer = self._informers.of(resource)
        if informer.has_synced:
            await self._wait(informer.reached(version), resource)

    async def _removed(self, resource: Resource, name: str, *, namespace: str, uid: str) -> None:
        """Until the object is gone, on its way out, or another one: a delete may answer with no version to wait for."""
        if not self._informers.knows(resource):
            return
        informer = self._informers.of(resource)

        def seen() -> bool:
            obj = informer.get(namespace, name)
            return obj is None or is_terminating(obj) or (uid != "" and uid_of(obj) != uid)

        await self._wait(informer.until(seen), resource)

    async def _wait(self, waiting: Any, resource: Resource) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await waiting
        except TimeoutError:
            logger.warning("The informer of %s is more than %g s behind", resource.plural, PATIENCE_SECONDS)
