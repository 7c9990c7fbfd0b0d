"""Ends a command in order by the first signal; those that follow find it ending and change nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_came = threading.Event()
_held = threading.Event()


def by_first_signal() -> None:
    """From now on Ctrl-C, SIGTERM and a closed terminal raise KeyboardInterrupt, once."""
    _came.clear()
    for number in SIGNALS:
        signal.signal(number, _end)


@contextmanager
def held() -> Iterator[None]:
    """Around a fork: a signal leaves its mark for `heed` and raises nothing Python would drop there."""
    _held.set()
    try:
        yield
    finally:
        _held.clear()


def heed() -> None:
    """Raises KeyboardInterrupt if a signal came; whoever waits asks, since it may have come while it was held."""
    if _came.is_set():
        raise KeyboardInterrupt


def _end(number: int, frame: FrameType | None) -> None:
    del number, frame
    if not _came.is_set():
        _came.set()
        if not _held.is_set():
            raise KeyboardInterrupt
