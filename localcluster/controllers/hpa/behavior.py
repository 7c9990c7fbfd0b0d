"""From what the metrics ask for to what may be done: limits, policies, stabilization windows; pure but for `History`.

`spec.behavior` limits how fast (policies over what was done lately) and how nervously (the least bold recommendation of
a window). Without it, Kubernetes' older rules hold: at most twice the replicas (or 4) up, 5 minutes of calm down.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from localcluster import quantity
from localcluster.controllers.hpa.replica_calculator import Tolerances

DOWNSCALE_STABILIZATION = 300
"""Seconds of calm before a scale-down where none are given (controller-manager's default)."""
_UP_FACTOR, _UP_MINIMUM = 2, 4

WITHIN_RANGE = ("DesiredWithinRange", "the desired count is within the acceptable range")
TOO_MANY = ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
TOO_FEW = ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
UP_LIMIT = ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
DOWN_LIMIT = ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate")
READY = ("ReadyForNewScale", "recommended size matches current size")
UP_STABILIZED = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
)
DOWN_STABILIZED = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
)
Wording = tuple[str, str]
Rules = Mapping[str, Any]


@dataclass(slots=True)
class History:
    """What one autoscaler recommended and did lately; kept in memory only, as Kubernetes does."""

    recommendations: list[tuple[datetime, int]] = field(default_factory=list)
    ups: list[tuple[datetime, int]] = field(default_factory=list)
    downs: list[tuple[datetime, int]] = field(default_factory=list)

    def start(self, replicas: int, *, now: datetime) -> None:
        """Takes the size first seen as the first recommendation, so that a restart does not cut replicas at once."""
        if not self.recommendations:
            self.recommendations.append((now, replicas))

    def scaled(self, before: int, after: int, *, behavior: Rules | None, now: datetime) -> None:
        """Remembers a rescale for the policies' periods."""
        if behavior is None:
            return
        events, rules = (self.ups, behavior["scaleUp"]) if after > before else (self.downs, behavior["scaleDown"])
        oldest = now - timedelta(seconds=max((p["periodSeconds"] for p in rules.get("policies") or []), default=0))
        events[:] = [event for event in events if event[0] >= oldest]
        events.append((now, abs(after - before)))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range an autoscaler may move in and where it stands."""

    minimum: int
    maximum: int
    current: int


@dataclass(frozen=True, slots=True)
class Decision:
    """`replicas` to have, and the reasons and messages of AbleToScale and ScalingLimited."""

    replicas: int
    able: Wording
    limited: bool
    limit: Wording


def with_defaults(behavior: Rules | None) -> Rules | None:
    """`spec.behavior` with both directions filled in, as the API server's defaults have them."""
    if behavior is None:
        return None
    up = {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": [
            {"type": "Pods", "value": 4, "periodSeconds": 15},
            {"type": "Percent", "value": 100, "periodSeconds": 15},
        ],
    }
    down = {
        "stabilizationWindowSeconds": DOWNSCALE_STABILIZATION,
        "selectPolicy": "Max",
        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
    }
    return {"scaleUp": _filled(behavior.get("scaleUp"), up), "scaleDown": _filled(behavior.get("scaleDown"), down)}


def _filled(rules: Rules | None, defaults: Rules) -> Rules:
    given = {key: value for key, value in (rules or {}).items() if value is not None}
    return {**defaults, **given}


def tolerances(behavior: Rules | None) -> Tolerances:
    """The tolerances of both directions; the cluster's default where none is given."""
    given: dict[str, float] = {}
    for key, name in (("scaleUp", "scale_up"), ("scaleDown", "scale_down")):
        value = ((behavior or {}).get(key) or {}).get("tolerance")
        if value is not None:
            given[name] = float(quantity.parse(str(value)))
    return Tolerances(**given)


def decide(wanted: int, *, bounds: Bounds, behavior: Rules | None, history: History, now: datetime) -> Decision:
    """What to do about `wanted` replicas; records the recommendation in `history`."""
    if behavior is None:
        stable = _stabilized_plainly(wanted, history=history, now=now)
        able = READY if stable == wanted else DOWN_STABILIZED
        replicas, limit = _within_plain_limits(stable, bounds=bounds)
    else:
        stable, wording = _stabilized(wanted, bounds=bounds, behavior=behavior, history=history, now=now)
        able = READY if stable == wanted else wording
        replicas, limit = _within_policies(stable, bounds=bounds, behavior=behavior, history=history, now=now)
    return Decision(replicas, able, replicas != stable, limit)


