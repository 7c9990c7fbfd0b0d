"""Watches: from a revision on, every change that matters to a selection, with bookmarks.

A watch is a cursor over the shared history, so it has no queue and no copies; one that falls out of the window
ends with an ERROR. Reads storage only; must not encode or know HTTP.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass

from localcluster.apiserver.listing import parse_revision
from localcluster.apiserver.selection import Selection
from localcluster.apiserver.storage import Change, Storage, TooOld, Version
from localcluster.client import EventType
from localcluster.errors import ApiError, expired, invalid
from localcluster.resources import Resource

BOOKMARK_EVERY_S = 60.0
BOOKMARK_BEFORE_END_S = 2.0
"""A last bookmark is sent this long before the deadline, as Kubernetes' watch cache does."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """`metav1.ListOptions` of a watch. `timeout_s` None means without end."""

    selection: Selection
    resource_version: str = ""
    resource_version_match: str = ""
    bookmarks: bool = False
    initial_events: bool | None = None
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing a watch yields: an object, a bookmark (`revision`, `initial_end`) or the error that ends it."""

    type: EventType
    version: Version | None = None
    revision: int = 0
    initial_end: bool = False
    error: ApiError | None = None


class Watch:
    """One running watch. Made without an await after its options are checked, so nothing is missed or doubled."""

    def __init__(
        self, storage: Storage, resource: Resource, *, namespace: str, options: WatchOptions,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        _check(options)
        self._storage = storage
        self._resource = resource
        self._namespace = namespace
        self._options = options
        self._monotonic = monotonic
        self._opened = monotonic()
        self._cursor = parse_revision(options.resource_version, current=storage.revision)
        self._initial: list[Version] = []
        if self._wants_state:
            self._cursor = storage.revision
            self._initial = storage.all(resource, namespace=namespace)

    async def events(self) -> AsyncGenerator[Seen, None]:
        """Events until the timeout, an error, or the caller closes."""
        for version in self._initial:
            if self._options.selection.matches(version.object):
                yield Seen("ADDED", version)
        self._initial = []
        if self._options.initial_events and self._options.bookmarks:
            yield Seen("BOOKMARK", revision=self._cursor, initial_end=True)
        next_bookmark = self._opened + BOOKMARK_EVERY_S
        with self._storage.waking(self._resource) as woken:
            while True:
                woken.clear()
                for seen in self._news():
                    yield seen
                    if seen.error is not None:
                        return
                if woken.is_set() or await self._wait(woken, until=next_bookmark):
                    continue  # the yields above may have let more in
                if self._over():
                    return
                next_bookmark = self._monotonic() + BOOKMARK_EVERY_S
                if self._options.bookmarks and not woken.is_set():
                    yield Seen("BOOKMARK", revision=self._storage.revision)

    def _news(self) -> Iterator[Seen]:
        """What happened since the last look."""
        try:
            changes = self._storage.since(self._resource, self._cursor)
        except TooOld as error:
            yield Seen("ERROR", error=expired(f"too old resource version: {self._cursor} ({error.oldest})"))
            return
        for change in changes:
            self._cursor = change.revision
            seen = self._seen(change)
            if seen is not None:
                yield seen

    @property
    def _wants_state(self) -> bool:
        """Whether the watch starts with what exists, rather than with changes after a revision."""
        if self._options.initial_events is not None:
            return self._options.initial_events
        return self._options.resource_version in ("", "0")

    def _seen(self, change: Change) -> Seen | None:
        if self._namespace and change.current.object["metadata"].get("namespace", "") != self._namespace:
            return None
        matches = self._options.selection.matches
        before = change.previous is not None and matches(change.previous.object)
        after = change.type != "DELETED" and matches(change.current.object)
        if after:
            return Seen("MODIFIED" if before else "ADDED", change.current)
        return Seen("DELETED", change.departed) if before else None

    async def _wait(self, woken: asyncio.Event, *, until: float) -> bool:
        """Whether a change came before `until` or the deadline."""
        now = self._monotonic()
        try:
            async with asyncio.timeout(max(0.0, min((until, *self._moments(now))) - now)):
                await woken.wait()
        except TimeoutError:
            return False
        return True

    def _moments(self, now: float) -> Iterator[float]:
        if self._options.timeout_s is not None:
            end = self._opened + self._options.timeout_s
            yield end
            if now < end - BOOKMARK_BEFORE_END_S and self._options.timeout_s > BOOKMARK_BEFORE_END_S:
                yield end - BOOKMARK_BEFORE_END_S

    def _over(self) -> bool:
        timeout = self._options.timeout_s
        return timeout is not None and self._monotonic() >= self._opened + timeout


def _check(options: WatchOptions) -> None:
    if options.initial_events is None:
        if options.resource_version_match:
            raise _forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
    elif options.resource_version_match != "NotOlderThan":
        raise _forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")


def _forbidden(message: str) -> ApiError:
    cause = {"reason": "FieldValueForbidden", "message": f"Forbidden: {message}", "field": "resourceVersionMatch"}
    return invalid(kind="ListOptions", group="meta.k8s.io", name="", causes=[cause])
