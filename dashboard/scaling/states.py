"""The closed set of states an HPA can be in, for people: a word, and the tone a page gives it. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """`tone`: ok, progressing, waiting, suspended, stale, failed or unknown."""

    id: str
    word: str
    tone: str


_ALL = (
    State("ok", "As wanted", "ok"),
    State("scaling_up", "Scaling up", "progressing"),
    State("scaling_down", "Scaling down", "progressing"),
    State("at_max", "At its maximum", "stale"),
    State("at_min", "At its minimum", "ok"),
    State("stabilizing", "Waiting out its window", "waiting"),
    State("rate_limited", "Held by its policies", "waiting"),
    State("within_tolerance", "Steady", "ok"),
    State("no_metrics_api", "No metrics API", "failed"),
    State("no_metrics_yet", "No figures yet", "waiting"),
    State("missing_request", "CPU request missing", "failed"),
    State("target_not_found", "Target not found", "failed"),
    State("held_back", "Held by young pods", "waiting"),
    State("paused_at_zero", "Paused at zero", "suspended"),
    State("quota_blocked", "Blocked by a quota", "failed"),
    State("pods_refused", "Pods refused", "failed"),
    State("unschedulable", "No room on the nodes", "failed"),
    State("manual_scale", "Set by somebody else", "stale"),
    State("stale_controller", "Controller silent", "stale"),
    State("not_synced", "Not looked at yet", "waiting"),
    State("ambiguous", "Two HPAs, the same pods", "failed"),
    State("invalid_metric", "Metric not readable", "failed"),
    State("unknown", "Unknown", "unknown"),
)
STATES: Mapping[str, State] = {state.id: state for state in _ALL}
