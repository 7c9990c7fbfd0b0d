"""When a swarm does harm and has to be stopped (L7). Pure: it is told what is seen and what time it is.

What is unknown neither begins a count nor ends one: only a good value ends it, only a bad one makes it a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.load.request import REQUESTS_PER_S_MAX


@dataclass(frozen=True, slots=True)
class Limits:
    """The worst that is borne, and for how many seconds."""

    failed_percent: float = 50.0
    failed_s: float = 30.0
    p99_ms: float = 10_000.0
    p99_s: float = 30.0
    none_ready_s: float = 60.0
    pressure_s: float = 5.0
    rps: float = 1.1 * REQUESTS_PER_S_MAX
    rps_s: float = 10.0
    """The workers hold that ceiling themselves; this is for workers that do not."""


USUAL = Limits()
BY_PROFILE: Mapping[str, Limits] = {"ceiling": Limits(failed_s=15.0, p99_s=15.0)}
"""The search for the ceiling gives way by itself at its own limits; one that does not is stopped sooner."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look; None is unknown. `pressed`: the nodes that are short of memory."""

    failed_percent: float | None = None
    p99_ms: float | None = None
    rps: float | None = None
    ready: int | None = None
    pressed: tuple[str, ...] | None = None


@dataclass(slots=True)
class Harm:
    """Watches one swarm."""

    limits: Limits = USUAL
    _since: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, profile: str | None) -> Harm:
        """With the limits of a profile."""
        return cls(BY_PROFILE.get(profile or "", USUAL))

    def look(self, seen: Seen, *, at: float) -> str | None:
        """The reason to stop now, as a sentence, or None. `at`: seconds of a clock that only goes forward."""
        limits = self.limits
        verdicts = (
            self._lasts(
                "failed", _over(seen.failed_percent, limits.failed_percent), limits.failed_s, at,
                f"more than {limits.failed_percent:g} % of its requests failed for {limits.failed_s:g} s",
            ),
            self._lasts(
                "p99", _over(seen.p99_ms, limits.p99_ms), limits.p99_s, at,
                f"one request in a hundred took longer than {limits.p99_ms / 1000:g} s for {limits.p99_s:g} s",
            ),
            self._lasts(
                "ready", None if seen.ready is None else seen.ready == 0, limits.none_ready_s, at,
                f"no replica of the target was ready for {limits.none_ready_s:g} s",
            ),
            self._lasts(
                "pressure", None if seen.pressed is None else bool(seen.pressed), limits.pressure_s, at,
                f"node {', '.join(seen.pressed or ())} is short of memory (MemoryPressure)",
            ),
            self._lasts(
                "rps", _over(seen.rps, limits.rps), limits.rps_s, at,
                f"it made more than {limits.rps:,.0f} requests a second for {limits.rps_s:g} s",
            ),
        )  # fmt: skip
        return next((each for each in verdicts if each), None)

    def _lasts(self, what: str, bad: bool | None, seconds: float, at: float, sentence: str) -> str | None:
        if bad is None:
            return None
        if not bad:
            self._since.pop(what, None)
            return None
        since = self._since.setdefault(what, at)
        return sentence if at - since >= seconds else None


def _over(value: float | None, limit: float) -> bool | None:
    return None if value is None else value > limit
