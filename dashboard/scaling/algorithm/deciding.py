"""From what the metrics ask for to what is done: window, policies, bounds, each step on record.

https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dashboard.scaling.algorithm import limiting
from dashboard.scaling.algorithm.history import History
from dashboard.scaling.algorithm.limiting import Limit
from dashboard.scaling.algorithm.proposing import Step
from dashboard.scaling.algorithm.settings import Policy, Settings
from dashboard.scaling.algorithm.stabilizing import stabilized
from dashboard.scaling.algorithm.terms import Term
from dashboard.scaling.algorithm.working import Working, terms

Reason = Literal[
    "as_wanted", "within_tolerance", "held_back", "stabilized", "rate_limited", "disabled", "at_max", "at_min",
    "above_max", "below_min", "paused_at_zero",
]  # fmt: skip
"""Which step had the last word."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`raw`: what the metrics ask for; `stabilized`: after the window; `limited`: after the policies; `desired`: done.

    `bounds`: minimum and maximum; `policy`: the one that limited; `terms`: the sum, its deciding line marked.
    """

    current: int
    desired: int
    raw: int
    stabilized: int
    limited: int
    bounds: tuple[int, int]
    reason: Reason
    policy: Policy | None = None
    terms: tuple[Term, ...] = ()


def decide(now_s: float, current: int, proposal: Step, settings: Settings, history: History) -> Decision:
    """What an HPA does at a sync at `now_s` with `current` replicas. `history`: what was before this sync."""
    bounded = outside(current, settings)
    if bounded is not None:
        return bounded
    calm = stabilized(now_s, proposal.replicas, current=current, behavior=settings.behavior, history=history)
    limit = _limit(now_s, calm, current=current, settings=settings, history=history)
    limited = calm if limit is None else (min(calm, limit.size) if calm > current else max(calm, limit.size))
    desired = min(max(limited, settings.min), settings.max)
    reason = _bound(calm, limit, settings) or _reason(proposal, calm=calm, limited=limited, limit=limit)
    work = Working(proposal, settings, calm=calm, limit=limit, limited=limited, desired=desired)
    return Decision(
        current, desired, proposal.replicas, calm, limited, (settings.min, settings.max), reason,
        limit.policy if limit is not None and reason == "rate_limited" else None, terms(work, reason=reason),
    )  # fmt: skip


def after(history: History, now_s: float, decision: Decision, settings: Settings) -> History:
    """The history with this sync in it, without what no longer counts."""
    grown = history.recommended(now_s, decision.raw).scaled(now_s, decision.desired - decision.current)
    return grown.kept(now_s, settings.behavior)


def outside(current: int, settings: Settings) -> Decision | None:
    """What happens before any metric is looked at: the bounds are kept, and no replicas at all switch scaling off."""
    found: tuple[Reason, int] | None = None
    if current == 0 and settings.min != 0:
        found = ("paused_at_zero", 0)
    elif current > settings.max:
        found = ("above_max", settings.max)
    elif current < settings.min:
        found = ("below_min", settings.min)
    if found is None:
        return None
    reason, desired = found
    lines = (
        Term("replicas now", str(current), reason == "paused_at_zero"),
        Term("bounds", f"{settings.min} to {settings.max}", reason != "paused_at_zero"),
    )
    return Decision(current, desired, desired, desired, desired, (settings.min, settings.max), reason, terms=lines)


def _limit(now_s: float, calm: int, *, current: int, settings: Settings, history: History) -> Limit | None:
    if calm == current:
        return None
    furthest = limiting.highest if calm > current else limiting.lowest
    return furthest(now_s, current=current, settings=settings, history=history)


def _bound(calm: int, limit: Limit | None, settings: Settings) -> Reason | None:
    """A bound that is reached has the last word, also where a policy allows no more than it."""
    reach = None if limit is None else limit.size
    if calm > settings.max and (reach is None or reach >= settings.max):
        return "at_max"
    if calm < settings.min and (reach is None or reach <= settings.min):
        return "at_min"
    return None


def _reason(proposal: Step, *, calm: int, limited: int, limit: Limit | None) -> Reason:
    """The last step that changed the answer; without one, why the metrics ask for what they do."""
    if limited != calm:
        return "disabled" if limit is not None and limit.disabled else "rate_limited"
    if calm != proposal.replicas:
        return "stabilized"
    if proposal.held_back:
        return "held_back"
    return "within_tolerance" if proposal.within_tolerance else "as_wanted"
