"""The workers of one swarm over time: who came, who was lost and when, who is at the end of its own strength; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

CPU_PERCENT = 90.0
"""Of its limit; beyond it a worker's response times are partly its own waiting for the processor."""
LATE_MS = 50.0
"""Mean lateness of whatever waits in a worker, beyond which its load users miss their pacing."""
SUSTAINED_S = 2.5
"""Only what lasts counts: starting load users is work too."""
LOST_KEPT = 20


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker as the master sees it. `cpu_percent`: of its CPU limit; `late_ms`: how late its users are woken."""

    id: str
    state: str
    users: int
    cpu_percent: float | None
    pod: str | None = None
    node: str | None = None
    late_ms: float | None = None
    saturated: bool = False
    lost_at: float | None = None

    @property
    def present(self) -> bool:
        """Whether it answers."""
        return self.state != "missing"


class Crew:
    """Remembers the workers from look to look."""

    def __init__(self) -> None:
        self._known: dict[str, WorkerView] = {}
        self._strained: dict[str, float] = {}
        self._lost: dict[str, WorkerView] = {}
        self._changed = False

    @property
    def present(self) -> list[WorkerView]:
        """Those that answered at the last look."""
        return list(self._known.values())

    @property
    def all(self) -> list[WorkerView]:
        """Those, and the ones lost, the latest last."""
        return [*self._known.values(), *self._lost.values()]

    @property
    def lost(self) -> int:
        """How many were lost and did not come back."""
        return len(self._lost)

    def lost_within(self, seconds: float, *, now: float) -> int:
        """How many were lost so lately that they may still be making requests."""
        return sum(1 for one in self._lost.values() if one.lost_at is not None and now - one.lost_at < seconds)

    def look(self, workers: Iterable[WorkerView], *, now: float, ending: bool = False) -> None:
        """Takes the workers as they are. While the swarm is `ending` a worker that goes is not lost."""
        before = set(self._known)
        seen = {one.id: one for one in workers if one.present}
        for gone in before - set(seen):
            self._strained.pop(gone, None)
            if not ending:
                self._lost[gone] = _as_lost(self._known[gone], now)
        for back in set(seen) & set(self._lost):
            del self._lost[back]
        while len(self._lost) > LOST_KEPT:
            del self._lost[next(iter(self._lost))]
        self._known = {name: replace(one, saturated=self._is_saturated(one, now)) for name, one in seen.items()}
        self._changed = self._changed or set(seen) != before

    def take_changed(self) -> bool:
        """Whether other workers answer than when this was asked last."""
        changed, self._changed = self._changed, False
        return changed

    def _is_saturated(self, worker: WorkerView, now: float) -> bool:
        strained = (worker.cpu_percent or 0.0) >= CPU_PERCENT or (worker.late_ms or 0.0) >= LATE_MS
        if not strained:
            self._strained.pop(worker.id, None)
            return False
        return now - self._strained.setdefault(worker.id, now) >= SUSTAINED_S

    def sentence(self) -> str | None:
        """Why the figures are not the target's alone; None while they are."""
        worn = [one for one in self._known.values() if one.saturated]
        if not worn:
            return None
        worst = max(worn, key=lambda one: (one.cpu_percent or 0.0, one.late_ms or 0.0))
        own = (worst.cpu_percent or 0.0) >= CPU_PERCENT
        name, late = worst.pod or worst.id, f"{worst.late_ms or 0:.0f} ms late"
        why = f"{name} uses {worst.cpu_percent:.0f} % of its CPU" if own else f"{name} wakes its load users {late}"
        advice = "Start it with more workers." if own else "The machines they run on are busy with something else."
        return (
            f"{len(worn)} of {len(self._known)} workers cannot keep up, {why}: response times are partly the load "
            f"generator's own. {advice}"
        )


def _as_lost(worker: WorkerView, now: float) -> WorkerView:
    return replace(worker, state="missing", users=0, cpu_percent=None, late_ms=None, saturated=False, lost_at=now)
