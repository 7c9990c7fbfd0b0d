"""How long an end may take: a span that may be cut short while it is waited for; must not end anything."""

from __future__ import annotations

import asyncio

from localcluster.controllers.clock import Clock
from localcluster.node.racing import first_of

LEAST_SECONDS = 2.0
"""What kubelet leaves a process between SIGTERM and SIGKILL, however little its pod asks for."""


class Patience:
    """Begins to run out when it is made. `least`: what a process gets in any case once it was asked to end."""

    def __init__(self, seconds: float, *, clock: Clock, least: float = LEAST_SECONDS) -> None:
        self._clock = clock
        self._least = least
        self._end = clock.monotonic() + seconds
        self._shortened = asyncio.Event()

    @property
    def left(self) -> float:
        """Seconds; not below zero."""
        return max(0.0, self._end - self._clock.monotonic())

    def shorten(self, seconds: float) -> None:
        """At most `seconds` from now on."""
        self._end = min(self._end, self._clock.monotonic() + seconds)
        self._shortened.set()

    async def over(self) -> None:
        while self.left > 0:
            await self._until(self._end)

    async def over_for_a_process(self) -> None:
        """Like `over`, for a process that hears now that it is to end."""
        enough = self._clock.monotonic() + self._least
        while (end := max(self._end, enough)) > self._clock.monotonic():
            await self._until(end)

    async def _until(self, end: float) -> None:
        self._shortened.clear()
        await first_of(self._clock.sleep(max(0.0, end - self._clock.monotonic())), self._shortened.wait())
