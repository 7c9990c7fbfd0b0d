"""What is really wrong below an object: from its own conditions, its pods and the Events about them. Pure.

A workload only says that it is short of pods; the cause is what its pods, its ReplicaSet or the API server say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dashboard.stack.health import autoscaling, fields, pod_causes
from dashboard.stack.health.cause import Cause, caused
from dashboard.stack.health.creation import refusal
from dashboard.stack.health.events import EventRow, about, newest_first
from dashboard.stack.health.fields import Object, condition, conditions, count, mapping, text
from dashboard.store.metric_failures import obstacle_of

__all__ = ["Cause", "cause_of"]

MAKERS = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"})
"""Kinds that make pods."""

Reader = Callable[[Object, Sequence[EventRow]], Cause | None]


def cause_of(live: Object, pods: Sequence[Object] = (), events: Sequence[EventRow] = ()) -> Cause | None:
    """The cause, or None when nothing tells of one.

    `pods`: of the workload, or those that a Service or budget selects; `events`: about the object, what it made, and
    its pods. Asked for what is not well: of a healthy object it may tell what once was.
    """
    kind = text(live, "kind")
    if kind == "Pod":
        return pod_causes.of_pod(live, about(events, live))
    if kind in MAKERS:
        return _refused(live, pods, events) or pod_causes.of_pods(pods, events) or _of_workload(live)
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(live, newest_first(events))
    return None


def _refused(live: Object, pods: Sequence[Object], events: Sequence[EventRow]) -> Cause | None:
    """Pods that could not be created; an Event has the figures, a condition lacks them but says that it is so now."""
    failure = condition(live, "ReplicaFailure")
    told = next((each for each in newest_first(events) if each.reason == "FailedCreate"), None)
    is_so_now = failure.get("status") == "True" or (text(live, "kind") != "Deployment" and not _enough(live, pods))
    if told is not None and is_so_now:
        return refusal(f"{told.kind} {told.name}", told.message)
    if failure.get("status") == "True":
        return refusal(f"{text(live, 'kind')} {text(live, 'metadata', 'name')}", text(failure, "message"))
    return None


def _enough(live: Object, pods: Sequence[Object]) -> bool:
    spec = mapping(live, "spec")
    wanted = count(spec, "replicas", default=count(spec, "parallelism", default=1))
    return count(live, "status", "replicas", default=len(pods)) >= wanted


def _of_workload(live: Object) -> Cause | None:
    kind, name = text(live, "kind"), text(live, "metadata", "name")
    if condition(live, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        within = count(live, "spec", "progressDeadlineSeconds", default=600)
        short = (
            f"{count(live, 'status', 'availableReplicas')} of {count(live, 'spec', 'replicas', default=1)} available"
        )
        what = f"The roll-out of {kind} {name} made no progress for {within} s ({short})"
        return caused("stuck", what, "Look at its pods' logs, or roll back to the revision before")
    for each in ("Failed", "FailureTarget"):
        if fields.is_true(live, each):
            why = text(condition(live, each), "message") or text(condition(live, each), "reason")
            return caused("job", f"Job {name} has failed: {why}", "Read its pods' logs; delete it to run it again")
    return None


def _autoscaler(live: Object, _events: Sequence[EventRow]) -> Cause | None:
    name, target = text(live, "metadata", "name"), mapping(live, "spec", "scaleTargetRef")
    named = f"{text(target, 'kind')} {text(target, 'name')}"
    for each in conditions(live):
        reason = each.get("reason")
        if reason in ("FailedGetScale", "FailedUpdateScale"):
            what = f"HorizontalPodAutoscaler {name} cannot scale {named}: {text(each, 'message')}"
            return caused("scale_target", what, "Deploy the target, or correct scaleTargetRef")
        if reason in autoscaling.NO_METRICS:
            found = obstacle_of(str(reason), text(each, "message"))
            what = f"{found.sentence[:1].lower()}{found.sentence[1:]}"
            return caused(found.state, f"HorizontalPodAutoscaler {name} is {what}", found.advice)
    return None


def _claim(live: Object, events: Sequence[EventRow]) -> Cause | None:
    name, phase = text(live, "metadata", "name"), text(live, "status", "phase")
    if phase == "Bound":
        return None
    subject = f"PersistentVolumeClaim {name}"
    if phase == "Lost":
        return caused("volume", f"{subject} has lost its volume", "Restore the volume, or delete the claim")
    wanted = text(live, "spec", "storageClassName")
    size = text(live, "spec", "resources", "requests", "storage")
    for each in about(events, live):
        if each.reason == "WaitForFirstConsumer":
            what = f"{subject} waits until a pod uses it (WaitForFirstConsumer)"
            return caused("volume", what, "Nothing is wrong unless its pod is there; then see where that stands")
        if each.reason == "FailedBinding":
            what = f"{subject} finds no volume of {size or 'its size'}, and names no storage class that could make one"
            return caused("volume", what, "Set storageClassName, or mark a storage class as the default one")
        if each.is_warning:
            return caused(
                "volume", f"{subject} gets no volume: {each.message}", "Look at the storage class's provisioner"
            )
    by = f" from storage class {wanted}" if wanted else " and there is no default storage class"
    what = f"{subject} waits for a volume of {size or 'its size'}{by}"
    return caused("volume", what, "See whether that storage class exists and its provisioner runs")


def _budget(live: Object, _events: Sequence[EventRow]) -> Cause | None:
    healthy, desired = count(live, "status", "currentHealthy"), count(live, "status", "desiredHealthy")
    if count(live, "status", "disruptionsAllowed") or not count(live, "status", "expectedPods"):
        return None
    covered = count(live, "status", "expectedPods")
    subject = f"PodDisruptionBudget {text(live, 'metadata', 'name')}"
    what = f"{subject} allows no eviction: {healthy} of {covered} pods healthy, and it asks for {desired}"
    return caused("budget", what, "Draining a node waits for it: add a replica, or ask for fewer healthy pods")


def _api_service(live: Object, _events: Sequence[EventRow]) -> Cause | None:
    available = condition(live, "Available")
    if available.get("status") == "True":
        return None
    behind = mapping(live, "spec", "service")
    to = f"Service {text(behind, 'namespace')}/{text(behind, 'name')}" if behind else "what serves it"
    why = text(available, "message") or "its controller has not looked at it yet"
    what = f"APIService {text(live, 'metadata', 'name')} is not available: {why}"
    return caused("api", what, f"Look at the pods behind {to}")


def _namespace(live: Object, _events: Sequence[EventRow]) -> Cause | None:
    name = text(live, "metadata", "name")
    for each in conditions(live):
        if each.get("status") == "True" and str(each.get("type", "")).startswith("Namespace"):
            what = f"Namespace {name} cannot be deleted yet: {text(each, 'message')}"
            return caused("ending", what, "Delete what remains in it, or mend the API that is not available")
    return None


def _warned(live: Object, events: Sequence[EventRow]) -> Cause | None:
    told = next((each for each in about(events, live) if each.is_warning), None)
    if told is None:
        return None
    what = f"{text(live, 'kind')} {text(live, 'metadata', 'name')}: {told.message or told.reason}"
    return caused("warning", what, "Look at its Events")


_READERS: Mapping[str, Reader] = {
    "HorizontalPodAutoscaler": _autoscaler,
    "PersistentVolumeClaim": _claim,
    "PodDisruptionBudget": _budget,
    "APIService": _api_service,
    "Namespace": _namespace,
    "Ingress": _warned,
    "Service": _warned,
}
