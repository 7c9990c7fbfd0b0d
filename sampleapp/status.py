"""What the page's head shows, asked at most once a second however many requests come. No HTTP, no driver."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sampleapp.database import Member, Unavailable

KEPT_S = 1.0


class Source(Protocol):
    """The little that the status needs of the guestbook."""

    def count(self) -> int: ...

    def members(self) -> list[Member]: ...


@dataclass(frozen=True, kw_only=True)
class Status:
    """Entries and members. `entries` and `primary` are None when they are not known, never 0 or empty."""

    entries: int | None
    members: tuple[Member, ...]

    @property
    def primary(self) -> str | None:
        """Name of the current primary."""
        return next((member.name for member in self.members if member.role == "primary"), None)


class StatusBoard:
    """The last status, renewed by whoever finds it too old. Safe to share between threads."""

    def __init__(self, source: Source, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._renewing = threading.Lock()
        self._status: Status | None = None
        self._asked_at = 0.0

    def current(self) -> Status:
        """The status, at most a second old; while one thread asks, the others are given the one before."""
        status = self._status
        if status is not None and self._clock() - self._asked_at < KEPT_S:
            return status
        if not self._renewing.acquire(blocking=status is None):
            return status or self._status or Status(entries=None, members=())
        try:
            return self._renew()
        finally:
            self._renewing.release()

    def forget(self) -> None:
        """Ask again next time: this process has just added an entry."""
        self._asked_at = self._clock() - KEPT_S

    def _renew(self) -> Status:
        if self._status is not None and self._clock() - self._asked_at < KEPT_S:
            return self._status  # another thread was faster
        try:
            entries = self._source.count()
        except Unavailable:
            entries = None
        self._status = Status(entries=entries, members=tuple(self._source.members()))
        self._asked_at = self._clock()
        return self._status
