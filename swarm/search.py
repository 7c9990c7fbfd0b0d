"""Finds the highest rate that a target sustains: which number of load users to try next, from what was seen; pure.

A level is held until the figures are of that level alone, then judged by most of its samples, so that a single bad
second decides nothing. After a level that was too much it steps back, lets the target recover and confirms the last
good one, then looks between the two for as long as the time allows.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

WINDOW_S = 2.0
"""Seconds that the figures of a sample look back: short, so that a single bad second spoils few samples."""
SETTLE_S = 4.0
"""A level's figures count once the users have been there for so long."""
JUDGE_S = 8.0
DOUBT = 2
"""A level that looks bad by most of its samples, but not at a stretch, is held for so many times as long."""
PATIENCE_S = 5.0
"""Over the limit for so long at a stretch is too much, without waiting for the level's end."""
ARRIVAL_S = 8.0
"""Seconds more than the spawn rate needs, after which a level counts as reached with the users that are there."""
RECOVERY = 2.0
"""How many times as long the figures settle after stepping back: what has queued up has to drain first."""
FINE_ENOUGH = 0.08
"""Good and bad level this close, as a share of the good one, end the search."""
LEVELS_MIN, LEVELS_MAX = 2, 10
CLIMB_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Limits:
    """What the target must stay within."""

    p95_ms: float
    failed_percent: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One second. `users`: load users there are. `generator`: what holds the load back on our side, if anything."""

    at: float
    users: int
    rps: float
    p95_ms: float | None
    failed_percent: float | None
    generator: str | None = None


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The highest sustained rate, with its load users; `confirmed`: it held again after something was too much."""

    rps: float | None
    users: int
    p95_ms: float | None
    limited_by: str
    confirmed: bool


@dataclass(slots=True)
class _Level:
    users: int
    began: float
    settle: float
    arrived: float | None = None
    over_since: float | None = None
    samples: list[tuple[Sample, str | None]] = field(default_factory=list)

    @property
    def over(self) -> list[str]:
        return [why for _, why in self.samples if why is not None]


class Search:
    """One search. Times are seconds since the load began."""

    def __init__(self, *, users: int, spawn_rate: float, duration: float, limits: Limits) -> None:
        self._most, self._spawn_rate, self._duration, self._limits = users, spawn_rate, duration, limits
        levels = round(CLIMB_SHARE * duration / (SETTLE_S + JUDGE_S + users / spawn_rate / LEVELS_MAX))
        self._step = max(1, -(-users // max(LEVELS_MIN, min(LEVELS_MAX, levels))))
        self._good: dict[int, Sample] = {}
        self._bad: int | None = None
        self._why = "the time"
        self._confirmed = False
        self.done = False
        self._level = _Level(min(self._step, users), 0.0, SETTLE_S)

    @property
    def wanted(self) -> int:
        """Load users to have now."""
        return self._level.users

    def look(self, sample: Sample) -> None:
        """Takes the next sample, about one a second."""
        level = self._level
        if self.done:
            return
        if level.arrived is None:
            late = sample.at - level.began > ARRIVAL_S + self._most / self._spawn_rate
            if sample.users != level.users and not late:
                return
            level.arrived = sample.at
        why = self._over(sample)
        level.over_since = (level.over_since if level.over_since is not None else sample.at) if why else None
        settled = sample.at - level.arrived >= level.settle
        if settled:
            level.samples.append((sample, why))
        if level.over_since is not None and why is not None:
            # While a level settles after a worse one the figures may still be of that one.
            began = max(level.over_since, level.arrived + level.settle - SETTLE_S)
            if sample.at - began >= PATIENCE_S:
                self._too_much(why, sample.at)
                return
        if settled and sample.at - level.arrived >= level.settle + JUDGE_S:
            self._judge(sample.at)

    def ceiling(self) -> Ceiling:
        """What was found; before the end, what is known so far."""
        if not self._good:
            return Ceiling(None, 0, None, self._why, confirmed=False)
        users = max(self._good)
        best = self._good[users]
        return Ceiling(best.rps, users, best.p95_ms, self._why, self._confirmed)

    def _over(self, sample: Sample) -> str | None:
        if sample.failed_percent is not None and sample.failed_percent > self._limits.failed_percent:
            return f"failures above {self._limits.failed_percent:g} %"
        if sample.p95_ms is not None and sample.p95_ms > self._limits.p95_ms:
            return f"p95 above {self._limits.p95_ms:g} ms"
        return sample.generator

    def _judge(self, now: float) -> None:
        level = self._level
        if 2 * len(level.over) >= len(level.samples):
            if level.arrived is not None and now - level.arrived >= level.settle + DOUBT * JUDGE_S:
                self._too_much(statistics.mode(level.over), now)
            return
        self._confirmed = level.users in self._good or (self._confirmed and self._bad is not None)
        self._good[level.users] = _typical(level)
        if self._bad is None and level.users >= self._most:
            self._finish("the load users asked for", confirmed=True)
        elif self._bad is None:
            self._try(min(self._most, level.users + self._step), now, settle=SETTLE_S)
        elif self._bad - level.users <= max(1, FINE_ENOUGH * level.users):
            self._finish(self._why, confirmed=True)
        else:
            self._try((self._bad + level.users) // 2, now, settle=SETTLE_S)

    def _too_much(self, why: str, now: float) -> None:
        users = self._level.users
        self._bad, self._why, self._confirmed = users, why, False
        self._good = {known: sample for known, sample in self._good.items() if known < users}
        if users <= 1:
            self._finish(why, confirmed=False)
        else:
            self._try(max(self._good, default=users // 2), now, settle=RECOVERY * SETTLE_S)

    def _try(self, users: int, now: float, *, settle: float) -> None:
        needed = settle + JUDGE_S + abs(users - self._level.users) / self._spawn_rate
        if now + needed > self._duration:
            self._finish(self._why, confirmed=self._confirmed)
        else:
            self._level = _Level(users, now, settle)

    def _finish(self, why: str, *, confirmed: bool) -> None:
        self._why, self._confirmed, self.done = why, confirmed, True


def _typical(level: _Level) -> Sample:
    """The level in one sample: medians of those within the limits."""
    within = [sample for sample, why in level.samples if why is None]
    times = [sample.p95_ms for sample in within if sample.p95_ms is not None]
    rate = round(statistics.mean(sample.rps for sample in within), 1)
    return Sample(within[-1].at, level.users, rate, round(statistics.median(times)) if times else None, None)
