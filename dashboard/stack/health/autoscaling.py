"""Health of a HorizontalPodAutoscaler: every condition is looked at before any of them is trusted. Pure."""

from __future__ import annotations

from datetime import datetime

from dashboard.stack.health import fields
from dashboard.stack.health.fields import condition, conditions, count, text
from dashboard.stack.health.verdict import OK, Health, Object, failed, progressing, suspended

NO_METRICS = frozenset(
    {
        "FailedGetResourceMetric",
        "FailedGetContainerResourceMetric",
        "FailedGetObjectMetric",
        "FailedGetPodsMetric",
        "FailedGetExternalMetric",
        "FailedComputeMetricsReplicas",
    }
)
FAILURES = NO_METRICS | {
    "FailedGetScale",
    "FailedUpdateScale",
    "InvalidSelector",
    "AmbiguousSelector",
    "InvalidMetricSourceType",
}
PATIENCE_S = 120
"""metrics-server needs two scrapes of a new pod, and a pod its time to start."""


def autoscaler(live: Object, now: datetime | None = None) -> Health:
    """Able to compute and to scale."""
    for each in conditions(live):
        if each.get("reason") in FAILURES:
            return _failure(live, each, now)
    if condition(live, "ScalingActive").get("reason") == "ScalingDisabled":
        return suspended("is off: its target is scaled to 0 replicas")
    if not conditions(live):
        return progressing("its controller has not looked at it yet")
    if fields.is_true(live, "AbleToScale") or fields.is_true(live, "ScalingLimited"):
        return _able(live)
    return progressing(text(condition(live, "AbleToScale"), "message") or "is not able to scale yet")


def _failure(live: Object, found: Object, now: datetime | None) -> Health:
    why = text(found, "message") or text(found, "reason")
    age = fields.seconds_since(fields.moment(live, "metadata", "creationTimestamp"), now)
    if found.get("reason") in NO_METRICS and age is not None and age < PATIENCE_S:
        return progressing("waits for the first figures of its target's pods")
    return failed(why)


def _able(live: Object) -> Health:
    limited = condition(live, "ScalingLimited")
    if limited.get("status") == "True" and limited.get("reason") == "TooManyReplicas":
        return Health("ok", f"is at its maximum of {count(live, 'spec', 'maxReplicas')} replicas and would take more")
    return OK
