"""How fast one browser may talk: a bucket of tokens. Pure but for the clock it is given."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """So many a second, as many at once."""

    def __init__(self, per_second: float, *, steady: Callable[[], float]) -> None:
        self._rate = per_second
        self._steady = steady
        self._tokens = float(per_second)
        self._last = steady()

    def allows(self) -> bool:
        """Whether one more is within the pace; it counts when it is."""
        now = self._steady()
        self._tokens = min(self._rate, self._tokens + (now - self._last) * self._rate)
        self._last = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
