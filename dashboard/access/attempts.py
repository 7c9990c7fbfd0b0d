"""How often somebody may fail to come in: so many times in a window, or ever slower. In memory, and bounded.

A link can be guessed, so who guesses is shut out for a while. A token is signed and cannot be: failures are only slowed
down, since where people share an address whoever fails must not shut out the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

MOST = 10
WINDOW_S = 15 * 60.0
ADDRESSES_MAX = 4096
"""Addresses that are remembered; the one unheard for longest makes place."""
PAUSE_S = 10.0
"""After the first failures with a token, one more may fail in each such time."""


class Counting(Protocol):
    """An attempt counts as failed until it is taken back, so that many at once gain nothing."""

    def begin(self, address: str) -> float:
        """Counts one: 0 when it may go on, else the seconds after which to come again."""

    def take_back(self, address: str) -> None:
        """The attempt begun last was no failure. What failed before stays counted."""


@dataclass(slots=True)
class Attempts:
    """`most` failures in a window; then nothing until the first of them is so old. `clock` counts seconds."""

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


@dataclass(slots=True)
class Pacing:
    """`most` failures at once, then one in each `pause_s`. What is refused costs nothing. `clock` counts seconds."""

    clock: Callable[[], float]
    most: int = MOST
    pause_s: float = PAUSE_S
    addresses_max: int = ADDRESSES_MAX
    _free_at: dict[str, float] = field(default_factory=dict)
    """When each address will have all its attempts again; the address heard last is last."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, address: str) -> float:
        """Counts one: 0 when it may go on, else the seconds after which to come again."""
        now = self.clock()
        with self._lock:
            # Whatever clocks do, nobody waits for longer than the next attempt takes.
            free_at = min(max(now, self._free_at.pop(address, now)), now + self.most * self.pause_s)
            if len(self._free_at) >= self.addresses_max:
                del self._free_at[next(iter(self._free_at))]
            wait = free_at - now - (self.most - 1) * self.pause_s
            self._free_at[address] = free_at if wait > 0 else free_at + self.pause_s
            return max(0.0, wait)

    def take_back(self, address: str) -> None:
        """The attempt begun last was no failure. What failed before stays counted."""
        with self._lock:
            free_at = self._free_at.get(address)
            if free_at is not None:
                self._free_at[address] = free_at - self.pause_s
                if self._free_at[address] <= self.clock():
                    del self._free_at[address]

    def __len__(self) -> int:
        return len(self._free_at)
