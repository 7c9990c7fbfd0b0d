"""Ends a command in order by the first signal; those that follow find it ending and change nothing."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def by_first_signal() -> None:
    """From now on Ctrl-C, SIGTERM and a closed terminal raise KeyboardInterrupt, once."""
    for number in SIGNALS:
        signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
