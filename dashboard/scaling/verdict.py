"""The state of an HPA that computes, and the sentence for it. Pure."""

from __future__ import annotations

from dataclasses import replace

from dashboard.scaling.algorithm import Decision, Step
from dashboard.scaling.algorithm.terms import counted, seconds
from dashboard.scaling.algorithm.working import policy_words
from dashboard.scaling.finding import Confidence, Finding
from dashboard.scaling.metric_words import listed, unread
from dashboard.scaling.moment import Moment
from dashboard.scaling.reading import settings_of
from dashboard.scaling.told import Told


def judge(now: Moment, last: Told) -> Finding:
    """What the last sync came to, and which of several metrics it came without."""
    found = _judged(now, last)
    blind = unread(last.measured.metrics) if now.condition("ScalingActive").get("status") == "True" else []
    if not blind:
        return found
    them, they = ("it", "it is") if len(blind) == 1 else ("them", "they are")
    told = f"{found.sentence} It goes without {listed(blind)}, which cannot be read: until {they}, it only grows."
    advice = " ".join(filter(None, (found.advice, f"Install what serves {them}, or take {them} out of the HPA.")))
    return replace(found, sentence=told, advice=advice)


def _judged(now: Moment, last: Told) -> Finding:
    decision, step = last.decision, last.measured.step
    if decision is None or step is None:
        return _without_sum(now, last)
    confidence: Confidence = "computed" if last.computed else "inferred" if decision.reason == "held_back" else "seen"
    state, sentence = _verdict(now, decision, step, last.measured.said)
    return Finding(state, sentence, _advice(state), confidence)


def _verdict(now: Moment, d: Decision, step: Step, said: str) -> tuple[str, str]:
    here = counted(d.current)
    if d.desired > d.current:
        return "scaling_up", f"Scaling up to {counted(d.desired)}: {said}{_held(d)}."
    if d.desired < d.current:
        return "scaling_down", f"Scaling down to {counted(d.desired)}: {said}{_held(d)}."
    if step.ratio < step.lowest and d.desired <= d.bounds[0]:
        return "at_min", f"At its minimum of {counted(d.bounds[0])}: {said}."
    if d.reason == "at_max":
        return "at_max", f"At its maximum of {counted(d.bounds[1])}: {said}; it would want {d.stabilized}."
    if d.reason in ("rate_limited", "disabled"):
        return "rate_limited", f"Holding {here}: {said}{_held(d)}."
    if d.reason == "stabilized":
        return "stabilizing", f"Holding {here}: {said}, but a {_calmer(now, d, step)} still counts."
    if d.reason == "held_back" or (d.reason == "as_wanted" and step.plain != d.desired):
        return "held_back", f"Holding {here}: {said}; {_young(now)}."
    if step.within_tolerance:
        return "within_tolerance", _steady(step, said)
    return "ok", f"{here}: {said}."


def _held(d: Decision) -> str:
    """What kept it from going further, and how far it would have gone."""
    if d.reason in ("at_max", "at_min"):
        which = f"maximum is {d.bounds[1]}" if d.reason == "at_max" else f"minimum is {d.bounds[0]}"
        return f"; it would want {d.stabilized}, but its {which}"
    if d.reason == "disabled":
        return f"; it would want {d.stabilized}, but its behavior switches this direction off"
    if d.reason != "rate_limited":
        return ""
    limit = f"its policy allows {policy_words(d.policy)}" if d.policy else "that is as fast as its policies allow"
    return f"; it would want {d.stabilized}, but {limit}"


def _calmer(now: Moment, d: Decision, step: Step) -> str:
    behavior = settings_of(now.hpa).behavior
    rules, which = (behavior.up, "lower") if step.replicas > d.current else (behavior.down, "higher")
    return f"{which} wish within the last {seconds(rules.stabilization_s)}"


def _young(now: Moment) -> str:
    used = now.seen.usage
    unready, missing = (len(used.unready), len(used.missing)) if used is not None else (0, 0)
    if not unready and not missing:
        return "pods that have only just started do not count in full yet"
    parts = [f"{_pods(unready)} not ready long enough"] if unready else []
    parts += [f"{_pods(missing)} without a figure"] if missing else []
    return f"{' and '.join(parts)} {'does' if unready + missing == 1 else 'do'} not count in full yet"


def _pods(many: int) -> str:
    return "1 pod" if many == 1 else f"{many} pods"


def _steady(step: Step, said: str) -> str:
    if step.ratio == 1:
        return f"Steady: {said}, exactly that, so nothing changes."
    side, room = ("over", step.highest - 1) if step.ratio > 1 else ("under", 1 - step.lowest)
    return f"Steady: {said}: a little {side} it but inside the tolerance of {room * 100:.0f} %, so nothing changes."


def _advice(state: str) -> str | None:
    if state == "at_max":
        return "Raise the maximum if the load is meant to stay, or see whether one replica can do more."
    return None


def _without_sum(now: Moment, last: Told) -> Finding:
    """The HPA says what it does, but not by figures that can be worked with."""
    current, desired = now.hpa.get("current"), now.hpa.get("desired")
    is_silent = not any(each.current for each in last.measured.metrics)
    if now.condition("ScalingActive").get("status") != "True" or is_silent or current is None or desired is None:
        return _by_bounds(now) or Finding("unknown", "The HPA reports no figure yet, so there is nothing to compute.")
    said = f": {last.measured.said}" if last.measured.said else ""
    if desired != current:
        up = desired > current
        state, way = ("scaling_up", "up") if up else ("scaling_down", "down")
        return Finding(state, f"Scaling {way} to {counted(desired)}{said}.")
    limited = now.condition("ScalingLimited")
    at = {"TooManyReplicas": "at_max", "TooFewReplicas": "at_min"}.get(limited.get("reason") or "")
    state = at if at and limited.get("status") == "True" else "ok"
    return Finding(state, f"{counted(current)}{said}.")


def _by_bounds(now: Moment) -> Finding | None:
    """A size outside the bounds is put right at once, without a look at any figure; so none is reported."""
    rescales = [each for each in now.events if each.get("reason") == "SuccessfulRescale"]
    message = str(rescales[-1].get("message") or "") if rescales else ""
    if now.size is None or not message.startswith(f"New size: {now.size};"):
        return None
    for ending, state, which in (
        ("above Spec.MaxReplicas", "at_max", "maximum"),
        ("below Spec.MinReplicas", "at_min", "minimum"),
    ):
        if message.endswith(ending):
            at = f"Brought to its {which} of {counted(now.size)}."
            sentence = f"{at} That takes no figures; the next sync looks at them again."
            return Finding(state, sentence)
    return None
