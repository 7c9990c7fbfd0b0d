"""What was answered a short while ago, under the digest of what was asked: bounded, and it drops what has expired."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
MOST = 512


@dataclass(slots=True)
class Remembered(Generic[Answer]):
    """`clock` counts seconds; with `most` in it the oldest makes place."""

    clock: Callable[[], float]
    most: int = MOST
    _answers: dict[str, tuple[float, Answer]] = field(default_factory=dict, repr=False)  # the newest is last
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def get(self, key: str) -> Answer | None:
        """What was put there, while it holds."""
        with self._lock:
            until, answer = self._answers.get(key, (0.0, None))
            return answer if self.clock() < until else None

    def put(self, key: str, answer: Answer, *, until: float) -> None:
        """Remember it up to that moment."""
        now = self.clock()
        with self._lock:
            self._answers.pop(key, None)
            self._answers = {each: kept for each, kept in self._answers.items() if now < kept[0]}
            if len(self._answers) >= self.most:
                del self._answers[next(iter(self._answers))]
            self._answers[key] = (until, answer)

    def __len__(self) -> int:
        return len(self._answers)
