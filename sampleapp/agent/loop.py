"""Turns the reconciler round and keeps what it saw last. Knows neither MongoDB nor HTTP."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from sampleapp.agent.replset import SERVING, UNKNOWN, Observation

log = logging.getLogger("agent")

SETTLED_S = 1.0
"""Between two looks at a member that serves: a failover is then seen within a second."""

UNSETTLED_S = 0.4
"""While the set is being made, which people wait for."""

STALE_S = 10.0
"""An observation this old says nothing any more. Above three commands' deadlines in a row."""

STUCK_S = 60.0
"""A loop that has not turned for so long will not do so again."""


class Steps(Protocol):
    """What is turned round."""

    def step(self) -> Observation: ...


class Loop:
    """The worker thread's body, and its last observation for whoever asks."""

    def __init__(self, steps: Steps, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._steps = steps
        self._clock = clock
        self._seen = Observation(state=UNKNOWN, detail="Not looked yet.")
        self._seen_at = clock()

    def latest(self) -> Observation:
        """The last observation, or that nothing is known any more."""
        if self.age() > STALE_S:
            return Observation(state=UNKNOWN, detail=f"Not looked for {self.age():.0f} s.")
        return self._seen

    def age(self) -> float:
        """Seconds since the last look."""
        return self._clock() - self._seen_at

    def turn(self) -> float:
        """Look once. Returns the seconds to wait before the next look."""
        seen = self._steps.step()
        if (seen.state, seen.primary, seen.detail) != (self._seen.state, self._seen.primary, self._seen.detail):
            log.info("%s, primary %s. %s", seen.state, seen.primary or "unknown", seen.detail)
        self._seen, self._seen_at = seen, self._clock()
        settled = seen.state in SERVING and not seen.detail
        return SETTLED_S if settled else UNSETTLED_S

    def run(self, stop: threading.Event) -> None:
        """Turn until told to stop."""
        pause = 0.0
        while not stop.wait(pause):
            try:
                pause = self.turn()
            except Exception:
                log.exception("A look at mongod failed in an unforeseen way; looking again.")
                pause = SETTLED_S
