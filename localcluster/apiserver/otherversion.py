"""A registry seen through another version of one resource: what goes in and out is converted, nothing is stored twice.

Offers what the verbs need of a registry. Conversions are pure functions given from outside.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from localcluster.apiserver import autoscalingv1, eventsv1
from localcluster.apiserver import metadata as meta
from localcluster.apiserver.custom.serving import ServedWatch
from localcluster.apiserver.listing import ListOptions, Page
from localcluster.apiserver.options import DeleteOptions, WriteOptions
from localcluster.apiserver.registry import APPLY, Deleted, Registry
from localcluster.apiserver.selection import Selection
from localcluster.apiserver.storage import Storage, Version
from localcluster.apiserver.subresources import Subresources
from localcluster.apiserver.watching import Seen, Watch, WatchOptions
from localcluster.client import Object, PatchType
from localcluster.resources import (
    EVENTS,
    EVENTS_V1,
    HORIZONTAL_POD_AUTOSCALERS,
    HORIZONTAL_POD_AUTOSCALERS_V1,
    Resource,
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """`served` is the version of the path, `stored` the one that is kept."""

    served: Resource
    stored: Resource
    show: Callable[[Object], Object]
    read: Callable[[Object], Object]

    def version(self, version: Version) -> Version:
        return Version(self.show(version.object), revision=version.revision)


CONVERSIONS = (
    Conversion(EVENTS_V1, EVENTS, eventsv1.shown, eventsv1.read),
    Conversion(HORIZONTAL_POD_AUTOSCALERS_V1, HORIZONTAL_POD_AUTOSCALERS, autoscalingv1.shown, autoscalingv1.read),
)


@dataclass(frozen=True, slots=True)
class ConvertedWatch:
    """A watch whose objects are shown in the other version."""

    watch: Watch | ServedWatch
    conversion: Conversion

    async def events(self) -> AsyncGenerator[Seen, None]:
        async with aclosing(self.watch.events()) as events:
            async for seen in events:
                version = seen.version
                yield seen if version is None else replace(seen, version=self.conversion.version(version))


class OtherVersion:
    """The part of a registry that `Verbs` uses, for the one served resource."""

    def __init__(self, registry: Registry, conversion: Conversion) -> None:
        self._registry = registry
        self._conversion = conversion
        self._stored = conversion.stored

    @property
    def storage(self) -> Storage:
        return self._registry.storage

    @property
    def subresources(self) -> Subresources:
        return self._registry.subresources

    def now(self) -> datetime:
        return self._registry.now()

    def get(self, _: Resource, name: str, *, namespace: str = "") -> Version:
        return self._conversion.version(self._registry.get(self._stored, name, namespace=namespace))

    def list(self, _: Resource, *, namespace: str = "", options: ListOptions) -> Page:
        page = self._registry.list(self._stored, namespace=namespace, options=options)
        return replace(page, versions=self._shown(page.versions))

    def watch(self, _: Resource, *, namespace: str = "", options: WatchOptions) -> ConvertedWatch:
        return ConvertedWatch(
            self._registry.watch(self._stored, namespace=namespace, options=options), self._conversion
        )

    async def create(self, resource: Resource, body: Object, *, namespace: str = "", options: WriteOptions) -> Object:
        sent = self._conversion.read(meta.check_kind(resource, body))
        created = await self._registry.create(self._stored, sent, namespace=namespace, options=options)
        return self._conversion.show(created)

    async def update(
        self, resource: Resource, name: str, body: Object, *, namespace: str = "", subresource: str = "",
        options: WriteOptions,
    ) -> Object:  # fmt: skip
        sent = self._conversion.read(meta.check_kind(resource, body))
        updated = await self._registry.update(
            self._stored, name, sent, namespace=namespace, subresource=subresource, options=options
        )
        return self._conversion.show(updated)

    async def patch(
        self, resource: Resource, name: str, patch: Any, *, patch_type: PatchType, namespace: str = "",
        subresource: str = "", options: WriteOptions,
    ) -> tuple[Object, bool]:  # fmt: skip
        """A patch is computed on what the client sees; an apply is one of the converted fields."""
        if patch_type == APPLY:
            sent = self._conversion.read(meta.check_kind(resource, patch))
            patched, created = await self._registry.patch(
                self._stored, name, sent, patch_type=patch_type, namespace=namespace, subresource=subresource,
                options=options,
            )  # fmt: skip
            return self._conversion.show(patched), created
        before = self.get(resource, name, namespace=namespace).object
        after = self._registry.patched(resource, before, patch, patch_type=patch_type)
        updated = await self.update(
            resource, name, after, namespace=namespace, subresource=subresource, options=options
        )
        return updated, False

    async def delete(self, _: Resource, name: str, *, namespace: str = "", options: DeleteOptions) -> Deleted:
        deleted = await self._registry.delete(self._stored, name, namespace=namespace, options=options)
        return replace(deleted, body=self._conversion.show(deleted.body))

    async def delete_collection(
        self, _: Resource, *, namespace: str = "", selection: Selection, options: DeleteOptions
    ) -> Sequence[Version]:
        return self._shown(
            await self._registry.delete_collection(
                self._stored, namespace=namespace, selection=selection, options=options
            )
        )

    def _shown(self, versions: Sequence[Version]) -> Sequence[Version]:
        return [self._conversion.version(version) for version in versions]
