"""What a worker adds to its reports: which pods answered, its own CPU and lateness, and what it held back.

Thin: the counting is in `pacing`, and what is made of it in the master's `crew` and `tallies`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from swarm.pacing import Gate, Lateness
from swarm.reports import KEY
from swarm.visitors import Cut

POD_HEADER = "X-Pod"
PROBE_S = 0.1
NAME_MAX = 63
PODS_MAX = 100


class Observer:
    """One worker. `pod`, `node`: where it runs; `cores`: its CPU limit, of which one greenlet hub uses at most one."""

    def __init__(self, *, gate: Gate, cut: Cut, pod: str, node: str, cores: float) -> None:
        self._gate, self._cut = gate, cut
        self._where = {"pod": pod or None, "node": node or None}
        self._cores = min(1.0, cores)
        self._pods: Counter[str] = Counter()
        self._lateness = Lateness()
        self._used, self._looked = time.process_time(), time.monotonic()
        self._ending = False

    def on_request(self, response: Any = None, **_: Any) -> None:
        """A request was answered, or failed without an answer."""
        headers = getattr(response, "headers", None)
        if headers is None:
            return
        pod = headers.get(POD_HEADER) or ""
        if len(pod) > NAME_MAX or (pod not in self._pods and len(self._pods) >= PODS_MAX):
            pod = ""
        self._pods[pod] += 1

    def on_report(self, data: dict[str, Any], **_: Any) -> None:
        """Fills in a report that is about to be sent."""
        pods, self._pods = self._pods, Counter()
        data[KEY] = {
            **self._where,
            "cpu_percent": self._cpu_percent(),
            "late_ms": self._lateness.take_ms(),
            "held_back": self._gate.take_held_back(),
            "pods": dict(pods),
            "final": self._ending,
            "cut": self._cut.requests,
        }

    def end(self) -> None:
        """No load user is left: the next report is the last one."""
        self._ending = True

    def watch(self, sleep: Callable[[float], object]) -> None:
        """Waits as a load user waits, again and again, and notes how late it was woken. Never returns."""
        while True:
            due = time.monotonic() + PROBE_S
            sleep(PROBE_S)
            self._lateness.note(time.monotonic() - due)

    def _cpu_percent(self) -> float | None:
        used, looked = time.process_time(), time.monotonic()
        passed = looked - self._looked
        if passed < 0.2:
            return None  # the last report of all follows hard upon another one
        percent = 100 * (used - self._used) / passed / self._cores
        self._used, self._looked = used, looked
        return round(percent, 1)
