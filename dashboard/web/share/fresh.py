"""A link that was just made, kept for the one page that shows it: one that may be reloaded, unlike a form's answer.

In memory only, for the session that made it, and not for long. It must not know HTTP.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

KEPT_S = 60.0
"""A browser asks for the next page at once."""


@dataclass(frozen=True, slots=True)
class Made:
    """A fresh link, with its secret in `url`. `is_here`: its address is that of this machine."""

    url: str = field(repr=False)
    label: str
    is_here: bool


class Fresh:
    """One link a session at most. Thread-safe."""

    def __init__(self, *, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._lock = threading.Lock()
        self._made: dict[str, tuple[float, Made]] = {}

    def put(self, session_id: str, made: Made) -> None:
        """Keep it to be shown to this session."""
        now = self._steady()
        with self._lock:
            self._made = {key: each for key, each in self._made.items() if now - each[0] < KEPT_S}
            self._made[session_id] = (now, made)

    def take(self, session_id: str) -> Made | None:
        """The link to show to this session now, and never again."""
        with self._lock:
            at, made = self._made.pop(session_id, (0.0, None))
        return made if self._steady() - at < KEPT_S else None
