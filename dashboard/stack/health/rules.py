"""Whether one object is as it should be, from the object alone. Pure; the rules are TRUST.md §4.2's.

Kinds without a rule and without conditions are healthy as soon as they exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Health:
    """`ok`, `progressing` or `failed`, and one sentence on what is waited for or what failed."""

    state: Literal["ok", "progressing", "failed"]
    sentence: str = ""


OK = Health("ok")


def health_of(live: Object) -> Health:
    """The health of a live object of any kind."""
    metadata = live["metadata"]
    if metadata.get("deletionTimestamp"):
        return Health("progressing", "is being deleted")
    observed = live.get("status", {}).get("observedGeneration")
    if observed is not None and observed < metadata.get("generation", 0):
        return Health("progressing", "its controller has not seen the change yet")
    rule = RULES.get(live["kind"])
    return rule(live) if rule else OK


def deployment(live: Object) -> Health:
    """Rolled out: every replica updated, available, and none of the old left."""
    spec, status = live.get("spec", {}), live.get("status", {})
    if spec.get("paused"):
        return Health("progressing", "is paused")
    progressing = condition(live, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return Health("failed", progressing.get("message", "the progress deadline is exceeded"))
    failure = condition(live, "ReplicaFailure")
    if failure.get("status") == "True":
        return Health("failed", failure.get("message", "pods could not be created"))
    if not status.get("observedGeneration"):
        return Health("progressing", "its controller has not seen it yet")
    wanted = spec.get("replicas", 1)
    for count, what in (
        (status.get("updatedReplicas", 0), "updated"),
        (status.get("availableReplicas", 0), "available"),
    ):
        if count < wanted:
            return Health("progressing", f"{count} of {wanted} replicas {what}")
    if status.get("replicas", 0) > wanted:
        return Health("progressing", f"{status['replicas'] - wanted} old replicas are ending")
    return OK


def stateful_set(live: Object) -> Health:
    """Every ordinal ready and on the update revision."""
    spec, status = live.get("spec", {}), live.get("status", {})
    if not status.get("observedGeneration"):
        return Health("progressing", "its controller has not seen it yet")
    wanted = spec.get("replicas", 1)
    ready = status.get("readyReplicas", 0)
    if ready < wanted:
        return Health("progressing", f"{ready} of {wanted} replicas ready")
    if spec.get("updateStrategy", {}).get("type") != "OnDelete" and status.get("updateRevision"):
        updated = status.get("updatedReplicas", 0)
        if status.get("currentRevision") != status["updateRevision"] and updated < wanted:
            return Health("progressing", f"{updated} of {wanted} replicas updated")
    return OK


def job(live: Object) -> Health:
    """Complete, failed, or still running."""
    failed = condition(live, "Failed")
    if failed.get("status") == "True":
        return Health("failed", failed.get("message", "the job failed"))
    if condition(live, "Complete").get("status") == "True":
        return OK
    return Health("progressing", "is running")


def api_service(live: Object) -> Health:
    """Available once the aggregator reaches the Service behind it."""
    available = condition(live, "Available")
    if available.get("status") == "True":
        return OK
    return Health("progressing", available.get("message") or "is not available yet")


def namespace(live: Object) -> Health:
    """Active, or on its way out."""
    if live.get("status", {}).get("phase", "Active") == "Active":
        return OK
    return Health("progressing", "is being deleted")


def condition(live: Object, kind: str) -> Mapping[str, Any]:
    """The condition of that type, or an empty mapping."""
    for each in live.get("status", {}).get("conditions") or []:
        if each.get("type") == kind:
            return dict(each)
    return {}


RULES: Mapping[str, Callable[[Object], Health]] = {
    "Deployment": deployment,
    "StatefulSet": stateful_set,
    "Job": job,
    "APIService": api_service,
    "Namespace": namespace,
}
