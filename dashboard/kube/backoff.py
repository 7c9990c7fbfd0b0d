"""How long to wait before trying again: doubling with full jitter, the server's own wish first. Pure but for luck."""

from __future__ import annotations

import random

SHORTEST = 0.5
LONGEST = 30.0
HEALTHY_AFTER = 120.0  # seconds without a failure after which the next one counts as the first


class Backoff:
    """The waits of one worker. `luck` gives the jitter."""

    def __init__(self, *, luck: random.Random) -> None:
        self._luck = luck
        self._failures = 0
        self._last: float | None = None

    def after_failure(self, now: float, *, retry_after: float | None = None) -> float:
        """Seconds to wait, given a failure at `now` (any steady clock)."""
        if self._last is not None and now - self._last > HEALTHY_AFTER:
            self._failures = 0
        self._last = now
        ceiling = min(LONGEST, SHORTEST * 2**self._failures)
        self._failures = min(self._failures + 1, 10)
        if retry_after is not None:
            # Everybody was told the same second: a little jitter keeps us from coming all at once.
            return retry_after + self._luck.uniform(0, SHORTEST)
        return self._luck.uniform(ceiling / 10, ceiling)
