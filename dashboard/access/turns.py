"""One at a time for each key, so that nobody waits for the answer about somebody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Turn:
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


@dataclass(slots=True)
class Turns:
    """A lock is kept for as long as somebody holds it or waits for it."""

    _turns: dict[str, _Turn] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def of(self, key: str) -> Iterator[None]:
        """Alone with this key."""
        with self._lock:
            turn = self._turns.setdefault(key, _Turn())
            turn.users += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.users -= 1
                if not turn.users:
                    del self._turns[key]

    def __len__(self) -> int:
        return len(self._turns)
