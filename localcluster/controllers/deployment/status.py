"""The status of a Deployment: counts and the conditions Available, Progressing, ReplicaFailure. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from localcluster.client import Object
from localcluster.controllers.clock import seconds_since, timestamp
from localcluster.controllers.conditions import Condition, find, put_last, without
from localcluster.controllers.deployment.amounts import (
    has_progress_deadline,
    min_available,
    replicas_of,
    total_replicas,
)
from localcluster.controllers.meta import name_of, status_of, without_zeros

Status = dict[str, Any]

PAUSED = "DeploymentPaused"
RESUMED = "DeploymentResumed"
AVAILABLE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"


def condition(kind: str, status: str, reason: str, message: str, *, now: datetime) -> Condition:
    moment = timestamp(now)
    return {
        "type": kind,
        "status": status,
        "lastUpdateTime": moment,
        "lastTransitionTime": moment,
        "reason": reason,
        "message": message,
    }


def with_condition(status: Status, new: Condition) -> Status:
    return {**status, "conditions": put_last(status.get("conditions") or [], new)}


def compute(deployment: Object, sets: list[Object], *, new: Object | None, now: datetime) -> Status:
    """Counts over all ReplicaSets, and whether enough pods are available."""
    statuses = [status_of(one) for one in sets]
    available = sum(int(status.get("availableReplicas", 0)) for status in statuses)
    counts: Status = {
        "observedGeneration": deployment["metadata"].get("generation", 0),
        "replicas": sum(int(status.get("replicas", 0)) for status in statuses),
        "updatedReplicas": int(status_of(new).get("replicas", 0)) if new is not None else 0,
        "readyReplicas": sum(int(status.get("readyReplicas", 0)) for status in statuses),
        "availableReplicas": available,
        "unavailableReplicas": max(0, total_replicas(sets) - available),
        "terminatingReplicas": sum(int(status.get("terminatingReplicas", 0)) for status in statuses),
    }
    before = status_of(deployment)
    status = without_zeros(counts, keep=frozenset({"terminatingReplicas"}))
    if before.get("collisionCount") is not None:
        status["collisionCount"] = before["collisionCount"]
    status["conditions"] = list(before.get("conditions") or [])
    return with_condition(status, _availability(deployment, available=available, now=now))


def progressed(deployment: Object, status: Status, sets: list[Object], *, new: Object | None, now: datetime) -> Status:
    """`status` with what it says about the roll-out, and about ReplicaSets that could not make their pods."""
    if not has_progress_deadline(deployment):
        status = {**status, "conditions": without(status["conditions"], "Progressing")}
    else:
        status = _progress(deployment, status, new=new, now=now)
    failure = _failure([*([new] if new is not None else []), *sets], now=now)
    if failure is not None:
        return with_condition(status, failure)
    return {**status, "conditions": without(status["conditions"], "ReplicaFailure")}


def paused_or_resumed(deployment: Object, *, now: datetime) -> Condition | None:
    """The condition to write when the Deployment has just been paused or resumed."""
    if not has_progress_deadline(deployment):
        return None
    current = find(status_of(deployment), "Progressing")
    reason = current.get("reason") if current is not None else None
    paused = bool(deployment["spec"].get("paused"))
    if reason == TIMED_OUT or paused == (reason == PAUSED):
        return None
    if paused:
        return condition("Progressing", "Unknown", PAUSED, "Deployment is paused", now=now)
    return condition("Progressing", "Unknown", RESUMED, "Deployment is resumed", now=now)


def is_complete(deployment: Object, status: Status) -> bool:
    """Every pod is of the new template and available, and nothing else is left."""
    desired = replicas_of(deployment)
    return (
        all(status.get(part, 0) == desired for part in ("updatedReplicas", "replicas", "availableReplicas"))
        and status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
    )  # fmt: skip


def seconds_to_deadline(deployment: Object, *, now: datetime) -> float | None:
    """When to look again at a roll-out that may get stuck; None when there is nothing to watch for."""
    current = find(status_of(deployment), "Progressing")
    if not has_progress_deadline(deployment) or current is None:
        return None
    if is_complete(deployment, status_of(deployment)) or current.get("reason") == TIMED_OUT:
        return None
    # One second more: the deadline has to have passed, and times have whole seconds.
    return _left(deployment, current, now=now) + 1


def _availability(deployment: Object, *, available: int, now: datetime) -> Condition:
    if available >= min_available(deployment):
        return condition(
            "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now=now
        )
    return condition(
        "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now=now
    )


def _progress(deployment: Object, status: Status, *, new: Object | None, now: datetime) -> Status:
    current = find(status_of(deployment), "Progressing")
    done_before = current is not None and current.get("reason") == AVAILABLE
    if done_before and status.get("replicas", 0) == status.get("updatedReplicas", 0):
        return status  # nothing is being rolled out; a scaling alone is no progress
    subject = f'ReplicaSet "{name_of(new)}"' if new is not None else f'Deployment "{name_of(deployment)}"'
    if is_complete(deployment, status):
        text = f"{subject} has successfully progressed."
        return with_condition(status, condition("Progressing", "True", AVAILABLE, text, now=now))
    if _has_moved(status_of(deployment), status):
        update = condition("Progressing", "True", "ReplicaSetUpdated", f"{subject} is progressing.", now=now)
        if current is not None and current["status"] == "True":
            update["lastTransitionTime"] = current["lastTransitionTime"]
        # Replaced even when only its update time differs: from it the deadline counts.
        return {**status, "conditions": [*without(status["conditions"], "Progressing"), update]}
    if current is not None and _has_timed_out(deployment, current, now=now):
        text = f"{subject} has timed out progressing."
        return with_condition(status, condition("Progressing", "False", TIMED_OUT, text, now=now))
    return status


def _has_moved(before: Status, after: Status) -> bool:
    def count(status: Status, part: str) -> int:
        return int(status.get(part, 0))

    def old(status: Status) -> int:
        return count(status, "replicas") - count(status, "updatedReplicas")

    grown = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return old(after) < old(before) or any(count(after, part) > count(before, part) for part in grown)


def _has_timed_out(deployment: Object, current: Condition, *, now: datetime) -> bool:
    if current.get("reason") == AVAILABLE:
        return False
    return current.get("reason") == TIMED_OUT or _left(deployment, current, now=now) < 0


def _left(deployment: Object, current: Condition, *, now: datetime) -> float:
    return float(deployment["spec"]["progressDeadlineSeconds"]) - seconds_since(current.get("lastUpdateTime"), now)


def _failure(sets: list[Object], *, now: datetime) -> Condition | None:
    """The first ReplicaSet's own failure, told as the Deployment's."""
    for one in sets:
        found = find(status_of(one), "ReplicaFailure")
        if found is not None:
            told = condition(
                "ReplicaFailure", found["status"], found.get("reason", ""), found.get("message", ""), now=now
            )
            return {**told, "lastTransitionTime": found["lastTransitionTime"]}
    return None
