"""What is counted beside the endpoints: failures by kind, and which server pod answered; no I/O."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

KINDS_MAX = 100
"""Kinds of failures told apart; an error text may hold anything. What comes after is counted together."""
PODS_MAX = 200
WINDOW_S = 10.0
RATE_WINDOW_S = 3.0
TEXT_MAX = 300
OTHERS = ("", "", "other failures")


@dataclass(frozen=True, slots=True)
class Failure:
    """So many failures of one kind since the last report."""

    method: str
    name: str
    error: str
    occurrences: int


@dataclass(slots=True)
class _Kind:
    occurrences: int
    first_at: float
    last_at: float


class Failures:
    """Failures grouped by method, name and error. Times are those of the reports, so up to a second late."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str, str], _Kind] = {}

    def add(self, failures: Iterable[Failure], *, now: float) -> None:
        """Takes one worker's report."""
        for failure in failures:
            key = (failure.method, failure.name, failure.error[:TEXT_MAX])
            if key not in self._kinds and len(self._kinds) >= KINDS_MAX:
                key = OTHERS
            kind = self._kinds.setdefault(key, _Kind(0, now, now))
            kind.occurrences += failure.occurrences
            kind.last_at = now

    def grouped(self) -> list[dict[str, Any]]:
        """Each kind, the most frequent first."""
        ordered = sorted(self._kinds.items(), key=lambda each: (-each[1].occurrences, each[0]))
        return [
            {
                "method": method, "name": name, "error": error,
                "occurrences": kind.occurrences, "first_at": kind.first_at, "last_at": kind.last_at,
            }
            for (method, name, error), kind in ordered
        ]  # fmt: skip


class Shares:
    """Answers by server pod. `None` is the pod of answers that do not tell."""

    def __init__(self) -> None:
        self._totals: Counter[str | None] = Counter()
        self._recent: deque[tuple[float, Mapping[str | None, int]]] = deque()

    def add(self, answers: Mapping[str | None, int], *, now: float) -> None:
        """Takes one worker's report."""
        known = {pod if pod in self._totals or len(self._totals) < PODS_MAX else None: 0 for pod in answers}
        for pod, count in answers.items():
            known[pod if pod in known else None] = known.get(pod if pod in known else None, 0) + count
        if known:
            self._totals.update(known)
            self._recent.append((now, known))

    def listed(self, *, now: float) -> list[dict[str, Any]]:
        """Each pod with its share of the last 10 s, and its rate over the last 3 s; the unknown one last."""
        while self._recent and self._recent[0][0] <= now - WINDOW_S:
            self._recent.popleft()
        lately: Counter[str | None] = Counter()
        current: Counter[str | None] = Counter()
        for at, answers in self._recent:
            lately.update(answers)
            if at > now - RATE_WINDOW_S:
                current.update(answers)
        whole = sum(lately.values())
        return [
            {
                "pod": pod, "requests": count, "rps": round(current[pod] / RATE_WINDOW_S, 1),
                "share_percent": round(100 * lately[pod] / whole, 1) if whole else None,
            }
            for pod, count in sorted(self._totals.items(), key=lambda each: (each[0] is None, each[0] or ""))
        ]  # fmt: skip
