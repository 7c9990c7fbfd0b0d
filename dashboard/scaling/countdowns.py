"""What an HPA waits for: its next sync, the end of a window, the end of a policy's period. Pure.

The texts stay the same while the time runs; what remains of it is the page's to show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dashboard.scaling.algorithm import Decision, History
from dashboard.scaling.algorithm.limiting import free_at
from dashboard.scaling.algorithm.stabilizing import held_until
from dashboard.scaling.algorithm.terms import seconds
from dashboard.scaling.algorithm.working import policy_words
from dashboard.scaling.moment import PERIOD_S, Moment
from dashboard.scaling.observing import standing
from dashboard.scaling.outlook import Outlook
from dashboard.scaling.reading import settings_of


@dataclass(frozen=True, slots=True)
class Countdown:
    """`ends_at`: seconds since 1970; `length_s`: how long it lasts in all, None when not known."""

    kind: Literal["sync", "stabilization", "policy"]
    text: str
    ends_at: float
    length_s: float | None


def countdowns(now: Moment, last: Decision | None, next_: Outlook | None) -> tuple[Countdown, ...]:
    """Those that run, soonest first, one of a kind: what holds the last decision, else what will hold the next one."""
    if next_ is None:
        return ()
    found: dict[str, Countdown] = {}
    for decision in (last, next_.decision):
        for each in _of_decision(now, decision) if decision is not None else ():
            found.setdefault(each.kind, each)
    found["sync"] = Countdown("sync", next_.text, next_.at, PERIOD_S)
    return tuple(sorted((each for each in found.values() if each.ends_at > now.now), key=lambda each: each.ends_at))


def _of_decision(now: Moment, decision: Decision) -> Iterator[Countdown]:
    history = standing(now, now.seen.dated(now.now))
    yield from _window(now, decision, history)
    yield from _period(now, decision, history)


def _window(now: Moment, d: Decision, history: History) -> Iterator[Countdown]:
    low, high = d.bounds
    if max(low, min(high, d.stabilized)) == max(low, min(high, d.raw)):
        return  # within the bounds it makes no difference
    behavior = settings_of(now.hpa).behavior
    ends = held_until(now.seen.dated(now.now), d.raw, held_at=d.stabilized, behavior=behavior, history=history)
    if ends is not None:
        shrinking = d.raw < d.stabilized
        rules, which = (behavior.down, "higher") if shrinking else (behavior.up, "lower")
        text = f"The last {which} wish leaves the window of {seconds(rules.stabilization_s)}"
        yield Countdown("stabilization", text, ends + now.seen.lag_s, rules.stabilization_s)


def _period(now: Moment, d: Decision, history: History) -> Iterator[Countdown]:
    if d.policy is None:
        return
    ends = free_at(now.seen.dated(now.now), d.policy, history=history)
    if ends is not None:
        text = f"The policy of {policy_words(d.policy)} allows more again"
        yield Countdown("policy", text, ends + now.seen.lag_s, d.policy.period_s)
