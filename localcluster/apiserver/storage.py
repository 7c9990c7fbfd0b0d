"""Objects in memory, one increasing revision, and the recent changes of each resource.

Every method runs without an await, so a read and the start of a watch can be one step. With a journal a write is on
disk before anybody sees it. Must not know HTTP, selectors or what a field means: it keeps versions and tells what
changed.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import orjson

from localcluster.apiserver.journal import Journal
from localcluster.client import Object
from localcluster.resources import Resource

Key = tuple[str, str]
ChangeType = Literal["ADDED", "MODIFIED", "DELETED"]

FIRST_REVISION = 1000
"""Where numbering starts: versions known from an earlier life of the cluster are then out of the window."""

WINDOW = 4096
"""Changes kept a resource; older versions answer 410 and the client lists again."""


class Version:
    """One state of one object, encoded at most once. Nobody may change `object`."""

    __slots__ = ("_encoded", "object", "revision")

    def __init__(self, body: Object, *, revision: int) -> None:
        self.object = body
        self.revision = revision
        self._encoded: bytes | None = None

    @property
    def encoded(self) -> bytes:
        if self._encoded is None:
            self._encoded = orjson.dumps(self.object)
        return self._encoded

    def copy(self) -> Object:
        """A copy the caller may change."""
        fresh: Object = orjson.loads(self.encoded)
        return fresh


class Change:
    """One write. `previous` is None for ADDED; for DELETED `current` is the last state at the new revision."""

    __slots__ = ("_departed", "current", "previous", "type")

    def __init__(self, kind: ChangeType, *, current: Version, previous: Version | None) -> None:
        self.type = kind
        self.current = current
        self.previous = previous
        self._departed: Version | None = None

    @property
    def revision(self) -> int:
        return self.current.revision

    @property
    def departed(self) -> Version:
        """The previous state at this change's revision: what a watch shows of an object that left its selector."""
        if self.type == "DELETED" or self.previous is None:
            return self.current
        if self._departed is None:
            self._departed = _at_revision(self.previous.object, self.revision)
        return self._departed


@dataclass(slots=True)
class _Shelf:
    """Everything of one resource."""

    floor: int
    versions: dict[Key, Version] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    waiters: set[asyncio.Event] = field(default_factory=set)


class TooOld(Exception):
    """The revision has left the window; `oldest` is the first that has not."""

    def __init__(self, oldest: int) -> None:
        super().__init__(f"revisions before {oldest} are gone")
        self.oldest = oldest


class Storage:
    """All objects of the cluster: those of the journal at first, with a window of changes that begins there."""

    def __init__(
        self, *, window: int = WINDOW, first_revision: int = FIRST_REVISION, journal: Journal | None = None
    ) -> None:
        self._journal = journal
        self._first = self._revision = max(first_revision, journal.revision() if journal else 0)
        self._window = window
        self._shelves: dict[str, _Shelf] = {}
        for name, key, revision, body in journal.load() if journal else ():
            self._shelf_of(name).versions[key] = Version(body, revision=revision)

    @property
    def revision(self) -> int:
        """The revision of the last write."""
        return self._revision

    def get(self, resource: Resource, key: Key) -> Version | None:
        return self._shelf(resource).versions.get(key)

    def put(self, resource: Resource, key: Key, body: Object) -> Version:
        """Store `body` (from now on shared) under the next revision, written into its metadata."""
        shelf = self._shelf(resource)
        previous = shelf.versions.get(key)
        version = _at_revision(body, self._revision + 1)
        if self._journal is not None:
            self._journal.put(resource, key, revision=version.revision, body=version.encoded)
        self._revision = version.revision
        shelf.versions[key] = version
        self._record(shelf, Change("MODIFIED" if previous else "ADDED", current=version, previous=previous))
        return version

    def remove(self, resource: Resource, key: Key, *, last: Object | None = None) -> Version:
        """Take the object away; `last` replaces its final state in the DELETED event."""
        shelf = self._shelf(resource)
        previous = shelf.versions[key]
        final = _at_revision(last or previous.object, self._revision + 1)
        if self._journal is not None:
            self._journal.remove(resource, key, revision=final.revision)
        self._revision = final.revision
        del shelf.versions[key]
        self._record(shelf, Change("DELETED", current=final, previous=previous))
        return final

    def all(self, resource: Resource, *, namespace: str = "") -> list[Version]:
        """Every object now, in the order of `namespace/name`."""
        return _ordered(self._shelf(resource).versions, namespace)

    def at(self, resource: Resource, revision: int, *, namespace: str = "") -> list[Version]:
        """Every object as it was at `revision`: the present with the later changes undone."""
        shelf = self._shelf(resource)
        later = self.since(resource, revision)
        if not later:
            return _ordered(shelf.versions, namespace)
        past = dict(shelf.versions)
        for change in reversed(later):
            key = _key(change.current.object)
            if change.previous is None:
                past.pop(key, None)
            else:
                past[key] = change.previous
        return _ordered(past, namespace)

    def since(self, resource: Resource, revision: int) -> list[Change]:
        """The changes after `revision`, oldest first. Raises TooOld outside the window."""
        shelf = self._shelf(resource)
        if revision < shelf.floor:
            raise TooOld(shelf.floor)
        return shelf.changes[bisect_right(shelf.changes, revision, key=_revision_of) :]

    def changed_at(self, resource: Resource) -> int:
        """The revision of the resource's last change, as far as this process knows."""
        shelf = self._shelf(resource)
        return shelf.changes[-1].revision if shelf.changes else shelf.floor

    @contextmanager
    def waking(self, *resources: Resource) -> Iterator[asyncio.Event]:
        """An event set at every change of any of the resources, for as long as the context is open."""
        event = asyncio.Event()
        shelves = [self._shelf(resource) for resource in resources]
        for shelf in shelves:
            shelf.waiters.add(event)
        try:
            yield event
        finally:
            for shelf in shelves:
                shelf.waiters.discard(event)

    def _record(self, shelf: _Shelf, change: Change) -> None:
        shelf.changes.append(change)
        if len(shelf.changes) > 2 * self._window:  # cut in bulk, so that a write costs the same on average
            dropped = shelf.changes[: -self._window]
            shelf.floor = dropped[-1].revision
            del shelf.changes[: -self._window]
        for event in shelf.waiters:
            event.set()

    def _shelf(self, resource: Resource) -> _Shelf:
        return self._shelf_of(resource.group_resource)

    def _shelf_of(self, name: str) -> _Shelf:
        shelf = self._shelves.get(name)
        if shelf is None:
            shelf = self._shelves[name] = _Shelf(floor=self._first)
        return shelf


def _at_revision(body: Object, revision: int) -> Version:
    metadata = {**body["metadata"], "resourceVersion": str(revision)}
    return Version({**body, "metadata": metadata}, revision=revision)


def _revision_of(change: Change) -> int:
    return change.revision


def _key(body: Object) -> Key:
    metadata = body["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _ordered(versions: dict[Key, Version], namespace: str) -> list[Version]:
    keys = [key for key in versions if key[0] == namespace] if namespace else list(versions)
    keys.sort(key="/".join)  # as etcd orders its keys, which continue tokens rely on
    return [versions[key] for key in keys]
