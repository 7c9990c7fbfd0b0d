"""The status of a ReplicaSet, from its pods. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from localcluster.client import Object
from localcluster.controllers.clock import timestamp
from localcluster.controllers.conditions import find, put_last, without
from localcluster.controllers.meta import is_terminating, labels_of, status_of, without_zeros
from localcluster.controllers.pods import is_available, is_finished, is_ready
from localcluster.errors import ApiError


def compute(
    replica_set: Object, active: list[Object], *, owned: list[Object], failure: ApiError | None, now: datetime
) -> dict[str, Any]:
    """`active`: pods that count; `owned`: all its pods, also those going; `failure`: why it could not scale."""
    spec = replica_set["spec"]
    template_labels = (spec["template"].get("metadata") or {}).get("labels") or {}
    waits = int(spec.get("minReadySeconds", 0))
    status: dict[str, Any] = {
        "replicas": len(active),
        "fullyLabeledReplicas": sum(template_labels.items() <= labels_of(pod).items() for pod in active),
        "readyReplicas": sum(map(is_ready, active)),
        "availableReplicas": sum(is_available(pod, min_ready_seconds=waits, now=now) for pod in active),
        "terminatingReplicas": sum(is_terminating(pod) and not is_finished(pod) for pod in owned),
        "observedGeneration": replica_set["metadata"].get("generation", 0),
    }
    status = without_zeros(status, keep=frozenset({"replicas", "terminatingReplicas"}))
    conditions = _conditions(replica_set, lacking=len(active) < int(spec.get("replicas", 1)), failure=failure, now=now)
    return {**status, "conditions": conditions} if conditions else status


def _conditions(replica_set: Object, *, lacking: bool, failure: ApiError | None, now: datetime) -> list[dict[str, Any]]:
    """A failure is written once and stays as first told until scaling succeeds."""
    conditions: list[dict[str, Any]] = status_of(replica_set).get("conditions") or []
    if failure is None:
        return without(conditions, "ReplicaFailure")
    if find(status_of(replica_set), "ReplicaFailure") is not None:
        return conditions
    condition = {
        "type": "ReplicaFailure",
        "status": "True",
        "lastTransitionTime": timestamp(now),
        "reason": "FailedCreate" if lacking else "FailedDelete",
        "message": failure.message,
    }
    return put_last(conditions, condition)
