"""How fast a worker may make requests, and how late its load users are woken; pure but for the given clock and sleep.

A request takes a place among the few that fit into a moment, and waits for one before its time is measured. What
waits is told as held back, so that nobody takes the ceiling for the target's limit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

MOMENTS_MAX = 20
PLACES_MIN = 10
"""A moment that held fewer would delay load users that come by chance together, far below the ceiling."""
UNTOLD_RATE = 1
"""Requests a second of a worker that has not been told its share."""


class Gate:
    """Lets requests of one worker through: in no second more than its share of what the swarm may make.

    `closed`: raised, once the swarm stops, instead of letting anything through.
    """

    def __init__(
        self, *, now: Callable[[], float], sleep: Callable[[float], object], closed: type[BaseException]
    ) -> None:
        self._now, self._sleep, self._closed = now, sleep, closed
        self._shut = False
        self._moment = 1.0
        self._places: deque[float] = deque()
        self._held_back = 0
        self.share(UNTOLD_RATE)

    def share(self, per_second: float) -> None:
        """From now on so many requests in any second."""
        whole = max(1, int(per_second))
        moments = max(1, min(MOMENTS_MAX, whole // PLACES_MIN))
        self._moment = 1 / moments
        self._places = deque(self._places, maxlen=whole // moments)

    def close(self) -> None:
        """Nothing goes through any more."""
        self._shut = True

    def wait(self) -> None:
        """Returns when one request may be made."""
        if self._shut:
            raise self._closed
        now, places = self._now(), self._places
        place = max(now, places[0] + self._moment) if len(places) == places.maxlen else now
        places.append(place)
        if place > now:
            self._held_back += 1
            self._sleep(place - now)
            if self._shut:
                raise self._closed

    def take_held_back(self) -> int:
        """How many had to wait since this was asked last."""
        held, self._held_back = self._held_back, 0
        return held


class Lateness:
    """How much later than asked for something that waits is woken: what every load user's pacing suffers too."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def note(self, seconds: float) -> None:
        """One waking, `seconds` after its time."""
        self._sum += max(0.0, seconds)
        self._count += 1

    def take_ms(self) -> float | None:
        """The mean in milliseconds since this was asked last; None when nothing was woken at all."""
        mean = round(1000 * self._sum / self._count, 1) if self._count else None
        self._sum, self._count = 0.0, 0
        return mean
