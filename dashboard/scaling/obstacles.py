"""What keeps an HPA from computing at all, read off its conditions, and what has changed since it looked. Pure."""

from __future__ import annotations

import re

from dashboard.scaling.algorithm.terms import counted
from dashboard.scaling.finding import Finding
from dashboard.scaling.measuring import reported
from dashboard.scaling.metric_words import listed, unread
from dashboard.scaling.moment import Moment, Row
from dashboard.scaling.outlook import Outlook
from dashboard.scaling.reading import moment
from dashboard.store.metric_failures import obstacle_of

_CONTROLLED_BY = re.compile(r"controlled by multiple HPAs: \[([^\]]+)\]")
SILENT_S = 60.0
"""Four syncs without a word; then nobody is looking."""
CHECK_CONTROLLER = "Look at the controller manager (kube-controller-manager): it writes the status of every HPA."


def find(now: Moment, next_: Outlook | None) -> Finding | None:
    """What is in the way; None when the HPA computes."""
    if not now.hpa.get("conditions"):
        return _not_looked_at(now)
    if now.condition("AbleToScale").get("reason") == "FailedGetScale":
        return _no_target(now)
    if now.condition("AbleToScale").get("reason") == "FailedUpdateScale":
        told = now.condition("AbleToScale").get("message")
        return Finding("unknown", f"Not scaling: the API server refused the new size: {told}", "See who may scale it.")
    active = now.condition("ScalingActive")
    if now.size == 0 and now.hpa.get("min") != 0:
        return _paused(now)
    if active.get("status") != "False" or active.get("reason") == "ScalingDisabled":
        return None
    if active.get("reason") == "AmbiguousSelector":
        return _ambiguous(now, str(active.get("message") or ""))
    return _no_figures(now, next_)


def _ambiguous(now: Moment, message: str) -> Finding:
    """The controller names all of them in brackets, this one among them; an HPA of a later version may not."""
    own = f"{now.hpa.get('namespace')}/{now.hpa.get('name')}"
    named = _CONTROLLED_BY.search(message)
    others = sorted({each for each in named[1].split() if each != own} if named else ())
    who = listed(others) or "another HPA"
    scale = "scale" if len(others) > 1 else "scales"
    sentence = f"Not scaling: {who} {scale} the same pods, and Kubernetes lets none of them scale."
    advice = (
        "Delete all but one of them, or give their targets selectors that share no pod; one HPA takes many metrics."
    )
    return Finding("ambiguous", sentence, advice)


def _not_looked_at(now: Moment) -> Finding:
    made = moment(now.hpa.get("created_at"))
    if made is not None and now.now - made > SILENT_S:
        return Finding("stale_controller", "The HPA controller has never looked at it.", CHECK_CONTROLLER, "inferred")
    return Finding("not_synced", "The HPA controller has not looked at it yet.", "Wait up to 15 s.")


def _no_target(now: Moment) -> Finding:
    target = now.hpa.get("target") or {}
    named = f"{target.get('kind')} {target.get('name')}"
    if now.target is not None:
        sentence = f"Not scaling yet: its target {named} is there by now, the HPA reads it at its next sync."
        return Finding("target_not_found", sentence, "Wait up to 15 s.")
    sentence = f"Not scaling: its target {named} is not there."
    return Finding("target_not_found", sentence, "Deploy the target, or correct scaleTargetRef.")


def _paused(now: Moment) -> Finding:
    set_by = now.changed_by or {}
    who = f", set by {set_by['manager']}," if set_by.get("after") == 0 and set_by.get("manager") else ","
    sentence = f"Paused: the target has 0 replicas{who} which switches scaling off."
    return Finding("paused_at_zero", sentence, "Scale it to 1.")


def _no_figures(now: Moment, next_: Outlook | None) -> Finding:
    active = now.condition("ScalingActive")
    found = obstacle_of(active.get("reason") or "", active.get("message") or "")
    last = reported(now.hpa)
    blind = unread(last.metrics)
    if blind:
        rest = f"and an HPA shrinks only by all of its metrics. {last.said}."
        sentence = f"Holding {counted(now.size or 0)}: {listed(blind)} cannot be read, {rest}"
        return Finding(found.state, sentence, found.advice)
    if next_ is None or next_.measured.step is None:
        young = found.state == "no_metrics_yet" and _measured(now)
        return _young(young) if young else Finding(found.state, found.sentence, found.advice)
    # The condition is as old as the last sync; the figure is newer.
    since, synced = now.seen.differs_since, now.seen.synced_at
    if since is not None and synced is not None and now.now - max(since, synced) > SILENT_S:
        sentence = f"{next_.measured.said} for more than a minute, but the HPA still says that it has no figure."
        return Finding("stale_controller", sentence, CHECK_CONTROLLER, "inferred")
    sentence = f"Not scaling yet, but the figure has come: {next_.measured.said}. The HPA reads it at its next sync."
    return Finding("no_metrics_yet", sentence, "Wait up to 15 s.")


def _measured(now: Moment) -> list[Row]:
    return [pod for pod in now.pods if pod.get("cpu_percent") is not None and not pod.get("deleted_at")]


def _young(pods: list[Row]) -> Finding:
    """There are figures, but of the first seconds of pods, by which the HPA does not go."""
    most = max(pod["cpu_percent"] for pod in pods)
    sentence = (
        f"Not scaling yet: the only CPU figure so far, {most:.0f} % of the request, is of a pod's start and does not "
        "count. The next one does."
    )
    return Finding("no_metrics_yet", sentence, "Wait for the next scrape of metrics-server, about 15 s.")
