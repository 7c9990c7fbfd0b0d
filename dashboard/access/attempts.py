"""How often somebody may fail to sign in: so many times in a window for each address. In memory, and bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

MOST = 10
WINDOW_S = 15 * 60.0
ADDRESSES_MAX = 4096
"""Addresses that are remembered; the one unheard for longest makes place."""


@dataclass(slots=True)
class Attempts:
    """`clock` counts seconds. An attempt counts as failed until it is taken back, so that many at once gain nothing."""

    clock: Callable[[], float]
    most: int = MOST
    window_s: float = WINDOW_S
    addresses_max: int = ADDRESSES_MAX
    _failed: dict[str, list[float]] = field(default_factory=dict)  # the address heard last is last
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, address: str) -> float:
        """Counts one: 0 when it may go on, else the seconds after which to come again."""
        now = self.clock()
        with self._lock:
            moments = [each for each in self._failed.pop(address, []) if now - each < self.window_s]
            if len(self._failed) >= self.addresses_max:
                del self._failed[next(iter(self._failed))]
            self._failed[address] = moments
            if len(moments) >= self.most:
                return max(1.0, moments[0] + self.window_s - now)
            moments.append(now)
            return 0.0

    def take_back(self, address: str) -> None:
        """The attempt begun last was no failure. What failed before stays counted."""
        with self._lock:
            moments = self._failed.get(address)
            if moments:
                moments.pop()
            if moments == []:
                del self._failed[address]

    def __len__(self) -> int:
        return len(self._failed)