def _stabilized_plainly(wanted: int, *, history: History, now: datetime) -> int:
    cutoff = now - timedelta(seconds=DOWNSCALE_STABILIZATION)
    history.recommendations[:] = [kept for kept in history.recommendations if kept[0] >= cutoff]
    highest = max((replicas for _, replicas in history.recommendations), default=wanted)
    history.recommendations.append((now, wanted))
    return max(wanted, highest)


def _stabilized(
    wanted: int, *, bounds: Bounds, behavior: Rules, history: History, now: datetime
) -> tuple[int, Wording]:
    """The current size, moved no further than every recommendation of the direction's window agrees to."""
    up_cutoff, down_cutoff = (
        now - timedelta(seconds=behavior[way]["stabilizationWindowSeconds"]) for way in ("scaleUp", "scaleDown")
    )
    lowest = min([wanted, *(replicas for at, replicas in history.recommendations if at > up_cutoff)])
    highest = max([wanted, *(replicas for at, replicas in history.recommendations if at > down_cutoff)])
    oldest = min(up_cutoff, down_cutoff)
    history.recommendations[:] = [kept for kept in history.recommendations if kept[0] >= oldest]
    history.recommendations.append((now, wanted))
    stable = min(max(bounds.current, lowest), highest)
    return stable, UP_STABILIZED if wanted >= bounds.current else DOWN_STABILIZED


def _within_plain_limits(wanted: int, *, bounds: Bounds) -> tuple[int, Wording]:
    rate = max(_UP_FACTOR * bounds.current, _UP_MINIMUM)
    highest, wording = (rate, UP_LIMIT) if bounds.maximum > rate else (bounds.maximum, TOO_MANY)
    if wanted < bounds.minimum:
        return bounds.minimum, TOO_FEW
    return (highest, wording) if wanted > highest else (wanted, WITHIN_RANGE)


def _within_policies(
    wanted: int, *, bounds: Bounds, behavior: Rules, history: History, now: datetime
) -> tuple[int, Wording]:
    if wanted > bounds.current:
        rate = max(_rate_limit(bounds.current, 1, rules=behavior["scaleUp"], history=history, now=now), bounds.current)
        highest, wording = (rate, UP_LIMIT) if bounds.maximum > rate else (bounds.maximum, TOO_MANY)
        if wanted > highest:
            return highest, wording
    elif wanted < bounds.current:
        rate = _rate_limit(bounds.current, -1, rules=behavior["scaleDown"], history=history, now=now)
        rate = min(rate, bounds.current)
        lowest, wording = (rate, DOWN_LIMIT) if bounds.minimum < rate else (bounds.minimum, TOO_FEW)
        if wanted < lowest:
            return lowest, wording
    return wanted, WITHIN_RANGE


def _rate_limit(current: int, sign: int, *, rules: Rules, history: History, now: datetime) -> int:
    """The furthest size the policies allow upwards (`sign` 1) or downwards (-1)."""
    if rules["selectPolicy"] == "Disabled":
        return current
    limits: list[int] = []
    for policy in rules["policies"]:
        cutoff = now - timedelta(seconds=policy["periodSeconds"])
        start = current - _changed(history.ups, since=cutoff) + _changed(history.downs, since=cutoff)
        if policy["type"] == "Pods":
            limits.append(start + sign * policy["value"])
        elif sign > 0:
            # Rounded up: one replica more must always be within reach, or a small target could never grow.
            limits.append(math.ceil(start * (1 + policy["value"] / 100)))
        else:
            limits.append(int(start * (1 - policy["value"] / 100)))
    boldest = max if sign > 0 else min
    timid = min if sign > 0 else max
    return timid(limits) if rules["selectPolicy"] == "Min" else boldest(limits)


def _changed(events: Sequence[tuple[datetime, int]], *, since: datetime) -> int:
    return sum(change for at, change in events if at > since)
