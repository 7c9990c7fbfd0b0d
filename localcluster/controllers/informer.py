"""Shared informers: one list and one watch a resource, kept as an indexed store all controllers read.

Objects handed out are shared and must not be changed. Must not know what any controller does with them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from localcluster.client import Client, Object, ObjectList, WatchEvent
from localcluster.controllers.clock import Clock
from localcluster.controllers.meta import join_key, key_of, labels_of, owners_of, uid_of
from localcluster.errors import ApiError
from localcluster.resources import Resource

logger = logging.getLogger(__name__)

Objects = list[Object]
OnChange = Callable[[Object | None, Object | None], None]
"""Called with (before, after): before is None for a new object, after is None for a removed one."""

RETRY_SECONDS = 1.0
"""Between two lists when the API refuses: the API is in this process, so trouble is rare and short."""


class LabelMatcher(Protocol):
    """As much of a label selector as listing needs."""

    def matches(self, labels: dict[str, str], /) -> bool: ...


class Informer:
    """The objects of one resource as last seen, in step with the API a moment later."""

    def __init__(self, client: Client, resource: Resource, clock: Clock) -> None:
        self.resource = resource
        self._client = client
        self._clock = clock
        self._objects: dict[str, Object] = {}
        self._by_owner: dict[str, set[str]] = {}
        self._by_namespace: dict[str, set[str]] = {}
        self._callbacks: list[OnChange] = []
        self._changed = asyncio.Event()
        self._has_synced = asyncio.Event()
        self._version = 0

    # --- reading -----------------------------------------------------------------------------------------------

    def get(self, namespace: str, name: str) -> Object | None:
        return self._objects.get(join_key(namespace, name))

    def list(self, namespace: str = "", selector: LabelMatcher | None = None) -> Objects:
        """In order of keys, so that decisions do not depend on the order of arrival."""
        keys = self._by_namespace.get(namespace, set()) if namespace else self._objects.keys()
        found = [self._objects[key] for key in sorted(keys)]
        return found if selector is None else [obj for obj in found if selector.matches(labels_of(obj))]

    def by_owner(self, uid: str) -> Objects:
        """Objects with an owner reference to `uid`, controlling or not."""
        return [self._objects[key] for key in sorted(self._by_owner.get(uid, ()))]

    def on_change(self, callback: OnChange) -> None:
        """Call back on every change from now on, and for each object already here."""
        self._callbacks.append(callback)
        for obj in tuple(self._objects.values()):
            callback(None, obj)

    @property
    def has_synced(self) -> bool:
        return self._has_synced.is_set()

    async def synced(self) -> None:
        """Return once the first list is in."""
        await self._has_synced.wait()

    async def reached(self, resource_version: str) -> None:
        """Return once this store shows everything up to `resource_version` (versions of one API compare as numbers)."""
        await self.until(lambda: self._version >= int(resource_version or 0))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once `condition`, asked after every change, holds."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    # --- following the API -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """List, watch, and list again whenever the watch ends or has expired. Never returns by itself."""
        while True:
            try:
                await self._list_and_watch()
                await asyncio.sleep(0)  # a watch that ends at once, again and again, must not hold up the event loop
            except ApiError as error:
                logger.info("Listing %s again: %s", self.resource.plural, error.message)
                if error.code != 410:
                    await self._clock.sleep(RETRY_SECONDS)
            except Exception:  # outermost loop: controllers must not lose their eyes to one bad object
                logger.exception("The informer of %s failed; listing again", self.resource.plural)
                await self._clock.sleep(RETRY_SECONDS)

    async def _list_and_watch(self) -> None:
        listed = await self._client.list(self.resource)
        self._replace(listed)
        self._has_synced.set()
        async for event in self._client.watch(self.resource, resource_version=listed.resource_version):
            self._take(event)

    def _replace(self, listed: ObjectList) -> None:
        """Also finds what vanished while nobody watched."""
        present = {key_of(obj): obj for obj in listed.items}
        for key in [key for key in self._objects if key not in present]:
            self._apply(self._objects[key], removed=True)
        for obj in present.values():
            self._apply(obj)
        self._see(listed.resource_version)

    def _take(self, event: WatchEvent) -> None:
        if event.type == "ERROR":
            status = event.object
            raise ApiError(status.get("code", 500), status.get("reason", ""), status.get("message", "the watch failed"))
        if event.type != "BOOKMARK":
            self._apply(event.object, removed=event.type == "DELETED")
        self._see(event.object["metadata"]["resourceVersion"])

    def _see(self, resource_version: str) -> None:
        self._version = max(self._version, int(resource_version or 0))
        self._changed.set()

    def _apply(self, obj: Object, *, removed: bool = False) -> None:
        key = key_of(obj)
        before = self._objects.pop(key, None)
        if before is not None:
            self._index(before, key, add=False)
        if before is not None and uid_of(before) != uid_of(obj):
            self._tell(before, None)  # replaced under the same name while nobody watched
            before = None
        if removed:
            self._tell(before or obj, None)
            return
        self._objects[key] = obj
        self._index(obj, key, add=True)
        if before is None or before["metadata"].get("resourceVersion") != obj["metadata"].get("resourceVersion"):
            self._tell(before, obj)

    def _index(self, obj: Object, key: str, *, add: bool) -> None:
        places = [self._by_owner.setdefault(owner["uid"], set()) for owner in owners_of(obj)]
        places.append(self._by_namespace.setdefault(obj["metadata"].get("namespace", ""), set()))
        for place in places:
            (place.add if add else place.discard)(key)
        if not add:
            for owner in owners_of(obj):
                if not self._by_owner.get(owner["uid"], True):
                    del self._by_owner[owner["uid"]]

    def _tell(self, before: Object | None, after: Object | None) -> None:
        for callback in self._callbacks:
            callback(before, after)


class Informers:
    """Hands out the one shared informer of a resource, whichever its version, and runs those that were asked for."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._informers: dict[str, Informer] = {}
        self._running: asyncio.TaskGroup | None = None

    def of(self, resource: Resource) -> Informer:
        name = resource.group_resource
        if name not in self._informers:
            informer = self._informers[name] = Informer(self._client, resource, self._clock)
            self._start(informer)
        return self._informers[name]

    def knows(self, resource: Resource) -> bool:
        """Whether somebody has asked for this resource's informer."""
        return resource.group_resource in self._informers

    async def run(self) -> None:
        """Run every informer asked for so far, and those asked for later. Ends only by cancellation."""
        async with asyncio.TaskGroup() as tasks:
            self._running = tasks
            for informer in self._informers.values():
                self._start(informer)
            if not self._informers:  # none to keep the group open for those to come
                await asyncio.Event().wait()

    def _start(self, informer: Informer) -> None:
        if self._running is not None:
            self._running.create_task(informer.run(), name=f"informer {informer.resource.plural}")

    async def synced(self) -> None:
        for informer in list(self._informers.values()):
            await informer.synced()
