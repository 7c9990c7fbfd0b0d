"""What the HPA decided at its last sync: worked out again from what it reported, and put right by what it says. Pure.

Its history is known only as far as it was watched; where ours leads elsewhere, the HPA's own conditions count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.scaling.algorithm import Decision, Policy, Reason, Settings, Step, decide
from dashboard.scaling.algorithm.limiting import Limit
from dashboard.scaling.algorithm.working import Working, terms
from dashboard.scaling.measuring import Measured, reported
from dashboard.scaling.moment import Moment
from dashboard.scaling.reading import settings_of

LIMITS: dict[str, Reason] = {
    "TooManyReplicas": "at_max", "TooFewReplicas": "at_min", "ScaleUpLimit": "rate_limited",
    "ScaleDownLimit": "rate_limited",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """`decision`: None when its figures are not known. `computed`: whether ours came out the same."""

    measured: Measured
    decision: Decision | None
    computed: bool


def told(now: Moment) -> Told:
    """At the last sync that changed anything."""
    hpa = now.hpa
    measured = reported(hpa, used=now.seen.usage)
    current, step = hpa.get("current"), measured.step
    if step is None or current is None or now.condition("ScalingActive").get("status") != "True":
        return Told(measured, None, computed=False)
    settings = settings_of(hpa)
    at = now.seen.synced_at if now.seen.synced_at is not None else now.now
    ours = decide(now.seen.dated(at), current, step, settings, now.seen.before)
    said = _said(now)
    wanted = hpa["desired"] if hpa.get("desired") is not None else ours.desired
    if ours.desired == wanted and said in (None, ours.reason) and not _is_denied(now, ours):
        return Told(measured, ours, computed=True)
    return Told(
        measured, _as_said(ours, step, settings, reason=said or _guess(ours, step, wanted), desired=wanted), False
    )


def _said(now: Moment) -> Reason | None:
    """The reason in the conditions; None when they name none."""
    limited, able = now.condition("ScalingLimited"), now.condition("AbleToScale").get("reason")
    if limited.get("status") == "True":
        return LIMITS.get(limited.get("reason") or "")
    if able in ("ScaleDownStabilized", "ScaleUpStabilized"):
        return "stabilized"
    return None


def _is_denied(now: Moment, ours: Decision) -> bool:
    """Whether the HPA says that nothing has limited it, where ours was limited."""
    return ours.reason in LIMITS.values() and now.condition("ScalingLimited").get("status") == "False"


def _guess(ours: Decision, step: Step, wanted: int) -> Reason:
    """Without a word of the HPA, another size than the sum's can only come from pods that did not count."""
    if wanted == ours.desired and ours.reason not in LIMITS.values():
        return ours.reason
    return "held_back" if step.plain != wanted else "as_wanted"


def _as_said(ours: Decision, step: Step, settings: Settings, *, reason: Reason, desired: int) -> Decision:
    calm = desired if reason == "stabilized" else (step.replicas if step.replicas != step.current else ours.stabilized)
    growing = step.replicas > step.current
    policy = _only_policy(settings, growing=growing) if reason == "rate_limited" else None
    limit = Limit(desired, policy) if reason == "rate_limited" else None
    work = Working(step, settings, calm=calm, limit=limit, limited=desired, desired=desired)
    return replace(
        ours, desired=desired, stabilized=calm, limited=desired, reason=reason, policy=policy,
        terms=terms(work, reason=reason),
    )  # fmt: skip


def _only_policy(settings: Settings, *, growing: bool) -> Policy | None:
    """With several policies the API does not say which one it was."""
    policies = (settings.behavior.up if growing else settings.behavior.down).policies
    return policies[0] if len(policies) == 1 else None
