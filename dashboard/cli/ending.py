"""Ends a command in order by the first signal; those that follow find it ending and change nothing."""

from __future__ import annotations

import signal
import threading
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_came = threading.Event()


def by_first_signal() -> None:
    """From now on Ctrl-C, SIGTERM and a closed terminal raise KeyboardInterrupt, once."""
    _came.clear()
    for number in SIGNALS:
        signal.signal(number, _end)


def heed() -> None:
    """Raises KeyboardInterrupt if a signal came.

    Whoever waits asks, since what the handler raises can be lost: Python drops it inside the hooks of a fork.
    """
    if _came.is_set():
        raise KeyboardInterrupt


def _end(number: int, frame: FrameType | None) -> None:
    del number, frame
    if not _came.is_set():
        _came.set()
        raise KeyboardInterrupt
