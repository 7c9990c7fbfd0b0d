"""What comes between an HPA's wish and its pods, joined from other objects: quotas, full nodes, other hands. Pure."""

from __future__ import annotations

import re

from dashboard.kube.quota_refusals import QuotaRefusal, refusal_of
from dashboard.scaling.algorithm.terms import counted
from dashboard.scaling.finding import Finding
from dashboard.scaling.measuring import cpu_share
from dashboard.scaling.moment import Moment, Row
from dashboard.scaling.obstacles import CHECK_CONTROLLER, SILENT_S
from dashboard.scaling.outlook import Outlook
from dashboard.scaling.reading import moment

REFUSED_S = 1200.0
"""A ReplicaSet tries again ever more rarely, up to every 16 minutes."""
_FORBIDDEN = re.compile(r'(?:pods|persistentvolumeclaims) "[^"]*" is forbidden: (.+)$', re.DOTALL)
_LIMIT_RANGE = re.compile(r"(?:minimum|maximum) \S+ usage per|max limit to request ratio per")
_SCHEDULERS_ASIDE = re.compile(r"\.? (?:no new claims to deallocate|preemption: )")
"""From here on the scheduler tells what else it tried; the evidence has its every word."""
LATELY_S = 60.0
"""So long a size set by somebody else is news."""


def find(now: Moment, next_: Outlook | None) -> Finding | None:
    """The first thing in the way; None when the HPA's word is what happens."""
    return _refusal(now) or _no_room(now) or _other_hand(now) or _silent(now, next_)


def refused(now: Moment) -> tuple[str, Row | None] | None:
    """The words the API server refused the target's next pod with, and the Event that told them, if it was one."""
    if now.target is None or now.size is None or len(_standing(now)) >= now.size:
        return None
    for event in reversed(now.events):
        at = moment(event.get("at"))
        young = at is not None and now.now - at < REFUSED_S
        if event["reason"] != "FailedCreate":
            continue
        if young and _is_refusal(event["message"]):
            return str(event["message"]), event
        break  # only the last refusal counts: what refused before it has been put right
    told = now.target.get("reason")
    return (str(told), None) if _is_refusal(told) else None


def _is_refusal(told: str | None) -> bool:
    """Of a pod as it is; whatever else keeps it from being made passes."""
    return refusal_of(told) is not None or _FORBIDDEN.search(told or "") is not None


def _standing(now: Moment) -> list[Row]:
    return [pod for pod in now.pods if not pod.get("deleted_at") and pod.get("phase") not in ("Failed", "Succeeded")]


def _refusal(now: Moment) -> Finding | None:
    found = refused(now)
    if found is None:
        return None
    has = str(len(_standing(now))) if now.pods else "fewer"  # they may be unreadable
    sizes = f"{counted(now.size or 0)} wanted, {has} there"
    quota = refusal_of(found[0])
    return _other_rule(now, found[0], sizes) if quota is None else _quota(now, quota, sizes)


def _quota(now: Moment, refusal: QuotaRefusal, sizes: str) -> Finding:
    sentence = f"Blocked by the quota {refusal.quota} of namespace {now.hpa['namespace']}: {sizes}. {_lacking(refusal)}"
    advice = f"Raise the quota {refusal.quota}, lower what a pod requests, or lower the HPA's maximum."
    return Finding("quota_blocked", sentence, advice)


def _other_rule(now: Moment, message: str, sizes: str) -> Finding:
    """A LimitRange, Pod Security, a webhook: in the words of the API server."""
    forbidden = _FORBIDDEN.search(message)
    told = (forbidden[1] if forbidden else message).strip().rstrip(".")
    if _LIMIT_RANGE.search(told):
        sentence = f"A LimitRange of namespace {now.hpa['namespace']} refuses the next pod: {told}; {sizes}."
        advice = "Bring the containers' requests and limits within its bounds, or change the LimitRange."
        return Finding("pods_refused", sentence, advice)
    sentence = f"The API server refuses the next pod: {told}; {sizes}."
    return Finding("pods_refused", sentence, "Correct what the API server refuses.")


def _lacking(refusal: QuotaRefusal) -> str:
    if refusal.needs:
        return f"It wants every container to say {', '.join(refusal.needs)}."
    lacks = "; ".join(
        f"all {each.limited} pods that it allows are used"
        if each.resource == "pods"
        else f"the next pod needs {each.requested} of {each.resource}, {each.used} of {each.limited} are used"
        for each in refusal.lacks
    )
    return f"{lacks[:1].upper()}{lacks[1:]}." if lacks else "The API server refuses the next pod."


def _no_room(now: Moment) -> Finding | None:
    waiting = [pod for pod in now.pods if pod.get("unschedulable") and not pod.get("deleted_at")]
    if not waiting:
        return None
    told = _SCHEDULERS_ASIDE.split(str(waiting[0]["unschedulable"]))[0].rstrip(".")
    sentence = (
        f"No node takes {'one pod' if len(waiting) == 1 else f'{len(waiting)} pods'} of the "
        f"{counted(now.size or len(waiting))} wanted: {told}."
    )
    if "were unschedulable" in told:
        return Finding(
            "unschedulable", sentence, "Uncordon the node that takes no pods (kubectl uncordon), or add one."
        )
    return Finding("unschedulable", sentence, "Add a node, or lower what a pod requests.")


def _other_hand(now: Moment) -> Finding | None:
    """A size that somebody else has set is news until the HPA has set one itself."""
    changed = now.changed_by
    if not changed or changed.get("by") == "hpa" or changed.get("after") != now.size:
        return None
    at, scaled = moment(changed.get("at")), moment(now.hpa.get("last_scale_at"))
    if at is None or now.now - at > LATELY_S or (scaled is not None and scaled > at):
        return None
    before = f" from {changed['before']}" if changed.get("before") is not None else ""
    sentence = (
        f"{changed.get('manager') or 'Somebody'} has set it{before} to {counted(now.size or 0)}, not the HPA, "
        "which decides anew at its next sync."
    )
    advice = "Nothing, if this was meant; to keep a size, change the HPA's minimum or maximum."
    if changed.get("by") == "other" and changed.get("manager"):
        advice = f"Take spec.replicas out of what {changed['manager']} applies, or the two undo each other."
    return Finding("manual_scale", sentence, advice)


def _silent(now: Moment, next_: Outlook | None) -> Finding | None:
    """The status stays as it is while the figures say something else.

    Kubernetes writes no observedGeneration into an HPA, so a change of the HPA that was not seen cannot be told.
    """
    synced, since = now.seen.synced_at, now.seen.differs_since
    if synced is None or now.now - synced <= SILENT_S:
        return None
    if since is None or now.now - since <= SILENT_S or next_ is None or next_.measured.step is None:
        return None
    told = cpu_share(now.hpa)
    kept = "nothing" if told is None else f"{told:.0f} %"
    sentence = f"{next_.measured.said}, but the HPA has said {kept} for more than a minute: nobody seems to look."
    return Finding("stale_controller", sentence, CHECK_CONTROLLER, "inferred")
