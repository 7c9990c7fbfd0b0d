"""A queue of keys for the workers of one controller.

A key queued twice is worked once; a key never has two workers at a time: queued again while it is worked, it waits for
`done`. Must not know what a key stands for.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque

from localcluster.controllers.clock import Clock

FIRST_BACKOFF_SECONDS = 0.005
"""As in client-go: a first retry is nearly free, since most failures are conflicts that a fresh look settles."""

LONGEST_BACKOFF_SECONDS = 30.0
"""client-go doubles up to 1000 s, to spare an API server shared by thousands. Here the API is in the same process, and
a person who has just raised a quota should not wait a quarter of an hour; half a minute costs next to nothing."""


class WorkQueue:
    """Keys in the order they came; delays and back-off on top."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[str] = deque()
        self._dirty: set[str] = set()  # has to be worked
        self._working: set[str] = set()
        self._failures: dict[str, int] = {}
        self._later: list[tuple[float, str]] = []
        self._due: dict[str, float] = {}  # of the keys in `_later`: the moment that counts
        self._wake = asyncio.Event()
        self._timer_changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, key: str) -> None:
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._working:
            self._waiting.append(key)
            self._wake.set()

    def add_after(self, key: str, seconds: float) -> None:
        """Add once `seconds` have passed; at once for 0 or less. Of several delays the shortest counts."""
        if seconds <= 0:
            self.add(key)
            return
        due = self._clock.monotonic() + seconds
        if self._due.get(key, due) < due:
            return
        self._due[key] = due
        heapq.heappush(self._later, (due, key))
        self._timer_changed.set()

    def retry(self, key: str) -> None:
        """Add after this key's back-off, which doubles with every retry until `forget`."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        # The exponent is capped first: 2**1000 failures later the float would overflow.
        self.add_after(key, min(FIRST_BACKOFF_SECONDS * 2 ** min(failures, 30), LONGEST_BACKOFF_SECONDS))

    def forget(self, key: str) -> None:
        """The key succeeded: its next failure starts from the shortest back-off."""
        self._failures.pop(key, None)

    async def get(self) -> str:
        """The next key; the caller calls `done` when it has worked it."""
        while not self._waiting:
            self._wake.clear()
            await self._wake.wait()
        key = self._waiting.popleft()
        self._dirty.discard(key)
        self._working.add(key)
        return key

    def done(self, key: str) -> None:
        self._working.discard(key)
        if key in self._dirty:
            self._waiting.append(key)
            self._wake.set()

    async def run_timer(self) -> None:
        """Move keys that have waited long enough into the queue. Ends only by cancellation."""
        while True:
            self._timer_changed.clear()
            self._release_due()
            if not self._later:
                await self._timer_changed.wait()
                continue
            await self._sleep_or_change(self._later[0][0] - self._clock.monotonic())

    def _release_due(self) -> None:
        while self._later and self._later[0][0] <= self._clock.monotonic():
            due, key = heapq.heappop(self._later)
            if self._due.get(key) == due:  # otherwise a shorter delay has come in between
                del self._due[key]
                self.add(key)

    async def _sleep_or_change(self, seconds: float) -> None:
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        changing = asyncio.ensure_future(self._timer_changed.wait())
        try:
            await asyncio.wait({sleeping, changing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            changing.cancel()
