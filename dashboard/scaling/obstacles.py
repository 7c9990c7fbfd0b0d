"""What keeps an HPA from computing at all, read off its conditions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.store.metric_failures import Obstacle, obstacle_of

Row = Mapping[str, Any]


def find(hpa: Row, conditions: Mapping[str, Row]) -> Obstacle | None:
    """The obstacle of one row of the view `hpas`, or None when the HPA computes."""
    if not conditions:
        return Obstacle("not_synced", "The HPA controller has not looked at it yet.", "Wait up to 15 s.")
    able = conditions.get("AbleToScale", {})
    if able.get("reason") == "FailedGetScale":
        target = hpa.get("target") or {}
        return Obstacle(
            "target_not_found",
            f"Not scaling: its target {target.get('kind')} {target.get('name')} is not there.",
            "Deploy the target, or correct scaleTargetRef.",
        )
    active = conditions.get("ScalingActive", {})
    if active.get("status") != "False":
        return None
    if active.get("reason") == "ScalingDisabled":
        return Obstacle(
            "paused_at_zero", "Paused: the target has 0 replicas, which switches scaling off.", "Scale it to 1."
        )
    return obstacle_of(active.get("reason", ""), active.get("message", ""))
