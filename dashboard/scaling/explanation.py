"""Why an HPA wants the replicas it wants: a state, one sentence, the sum with its numbers. A pure function of rows.

The API hides the controller's own proposals, so the sum is worked out again from what the HPA last reported
(https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dashboard.scaling import obstacles

TOLERANCE = 0.1
"""The controller's --horizontal-pod-autoscaler-tolerance."""

Row = Mapping[str, Any]
Confidence = Literal["seen", "computed", "inferred"]


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the sum; `deciding` marks the one that settled the answer."""

    label: str
    value: str
    deciding: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """`state`: a word for machines. `sentence`: for people. `advice`: what to do, where something is to be done."""

    state: str
    sentence: str
    sum: tuple[Term, ...] = ()
    confidence: Confidence = "seen"
    advice: str | None = None


@dataclass(slots=True)
class _Numbers:
    current: int
    cpu: int
    target: int
    low: int
    high: int
    wanted: int | None
    ratio: float = field(init=False)
    raw: int = field(init=False)

    def __post_init__(self) -> None:
        self.ratio = self.cpu / self.target
        self.raw = math.ceil(self.current * self.ratio - 1e-9)

    @property
    def within_tolerance(self) -> bool:
        return abs(self.ratio - 1) <= TOLERANCE


def explain(hpa: Row) -> Explanation:
    """The explanation of one row of the view `hpas`."""
    conditions = {each["type"]: each for each in hpa.get("conditions") or []}
    obstacle = obstacles.find(hpa, conditions)
    if obstacle is not None:
        return Explanation(obstacle.state, obstacle.sentence, advice=obstacle.advice)
    numbers = _numbers(hpa)
    if numbers is None:
        return Explanation("unknown", "The HPA reports no CPU utilisation yet, so there is nothing to compute.")
    state, sentence, deciding = _verdict(numbers, conditions)
    confidence: Confidence = "inferred" if state == "held_back" else "computed"
    return Explanation(state, sentence, _sum(numbers, deciding), confidence)


def counted(replicas: int) -> str:
    """`1 replica`, `3 replicas`."""
    return "1 replica" if replicas == 1 else f"{replicas} replicas"


def _numbers(hpa: Row) -> _Numbers | None:
    values = [hpa.get(name) for name in ("current", "cpu_percent", "cpu_target", "max")]
    if any(value is None for value in values) or not values[2]:
        return None
    current, cpu, target, high = values
    return _Numbers(current, cpu, target, hpa.get("min") or 1, high, hpa.get("desired"))  # type: ignore[arg-type]


def _verdict(n: _Numbers, conditions: Mapping[str, Row]) -> tuple[str, str, str]:
    """State, sentence and the label of the deciding term."""
    able = conditions.get("AbleToScale", {}).get("reason")
    limited = conditions.get("ScalingLimited", {})
    limit = limited.get("reason") if limited.get("status") == "True" else None
    cpu = f"CPU is {n.cpu} % of the request, target {n.target} %"
    wanted = n.wanted if n.wanted is not None else n.raw
    if able == "SucceededRescale" and wanted > n.current:
        rate = ", as fast as its policies allow" if limit == "ScaleUpLimit" else ""
        return "scaling_up", f"Scaling up to {counted(wanted)}: {cpu}{rate}.", _decider(limit)
    if able == "SucceededRescale" and wanted < n.current:
        rate = ", as fast as its policies allow" if limit == "ScaleDownLimit" else ""
        return "scaling_down", f"Scaling down to {counted(wanted)}: {cpu}{rate}.", _decider(limit)
    if able == "ScaleDownStabilized":
        text = f"Holding {counted(n.current)}: {cpu}, but a higher wish from its stabilization window still counts."
        return "stabilizing", text, "so the HPA wants"
    if limit == "TooManyReplicas":
        return "at_max", f"At its maximum of {counted(n.high)}: {cpu}; it would want {n.raw}.", "bounds"
    if n.within_tolerance:
        return "within_tolerance", _steady(n), "inside"
    if limit == "TooFewReplicas" or (n.raw <= n.low and n.current == n.low):
        return "at_min", f"At its minimum of {counted(n.low)}: {cpu}.", "bounds"
    if n.raw > n.current == wanted:
        text = f"Holding {counted(n.current)}: {cpu}; pods that have only just started do not count in full yet."
        return "held_back", text, "so the HPA wants"
    return "ok", f"{counted(n.current)}: {cpu}.", "so the HPA wants"


def _steady(n: _Numbers) -> str:
    if n.cpu == n.target:
        return f"Steady: CPU is {n.cpu} % of the request, exactly its target, so nothing changes."
    side = "over" if n.cpu > n.target else "under"
    return (
        f"Steady: CPU is {n.cpu} % of the request, a little {side} its {n.target} % target but inside the "
        f"{TOLERANCE:.0%} tolerance, so nothing changes.".replace("10%", "10 %")
    )


def _decider(limit: str | None) -> str:
    return "so the HPA wants" if limit in ("ScaleUpLimit", "ScaleDownLimit") else "replicas needed"


def _sum(n: _Numbers, deciding: str) -> tuple[Term, ...]:
    low, high = 1 - TOLERANCE, 1 + TOLERANCE
    wanted = n.wanted if n.wanted is not None else n.raw
    terms = (
        ("replicas now", str(n.current)),
        ("CPU ÷ target", f"{n.cpu} ÷ {n.target} = {n.ratio:.2f}"),
        (f"inside {low:.2f} to {high:.2f}?", "yes" if n.within_tolerance else "no"),
        (f"replicas needed ⌈{n.current} × {n.ratio:.2f}⌉", str(n.raw)),
        ("bounds", f"{n.low} to {n.high}"),
        ("so the HPA wants", counted(wanted)),
    )
    return tuple(Term(label, value, label.startswith(deciding)) for label, value in terms)
