"""Kubernetes objects as rows: one function a resource, the only place where a field becomes visible. Pure.

Objects come with Kubernetes' fields in snake_case. Unknown is None and never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.store import pod_status
from dashboard.store.pod_status import condition

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PodUse:
    """What metrics say of a pod; `at` is the end of the `window_s` seconds that the CPU figure covers."""

    cpu_millicores: float | None = None
    memory_bytes: int | None = None
    at: str | None = None
    window_s: float | None = None


UNKNOWN_USE = PodUse()


def namespace(found: Any) -> Fields:
    """A row of `namespaces`."""
    return {"name": found.metadata.name, "phase": found.status.phase}


def pod(found: Any, *, workload: Fields | None, use: PodUse = UNKNOWN_USE, role: str | None = None) -> Fields:
    """A row of `pods`."""
    meta, spec, status = found.metadata, found.spec, found.status
    request, readiness = spec.cpu_request_millicores, condition(found, "Ready")
    percent = 100 * use.cpu_millicores / request if use.cpu_millicores is not None and request else None
    return {
        "uid": meta.uid,
        "namespace": meta.namespace,
        "name": meta.name,
        "short": short_name(found),
        "workload": workload,
        "phase": status.phase,
        "state": pod_status.status_word(found),
        "ready": pod_status.is_ready(found),
        "restarts": pod_status.restarts(found),
        "ip": status.pod_ip,
        "node": spec.node_name,
        "created_at": meta.creation_timestamp,
        "ready_at": ready_at(found),
        "started_at": status.start_time,
        "readiness_changed_at": readiness.last_transition_time if readiness is not None else None,
        "unschedulable": _unschedulable(found),
        "deleted_at": meta.deletion_timestamp,
        "cpu_millicores": use.cpu_millicores,
        "cpu_request_millicores": request,
        "cpu_limit_millicores": spec.cpu_limit_millicores,
        "lacks": {name: found for name in ("cpu", "memory") if (found := spec.without_request(name))},
        "cpu_percent": None if percent is None else round(percent, 1),
        "memory_bytes": use.memory_bytes,
        "memory_limit_bytes": spec.memory_limit_bytes,
        "metrics_at": use.at,
        "metrics_window_s": use.window_s,
        "role": role,
        "containers": [_container(each) for each in status.container_statuses or ()],
    }


def _unschedulable(found: Any) -> str | None:
    """Why no node takes a pod, in the scheduler's words."""
    scheduled = condition(found, "PodScheduled")
    if scheduled is None or scheduled.status != "False" or scheduled.reason != "Unschedulable":
        return None
    return str(scheduled.message or scheduled.reason)


def ready_at(found: Any) -> str | None:
    """Since when a pod is Ready, or None."""
    ready = condition(found, "Ready")
    at: str | None = ready.last_transition_time if ready is not None and ready.status == "True" else None
    return at


def short_name(found: Any) -> str:
    """`nx6gf` of `guestbook-75966dd9c7-nx6gf`; members of a StatefulSet keep their name, for its ordinal means them."""
    owner = controller(found)
    name: str = found.metadata.name
    return name if owner is None or owner.kind == "StatefulSet" else name.rpartition("-")[2]


def controller(found: Any) -> Any | None:
    """The owner reference that manages an object."""
    return next((each for each in found.metadata.owner_references or () if each.controller), None)


def workload(found: Any, *, kind: str, hpa: str | None, trouble: str | None = None) -> Fields:
    """A row of `workloads`. `trouble`: what is wrong with one of its pods."""
    status, meta = found.status, found.metadata
    seen = status.observed_generation is not None or kind == "Job"
    state, reason = _job_state(found) if kind == "Job" else _workload_state(found, kind=kind)
    if trouble and state != "ok":
        state, reason = "failed", trouble
    # A count that a controller has written but left out is a zero; before it wrote anything nothing is known.
    counts = (status.ready, status.active) if kind == "Job" else (status.ready_replicas, status.updated_replicas)
    ready, updated = ((each or 0) if seen else None for each in counts)
    return {
        "uid": meta.uid,
        "kind": kind,
        "namespace": meta.namespace,
        "name": meta.name,
        "replicas": _desired(found, kind=kind),
        "ready": ready,
        "updated": updated,
        "hpa": hpa,
        "scaled_by": None if kind == "Job" else _writer(meta.scaled_by),
        "healthy": state == "ok",
        "state": state,
        "reason": reason,
        "created_at": meta.creation_timestamp,
    }


def _container(status: Any) -> Fields:
    state, reason, exit_code = pod_status.container_state(status)
    return {
        "name": status.name,
        "state": state,
        "reason": reason,
        "exit_code": exit_code,
        "restarts": status.restart_count,
    }


def _writer(found: Any) -> Fields | None:
    """Who set the replicas last, as managedFields have it."""
    if found is None:
        return None
    return {
        "manager": found.manager,
        "operation": found.operation,
        "subresource": found.subresource,
        "at": found.time,
    }


def _desired(found: Any, *, kind: str) -> int | None:
    spec = found.spec
    wanted: int | None = spec.parallelism if kind == "Job" else spec.replicas
    return 1 if wanted is None else wanted


def _workload_state(found: Any, *, kind: str) -> tuple[str, str | None]:
    meta, status = found.metadata, found.status
    wanted = _desired(found, kind=kind) or 0
    for failing, wrong in (("ReplicaFailure", "True"), ("Progressing", "False")):
        told = condition(found, failing)
        if told is not None and told.status == wrong:
            return "failed", told.message or told.reason
    if meta.deletion_timestamp:
        return "progressing", "is being deleted"
    if status.observed_generation is None or status.observed_generation < (meta.generation or 0):
        return "progressing", "the controller has not seen the last change yet"
    rolled_out = status.update_revision is None or status.update_revision == status.current_revision
    if (kind == "Deployment" or not rolled_out) and (status.updated_replicas or 0) < wanted:
        return "progressing", f"{status.updated_replicas or 0} of {wanted} pods are of the new version"
    if (status.replicas or 0) > wanted:
        return "progressing", f"{(status.replicas or 0) - wanted} pods are on their way out"
    if (status.ready_replicas or 0) < wanted:
        return "progressing", f"{status.ready_replicas or 0} of {wanted} pods are ready"
    return "ok", None


def _job_state(found: Any) -> tuple[str, str | None]:
    failed = condition(found, "Failed")
    if failed is not None and failed.status == "True":
        return "failed", failed.message or failed.reason
    complete = condition(found, "Complete")
    if complete is not None and complete.status == "True":
        return "ok", None
    wanted, ready = _desired(found, kind="Job") or 0, found.status.ready or 0
    return ("ok", None) if ready >= wanted else ("progressing", f"{ready} of {wanted} pods are ready")
