"""Numbers of a swarm from what its workers report: rates and percentiles of the last seconds, totals; no I/O.

Percentiles and failures look back 10 s; the rate looks back 3 s, so that it is 0 soon after a stop.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

WINDOW_S = 10.0
RATE_WINDOW_S = 3.0


@dataclass(frozen=True, slots=True)
class Report:
    """What one worker saw of one endpoint since its last report; `response_times`: milliseconds to how many."""

    method: str
    name: str
    requests: int
    failures: int
    response_times: Mapping[int, int]


@dataclass(slots=True)
class _Series:
    """One endpoint: totals, and the reports of the window."""

    requests: int = 0
    failures: int = 0
    times: Counter[int] = field(default_factory=Counter)
    recent: deque[tuple[float, Report]] = field(default_factory=deque)

    def add(self, report: Report, *, now: float) -> None:
        self.requests += report.requests
        self.failures += report.failures
        self.times.update(report.response_times)
        self.recent.append((now, report))

    def forget(self, *, now: float) -> None:
        while self.recent and self.recent[0][0] <= now - WINDOW_S:
            self.recent.popleft()


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers over one or all endpoints; None where nothing was measured."""

    requests: int
    failures: int
    rps: float
    failures_per_s: float
    failed_percent: float | None
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None


class Statistics:
    """All endpoints of one swarm."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], _Series] = {}
        self._first: float | None = None

    def add(self, reports: Iterable[Report], *, now: float) -> None:
        """Takes one worker's report."""
        for report in reports:
            if report.requests:
                self._first = now if self._first is None else self._first
                self._series.setdefault((report.method, report.name), _Series()).add(report, now=now)

    def overall(self, *, now: float, window: float = WINDOW_S) -> Figures:
        """All endpoints together; percentiles and failures of the last `window` seconds, the ordinary one at most."""
        return self._figures(self._series.values(), now=now, window=window)

    def whole(self) -> dict[str, Any]:
        """The swarm from its begin: exact counts, and percentiles over all its requests."""
        times: Counter[int] = Counter()
        for one in self._series.values():
            times.update(one.times)
        requests, failures = (
            sum(getattr(one, what) for one in self._series.values()) for what in ("requests", "failures")
        )
        return {
            "requests": requests,
            "failures": failures,
            "failed_percent": round(100 * failures / requests, 3) if requests else None,
            **_percentiles(times),
            "max_ms": max(times, default=None),
        }

    def endpoints(self, *, now: float) -> list[dict[str, Any]]:
        """Each endpoint as the control document lists it."""
        found = []
        for (method, name), series in sorted(self._series.items()):
            figures = self._figures([series], now=now)
            found.append(
                {
                    "method": method,
                    "name": name,
                    "requests": figures.requests,
                    "failures": figures.failures,
                    "p50_ms": figures.p50_ms,
                    "p95_ms": figures.p95_ms,
                    "p99_ms": figures.p99_ms,
                    "rps": figures.rps,
                    "whole": _percentiles(series.times),
                }
            )
        return found

    def _figures(self, series: Iterable[_Series], *, now: float, window: float = WINDOW_S) -> Figures:
        chosen = list(series)
        for one in chosen:
            one.forget(now=now)
        kept = [entry for one in chosen for entry in one.recent]
        recent = [entry for entry in kept if entry[0] > now - window]
        times: Counter[int] = Counter()
        for _, report in recent:
            times.update(report.response_times)
        seen, failed = (sum(getattr(report, what) for _, report in recent) for what in ("requests", "failures"))
        rate, failure_rate = (self._rate(kept, what, now=now) for what in ("requests", "failures"))
        return Figures(
            requests=sum(one.requests for one in chosen),
            failures=sum(one.failures for one in chosen),
            rps=rate,
            failures_per_s=failure_rate,
            failed_percent=round(100 * failed / seen, 2) if seen else None,
            p50_ms=percentile(times, 0.50),
            p95_ms=percentile(times, 0.95),
            p99_ms=percentile(times, 0.99),
        )

    def _rate(self, recent: Iterable[tuple[float, Report]], what: str, *, now: float) -> float:
        if self._first is None:
            return 0.0
        counted: int = sum(getattr(report, what) for at, report in recent if at > now - RATE_WINDOW_S)
        # A report tells of the second before it, hence the one second more than has passed since the first.
        span = min(RATE_WINDOW_S, max(1.0, now - self._first + 1.0))
        return round(counted / span, 1)


def _percentiles(times: Mapping[int, int]) -> dict[str, int | None]:
    return {
        "p50_ms": percentile(times, 0.50),
        "p95_ms": percentile(times, 0.95),
        "p99_ms": percentile(times, 0.99),
    }


def percentile(times: Mapping[int, int], share: float) -> int | None:
    """The response time that `share` of the requests stayed within; None for no requests."""
    total = sum(times.values())
    left = math.ceil(total * share)
    for milliseconds in sorted(times):
        left -= times[milliseconds]
        if left <= 0:
            return milliseconds
    return None
