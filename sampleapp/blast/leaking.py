"""Takes memory step by step until it is killed or one of its own bounds is reached, and then gives everything back.

It knows its ceilings and the machine's need, not who may have it begin.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sampleapp.blast import memory
from sampleapp.blast.ceilings import FREE_MB_MIN, FREE_SHARE_MIN

STEP_S = 0.1
_MEBIBYTE = 1024 * 1024

AT_CEILING = "its own ceiling"
OUT_OF_TIME = "its time was over"
MACHINE_SHORT = "the machine was getting short of memory"
MACHINE_UNKNOWN = "the machine does not tell how much memory is free"
UNWATCHED = "nobody looked on any more"
STOPPED = "it was told to stop"


@dataclass(slots=True)
class Leak:
    """`is_watched` tells whether somebody still asks; `available` and `machine` tell bytes, None when unknown."""

    ceiling_mb: int
    rate_mb_s: int
    seconds: int
    is_watched: Callable[[], bool]
    available: Callable[[], int | None] = memory.available_bytes
    machine: Callable[[], int | None] = memory.machine_bytes
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    ended: str | None = None
    """Why it is over; None before and while it leaks."""
    _blocks: list[bytes] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def held_mb(self) -> int:
        """Mebibytes held now."""
        return len(self._blocks)

    def stop(self) -> None:
        """Ends it at its next step."""
        self._stop.set()

    def run(self) -> str:
        """Leaks; the reason for its end, at which it holds nothing any more."""
        began, reason = self.clock(), STOPPED
        try:
            while (why := self._why_end(self.clock() - began)) is None:
                # One at a time, so that every bound is looked at before each, however late this process gets its turn.
                if len(self._blocks) < int((self.clock() - began + STEP_S) * self.rate_mb_s):
                    # Ones, because the kernel gives zeroed pages out only when they are written.
                    self._blocks.append(b"\x01" * _MEBIBYTE)
                else:
                    self.sleep(STEP_S)
            reason = why
        finally:
            self._blocks.clear()
            self.ended = reason
        return reason

    def _why_end(self, passed: float) -> str | None:
        if self._stop.is_set():
            return STOPPED
        if passed >= self.seconds:
            return OUT_OF_TIME
        if len(self._blocks) >= self.ceiling_mb:
            return AT_CEILING
        if not self.is_watched():
            return UNWATCHED
        free, whole = self.available(), self.machine()
        if free is None or whole is None:
            return MACHINE_UNKNOWN
        if free < max(FREE_MB_MIN * _MEBIBYTE, int(whole * FREE_SHARE_MIN)):
            return MACHINE_SHORT
        return None
