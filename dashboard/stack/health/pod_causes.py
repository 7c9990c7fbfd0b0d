"""What is wrong with a pod: its containers first, then its place, its volumes and its checks. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from dashboard.stack.health import containers
from dashboard.stack.health.cause import Cause, caused
from dashboard.stack.health.events import EventRow, about
from dashboard.stack.health.fields import Object, condition, mapping, mappings, moment, text

GRAVEST_FIRST = (
    "oom", "image", "config", "start", "liveness", "startup", "crash_loop", "exit", "ended", "mount", "unschedulable",
    "readiness", "warning",
)  # fmt: skip

_VOLUME = re.compile(r'for volume "([^"]+)" ?: ?(.*)$')
_MISSING = re.compile(r'^(configmap|secret|persistentvolumeclaim) "([^"]+)" not found$')
_PLACE = (
    (r"Insufficient (\S+)", "Ask for less {0}, free some, or add a node"),
    (r"didn't match Pod's node affinity", "Correct nodeSelector or affinity, or label a node"),
    (r"untolerated taint", "Add a toleration, or take the taint off a node"),
    (
        r"unbound immediate PersistentVolumeClaims|persistentvolumeclaim",
        "See why its PersistentVolumeClaim is not bound",
    ),
    (r"Too many pods", "Add a node, or end other pods"),
    (r"free ports", "Free the host port, or do without it"),
    (r"topology spread", "Loosen topologySpreadConstraints, or add a node"),
)


def of_pods(pods: Sequence[Object], events: Sequence[EventRow]) -> Cause | None:
    """The gravest cause among the pods; of equals the newest pod's."""
    newest = sorted(pods, key=lambda pod: text(pod, "metadata", "creationTimestamp"), reverse=True)
    found = [cause for pod in newest if (cause := of_pod(pod, about(events, {**pod, "kind": "Pod"})))]
    return min(found, key=lambda cause: GRAVEST_FIRST.index(cause.kind), default=None)


def of_pod(pod: Object, events: Sequence[EventRow]) -> Cause | None:
    """What is wrong with this one; `events` are its own, newest first."""
    if mapping(pod, "metadata").get("deletionTimestamp") or text(pod, "status", "phase") == "Succeeded":
        return None
    found = [cause for each in containers.of_pod(pod, events) if (cause := containers.cause_of(each))]
    if found:
        return min(found, key=lambda cause: GRAVEST_FIRST.index(cause.kind))
    return next((cause for read in _READERS if (cause := read(pod, events))), None)


def _ended(pod: Object, _events: Sequence[EventRow]) -> Cause | None:
    if text(pod, "status", "phase") != "Failed":
        return None
    reason, told = text(pod, "status", "reason"), text(pod, "status", "message")
    why = ": ".join(each for each in (reason, told) if each) or "no reason told"
    advice = "Free room on the node, or ask for what it needs" if reason == "Evicted" else "Look at its Events"
    return caused("ended", f"{_named(pod)} has failed: {why}", advice, pod=text(pod, "metadata", "name"))


def _unschedulable(pod: Object, events: Sequence[EventRow]) -> Cause | None:
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") != "False" or scheduled.get("reason") == "SchedulingGated":
        return None
    told = text(scheduled, "message") or next((e.message for e in events if e.reason == "FailedScheduling"), "")
    why = re.split(r"\.? no new claims|\.? preemption:", told)[0] or "no node takes it"
    for pattern, advice in _PLACE:
        match = re.search(pattern, told)
        if match:
            wants = advice.format(*(each.rstrip(".,") for each in match.groups()))
            break
    else:
        wants = "Compare what it asks for with what the nodes have"
    asked = _requests(pod) if "Insufficient" in told else ""
    return caused(
        "unschedulable", f"{_named(pod)} finds no node{asked}: {why.rstrip('.')}", wants,
        pod=text(pod, "metadata", "name"),
    )  # fmt: skip


def _requests(pod: Object) -> str:
    asked = [
        f"{name} {amount}"
        for each in mappings(pod, "spec", "containers")
        for name, amount in mapping(each, "resources", "requests").items()
    ]
    return f" (it asks for {', '.join(asked)})" if asked else ""


def _mount(pod: Object, events: Sequence[EventRow]) -> Cause | None:
    told = next((each for each in events if each.reason in ("FailedMount", "FailedAttachVolume")), None)
    if told is None or any(mapping(each, "state", "running") for each in mappings(pod, "status", "containerStatuses")):
        return None
    volume = _VOLUME.search(told.message)
    missing = _MISSING.match(volume[2]) if volume else None
    kinds = {"configmap": "ConfigMap", "secret": "Secret", "persistentvolumeclaim": "PersistentVolumeClaim"}
    if volume and missing:
        kind = kinds[missing[1]]
        what = f"cannot mount volume {volume[1]}: {kind} {missing[2]} is not there"
        advice = f"Create the {kind}, or correct its name"
    else:
        what, advice = f"cannot mount a volume: {told.message}", "Look at the volume and its driver"
    return caused("mount", f"{_named(pod)} {what}", advice, pod=text(pod, "metadata", "name"))


def _readiness(pod: Object, events: Sequence[EventRow]) -> Cause | None:
    if text(pod, "status", "phase") != "Running" or condition(pod, "Ready").get("status") == "True":
        return None
    for status in mappings(pod, "status", "containerStatuses"):
        started = moment(status, "state", "running", "startedAt")
        told = next((each for each in events if each.message.startswith("Readiness probe failed")), None)
        if status.get("ready") is not True and started and told:
            name = text(status, "name")
            of = f"Container {name} of pod {text(pod, 'metadata', 'name')}"
            what = f"{of} runs but does not pass its readiness check{containers.probe_words(told)}"
            advice = "See in its log what it waits for, or correct the check"
            return caused("readiness", what, advice, pod=text(pod, "metadata", "name"), container=name)
    return None


def _warning(pod: Object, events: Sequence[EventRow]) -> Cause | None:
    """Nothing of the known kinds: what Kubernetes warned of last, while the pod is not ready."""
    if condition(pod, "Ready").get("status") == "True":
        return None
    told = next((each for each in events if each.is_warning), None)
    name = text(pod, "metadata", "name")
    if told is None:
        return None
    return caused("warning", f"{_named(pod)}: {told.message or told.reason}", "Look at its Events", pod=name)


def _named(pod: Object) -> str:
    return f"Pod {text(pod, 'metadata', 'name')}"


_READERS: tuple[Callable[[Object, Sequence[EventRow]], Cause | None], ...] = (
    _ended, _unschedulable, _mount, _readiness, _warning,
)  # fmt: skip
