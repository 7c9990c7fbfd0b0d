"""How far one step may go: the policies over what was done within their periods, and the bounds.

https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#scaling-policies
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dashboard.scaling.algorithm.history import History
from dashboard.scaling.algorithm.settings import Policy, Rules, Settings

DOUBLE, ALWAYS_ALLOWED = 2, 4
"""Without `spec.behavior`: at most twice the replicas in one step, but four are always within reach."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The furthest size allowed, and the policy that says so; None for the rule of an HPA without `spec.behavior`."""

    size: int
    policy: Policy | None
    disabled: bool = False


def highest(now_s: float, *, current: int, settings: Settings, history: History) -> Limit:
    """The most replicas that may be had now, before the maximum."""
    behavior = settings.behavior
    if not behavior.written:
        return Limit(max(DOUBLE * current, ALWAYS_ALLOWED), None)
    limit = _furthest(now_s, behavior.up, current=current, history=history, way=1)
    return Limit(max(limit.size, current), limit.policy, limit.disabled)


def lowest(now_s: float, *, current: int, settings: Settings, history: History) -> Limit:
    """The fewest replicas that may be had now, before the minimum."""
    behavior = settings.behavior
    if not behavior.written:
        return Limit(0, None)
    limit = _furthest(now_s, behavior.down, current=current, history=history, way=-1)
    return Limit(min(limit.size, current), limit.policy, limit.disabled)


def free_at(now_s: float, policy: Policy, *, history: History) -> float | None:
    """When the oldest change within the policy's period no longer counts; None when nothing is counted."""
    cutoff = now_s - policy.period_s
    return min((each.at + policy.period_s for each in history.changes if each.at > cutoff), default=None)


def _furthest(now_s: float, rules: Rules, *, current: int, history: History, way: int) -> Limit:
    if rules.select == "Disabled" or not rules.policies:
        return Limit(current, None, disabled=True)
    limits = [Limit(_reach(now_s, each, current, history, way), each) for each in rules.policies]
    bold = (rules.select == "Max") == (way > 0)
    return (max if bold else min)(limits, key=lambda limit: limit.size)


def _reach(now_s: float, policy: Policy, current: int, history: History, way: int) -> int:
    """From the size at the start of the policy's period."""
    start = current - history.net_change_since(now_s - policy.period_s)
    if policy.type == "Pods":
        return start + way * policy.value
    if way > 0:
        # Rounded up: one more replica is always within reach, or a small target could never grow.
        return math.ceil(start * (1 + policy.value / 100))
    return int(start * (1 - policy.value / 100))
