"""How long a container that ended waits before its next start, or an image before its next pull; pure."""

from __future__ import annotations

FIRST_SECONDS = 10.0
LONGEST_SECONDS = 300.0
RESET_AFTER_SECONDS = 600.0


class BackOff:
    """No wait before the first repetition, then 10 s, doubling to 5 min; forgotten after 10 min without trouble."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._grown_at = 0.0

    def holds(self, *, ended: float, now: float) -> bool:
        """Whether what ended at `ended` has to wait still."""
        return bool(self.seconds) and not self._is_over(ended) and now - ended < self.seconds

    def grow(self, *, ended: float, now: float) -> None:
        """It is tried again: the next wait is the first one, or twice the last."""
        forgotten = not self.seconds or self._is_over(ended)
        self.seconds = FIRST_SECONDS if forgotten else min(LONGEST_SECONDS, self.seconds * 2)
        self._grown_at = now

    def _is_over(self, ended: float) -> bool:
        return ended - self._grown_at > RESET_AFTER_SECONDS
