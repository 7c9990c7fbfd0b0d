"""What keeps an HPA from computing at all, read off its conditions. A table of causes, each with what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`state`: a word for machines; `sentence` and `advice` for people."""

    state: str
    sentence: str
    advice: str


_METRIC_FAILURES: tuple[tuple[str, Obstacle], ...] = (
    (
        "could not find the requested resource",
        Obstacle(
            "no_metrics_api",
            "Not scaling: the cluster has no metrics API, so the HPA cannot see any CPU figure.",
            "Deploy the bundle metrics-server.",
        ),
    ),
    (
        "unable to handle the request",
        Obstacle(
            "metrics_api_unavailable",
            "Not scaling yet: the metrics API is registered, but nothing behind it answers.",
            "Wait for metrics-server to become ready; if it does not, look at its pod.",
        ),
    ),
    (
        "missing request for",
        Obstacle(
            "missing_cpu_request",
            "Not scaling: a container of the target has no CPU request, and utilisation is a share of that request.",
            "Set resources.requests.cpu on every container of the target.",
        ),
    ),
    (
        "no metrics returned",
        Obstacle(
            "no_metrics_yet",
            "Not scaling yet: the metrics API has no figures for these pods so far.",
            "Wait for two scrapes of metrics-server, about 30 s.",
        ),
    ),
    (
        "did not receive metrics",
        Obstacle(
            "no_metrics_yet",
            "Not scaling yet: no ready pod of the target has a CPU figure so far.",
            "Wait for two scrapes of metrics-server, about 30 s.",
        ),
    ),
)


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
    return _metric_failure(active.get("reason", ""), active.get("message", ""))


def _metric_failure(reason: str, message: str) -> Obstacle:
    for text, obstacle in _METRIC_FAILURES:
        if text in message:
            return obstacle
    return Obstacle("metrics_failed", f"Not scaling: {message}", f"The HPA's condition says {reason}.")
