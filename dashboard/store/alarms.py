"""Which of Kubernetes' warnings a person should look up for, and which are how things start. Pure.

A pod fails its checks until its program is up, and an autoscaler has no figures until they were measured. Such
warnings stay in the story, but quiet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.store.times import seconds

POD_STARTING = frozenset({"Unhealthy", "FailedScheduling", "FailedMount"})
"""Reasons that a pod's start brings along and its readiness settles."""
HPA_STARTING = frozenset({"FailedGetResourceMetric", "FailedGetScale"})

POD_GRACE_S = 60.0
"""A pod that is not ready after this long is worth a look."""
SETTLING_S = 15.0
"""A check that fails this soon after the first readiness still belongs to the start."""
HPA_GRACE_S = 120.0
"""By then metrics-server is up and has measured twice."""

Row = Mapping[str, Any]


def may_settle(event: Any) -> bool:
    """Whether it takes the pod or the autoscaler to tell if this warning is an alarm."""
    reasons = {"Pod": POD_STARTING, "HorizontalPodAutoscaler": HPA_STARTING}
    return event.type == "Warning" and event.reason in reasons.get(event.involved_object.kind or "", ())


def of_pod(*, at: float | None, pod: Row | None, span: Row | None) -> bool:
    """Whether what a pod complained of at `at` is an alarm. `span`: its row of `pod_spans`, which outlives it."""
    if at is None or pod is None or span is None:
        return False  # it is gone, and nothing can be done about it
    deleted = seconds(pod["deleted_at"])
    if deleted is not None and at >= deleted - 1:
        return False
    ready, created = seconds(span["ready_at"]), seconds(span["created_at"])
    if ready is not None:
        return at > ready + SETTLING_S
    return created is None or at > created + POD_GRACE_S


def of_hpa(*, at: float | None, hpa: Row | None) -> bool:
    """Whether an autoscaler's lack of figures at `at` is an alarm."""
    created = seconds(hpa["created_at"]) if hpa is not None else None
    return at is not None and created is not None and at > created + HPA_GRACE_S
