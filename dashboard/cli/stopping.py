"""Ctrl-C, SIGTERM and a closed terminal: the first one stops work in order, the next ends the command at once.

`ending` is for the commands that have children; here nothing but this process is to end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from dashboard.cli.ending import SIGNALS

STOPPING = b"\nsurgeboard: stopping after the object at hand; once more ends at once\n"


class Stopping:
    """While `heard`, a signal raises KeyboardInterrupt; where it is told `by` what to stop, the first calls that."""

    def __init__(self) -> None:
        self.was_asked = False
        self._stop: Callable[[], object] | None = None
        self._saying = STOPPING

    @contextmanager
    def heard(self) -> Iterator[None]:
        """The signals are ours for as long as the block runs."""
        before = {number: signal.signal(number, self._hear) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def by(self, stop: Callable[[], object], *, saying: bytes = STOPPING) -> Iterator[None]:
        """In the block the first signal calls `stop`, which may only set a flag, and tells what that means."""
        self._stop, self._saying = stop, saying
        try:
            yield
        finally:
            self._stop = None

    def _hear(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._stop is None or self.was_asked:
            raise KeyboardInterrupt
        self.was_asked = True
        self._stop()
        with contextlib.suppress(OSError, ValueError):  # past all buffers: one may be half written at this moment
            os.write(sys.stderr.fileno(), self._saying)
