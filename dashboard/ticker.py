"""Calls a piece of work every so many seconds in a thread of its own, and survives its failures."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Ticker:
    """`works` run one after the other, then it waits `period_s`; a failing one is logged and tried again next time."""

    name: str
    period_s: float
    works: Sequence[Callable[[], object]]
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins in the background."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends after the work at hand."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self.period_s):
            for work in self.works:
                try:
                    work()
                except Exception:
                    log.exception("%s failed, tried again in %s s", self.name, self.period_s)
