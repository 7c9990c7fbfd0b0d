"""Time as workers see it: what o'clock, how long, and waiting that a stop ends. Tests bring their own."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """One worker's time and its stop."""

    def now(self) -> float:
        """Seconds since 1970."""

    def steady(self) -> float:
        """Seconds that never jump."""

    def wait(self, seconds: float, /) -> None:
        """Until then, or until stopped."""

    def wake(self) -> None:
        """End the wait at hand, or the next one; from any thread."""

    def stop(self) -> None:
        """End every wait, now and later."""

    @property
    def stopped(self) -> bool: ...


class RealClock:
    """The machine's."""

    def __init__(self) -> None:
        self._stopped = False
        self._woken = threading.Event()

    def now(self) -> float:
        return time.time()

    def steady(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float, /) -> None:
        self._woken.wait(seconds)
        if not self._stopped:
            self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._stopped = True
        self._woken.set()

    @property
    def stopped(self) -> bool:
        return self._stopped
