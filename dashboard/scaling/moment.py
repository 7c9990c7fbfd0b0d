"""What an explanation is made of: one moment of one HPA as it was seen, and what was seen before. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.scaling.algorithm import History, Usage

PERIOD_S = 15.0
"""The controller's usual --horizontal-pod-autoscaler-sync-period; a cluster may have another."""
GRACE_S = 1.0
"""So long a sync may take until what it wrote is seen here."""

Row = Mapping[str, Any]
NO_ROW: Row = {}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the HPA until now. `sign`: what its status said, by which a next write is known.

    `synced_at`: when that was written; `before`: the history that decision was made with, `history`: with it in.
    `usage`: of the pods then. `first_at`: since when it is watched, `whole`: since it was made. `differs_since`: since
    when fresh figures say something else than the status.

    Histories are dated as the status is, in whole seconds, which come `lag_s` before a write is seen: a window or a
    period of some syncs ends exactly at a sync, so that the fractions in which we see things must not count.
    """

    sign: tuple[Any, ...] | None = None
    synced_at: float | None = None
    before: History = field(default_factory=History)
    history: History = field(default_factory=History)
    usage: Usage | None = None
    first_at: float | None = None
    whole: bool = False
    differs_since: float | None = None
    lag_s: float = 0.0

    def dated(self, at: float) -> float:
        """A moment as histories date it."""
        return at - self.lag_s

    def next_sync(self, now: float) -> float | None:
        """The status is written at a sync, so the next one is a multiple of the period away from the last write.

        The first comes one period after the HPA was made.
        """
        start = self.synced_at if self.synced_at is not None or not self.whole else self.first_at
        if start is None:
            return None
        return start + max(1, int((now - GRACE_S - start) // PERIOD_S) + 1) * PERIOD_S


@dataclass(frozen=True, slots=True)
class Moment:
    """`hpa`: its row; `target`, `pods`: the rows of what it scales; `events`: of them all, newest last.

    `changed_by`: {by, manager, before, after, at} of the last change of the target's size. `now`: seconds since 1970.
    """

    hpa: Row
    now: float
    target: Row | None = None
    pods: tuple[Row, ...] = ()
    events: tuple[Row, ...] = ()
    changed_by: Row | None = None
    seen: Seen = field(default_factory=Seen)

    @property
    def size(self) -> int | None:
        """How many replicas the target is to have."""
        wanted = (self.target or NO_ROW).get("replicas")
        return wanted if wanted is not None else self.hpa.get("current")

    def condition(self, type_: str) -> Row:
        """One condition of the HPA; empty when it is not there."""
        return next((each for each in self.hpa.get("conditions") or () if each["type"] == type_), NO_ROW)

    @property
    def next_sync(self) -> float | None:
        """When the controller looks next."""
        return self.seen.next_sync(self.now)
