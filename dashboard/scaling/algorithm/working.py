"""The worked sum of one decision, line by line, with its numbers. Words only; nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.scaling.algorithm.limiting import Limit
from dashboard.scaling.algorithm.proposing import Step
from dashboard.scaling.algorithm.settings import Policy, Settings
from dashboard.scaling.algorithm.terms import Term, counted, mebibytes, seconds

NEEDED, UNREADY, WINDOW, POLICIES, BOUNDS, INSIDE = "replicas needed", "pods", "window", "policies", "bounds", "inside"
DECIDERS = {
    "as_wanted": NEEDED, "within_tolerance": INSIDE, "held_back": UNREADY, "stabilized": WINDOW,
    "rate_limited": POLICIES, "disabled": POLICIES, "at_max": BOUNDS, "at_min": BOUNDS,
}  # fmt: skip
"""Reason → the line that it marks."""
HELD_NOTHING, LIMITED_NOTHING = "holds nothing", "no change to limit"
IDLE = frozenset({HELD_NOTHING, LIMITED_NOTHING})
"""What a step says that changed nothing; where there is little room such steps are left out."""


@dataclass(frozen=True, slots=True)
class Working:
    """One decision's numbers: `calm` after the window, `limited` after the policies, `desired` after the bounds."""

    step: Step
    settings: Settings
    calm: int
    limit: Limit | None
    limited: int
    desired: int


def terms(work: Working, *, reason: str) -> tuple[Term, ...]:
    """The sum; the line that `reason` names is the deciding one."""
    decider = DECIDERS[reason]
    return tuple(Term(label, value, name == decider) for name, label, value in _lines(work))


def policy_words(policy: Policy) -> str:
    """`2 pods per 30 s`, `100 % per 15 s`."""
    many = "pod" if policy.value == 1 else "pods"
    what = f"{policy.value} {many}" if policy.type == "Pods" else f"{policy.value} %"
    return f"{what} per {seconds(policy.period_s)}"


def figure(value: float, *, is_bytes: bool = False) -> str:
    """`200`, `12.5`, `200 MiB`, `250m`."""
    if is_bytes:
        return mebibytes(value)
    if 0 < value < 1:
        return f"{1000 * value:.0f}m"
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def _lines(work: Working) -> list[tuple[str, str, str]]:
    step, settings = work.step, work.settings
    usage, target = (figure(each, is_bytes=step.is_bytes) for each in (step.usage, step.target))
    lines = [
        ("current", "replicas now", str(step.current)),
        ("ratio", f"{step.name} ÷ target", f"{usage} ÷ {target} = {step.ratio:.2f}"),
        (INSIDE, f"inside {step.lowest:.2f} to {step.highest:.2f}?", "yes" if step.within_tolerance else "no"),
        (NEEDED, f"replicas needed ⌈{step.counted_plainly} × {step.ratio:.2f}⌉", str(step.plain)),
    ]
    if step.softened is not None:
        filled = step.counted - step.counted_plainly
        label = f"pods not counted yet: {filled}, as {'idle' if step.ratio > 1 else 'full'}"
        lines.append((UNREADY, label, f"⌈{step.counted} × {step.softened:.2f}⌉ → {step.replicas}"))
    lines.append((WINDOW, *_window(work)))
    lines.append((POLICIES, "policies", _policies(work)))
    lines.append((BOUNDS, "bounds", f"{settings.min} to {settings.max}"))
    lines.append(("desired", "so the HPA wants", counted(work.desired)))
    return lines


def _window(work: Working) -> tuple[str, str]:
    step, behavior = work.step, work.settings.behavior
    rules = behavior.up if step.replicas > step.current else behavior.down
    label = f"stabilization window of {seconds(rules.stabilization_s)}"
    return label, f"holds {work.calm}" if work.calm != step.replicas else HELD_NOTHING


def _policies(work: Working) -> str:
    if work.limit is None:
        return LIMITED_NOTHING
    if work.limit.disabled:
        return "switched off in this direction"
    growing = work.calm > work.step.current
    if work.limit.policy is None:
        return f"at most {work.limit.size}" if growing else "none in this direction"
    return f"at {'most' if growing else 'least'} {work.limit.size}: {policy_words(work.limit.policy)}"
