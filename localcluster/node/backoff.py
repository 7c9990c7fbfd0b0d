"""How long a container that ended waits before its next start; pure."""

from __future__ import annotations

FIRST_SECONDS = 10.0
LONGEST_SECONDS = 300.0
RESET_AFTER_SECONDS = 600.0


class BackOff:
    """No wait before the first restart, then 10 s, doubling to 5 min; forgotten after 10 min of running."""

    def __init__(self) -> None:
        self._next = 0.0

    def after(self, ran_seconds: float) -> float:
        """The wait after a run of `ran_seconds`."""
        if ran_seconds >= RESET_AFTER_SECONDS:
            self._next = 0.0
        wait = self._next
        self._next = min(LONGEST_SECONDS, wait * 2) if wait else FIRST_SECONDS
        return wait
