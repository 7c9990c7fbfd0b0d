"""Load on purpose: burning CPU and holding memory. Knows its ceilings, not who may call it."""

import threading
import time
from collections.abc import Callable

WORK_MS = 2000
LEAK_MB = 512

_MEBIBYTE = 1024 * 1024
_ROUND = 2000
"""Steps between two looks at the clock: about 0.1 ms, so that the burn ends on time."""


def burn(milliseconds: int, *, clock: Callable[[], float] = time.thread_time) -> int:
    """Burn that much CPU time of this thread, waiting for the processor not counted. Returns the steps done."""
    end = clock() + milliseconds / 1000
    steps = 0
    while clock() < end:
        for _ in range(_ROUND):
            steps += 1
    return steps


class Hoard:
    """Memory that is held until the process ends. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: list[bytes] = []

    def held_mb(self) -> int:
        """Mebibytes held now."""
        return sum(len(block) for block in self._blocks) // _MEBIBYTE

    def hold(self, megabytes: int) -> bool:
        """Hold that much more; False if the ceiling would be passed, and then nothing is held."""
        with self._lock:
            if self.held_mb() + megabytes > LEAK_MB:
                return False
            # Ones, because the kernel gives zeroed pages out only when they are written.
            self._blocks.extend(b"\x01" * _MEBIBYTE for _ in range(megabytes))
            return True
