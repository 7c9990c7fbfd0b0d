"""Kubernetes Events as plain sentences with a kind. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Event = Any
_Words = Callable[[str, str], str]

_NEW_SIZE = re.compile(r"^New size: (\d+); reason: (.*)$")
_SCALED_SET = re.compile(r"^Scaled (?:up|down) replica set (\S+)(?: from (\d+))? to (\d+)")
_LAST_WORD = re.compile(r"(\S+)$")
_NEVER_MADE = re.compile(
    r'^(?:\(combined from similar events\): )?(?:Error creating: )?(?:pods "[^"]*" is forbidden: )?'
)
_COMBINED = "(combined from similar events): "
"""What a controller that has told much of one object puts before the newest of it."""
_POD_UID = re.compile(r"_[^\s_()]+\([0-9a-f-]{36}\)")


@dataclass(frozen=True, slots=True)
class Rescale:
    """What an autoscaler did: the new size, and why in the controller's words."""

    size: int
    cause: str


def told(event: Event) -> str:
    """The Event's message, also where it stands for several that differ: then it is the newest one's."""
    return str(event.message or "").removeprefix(_COMBINED)


def is_combined(event: Event) -> bool:
    """Whether one Event stands for several that differ, of which only the newest is told."""
    return str(event.message or "").startswith(_COMBINED)


def rescale(event: Event) -> Rescale | None:
    """The rescale that an event tells of, or None."""
    match = _NEW_SIZE.match(told(event)) if event.reason == "SuccessfulRescale" else None
    return Rescale(int(match[1]), match[2]) if match else None


def rescale_sentence(name: str, done: Rescale, *, before: int | None, reason: str | None) -> str:
    """`guestbook 1 → 3 replicas: …`; `reason`: with figures, where they are known."""
    change = f"→ {done.size}" if before is None else f"{before} → {done.size}"
    return f"{name} {change} {'replica' if done.size == 1 else 'replicas'}: {reason or _cause(done.cause)}."


def ready_sentence(workload: str | None, pods: Sequence[tuple[str, float | None]]) -> str:
    """`guestbook pods x2kqp and m4dzt are ready, 2 to 3 s after they were made.` `pods`: name and seconds it took."""
    names = [name for name, _ in pods]
    took = sorted({round(each) for _, each in pods if each is not None})
    one = len(names) == 1
    whose = f"{workload} {'pod' if one else 'pods'} " if workload else ("Pod " if one else "Pods ")
    after = f", {_range(took)} s after {'it was' if one else 'they were'} made" if took else ""
    return f"{whose}{_listed(names)} {'is' if one else 'are'} ready{after}."


def is_restart(event: Event) -> bool:
    """Whether a container is killed to be started again, which Kubernetes does not call a warning."""
    return event.reason == "Killing" and "will be restarted" in (event.message or "")


def kind_of(event: Event) -> str:
    """The story's kind."""
    reason = event.reason or ""
    if reason == "SuccessfulRescale":
        return "scaled"
    if reason in {"OOMKilling", "OOMKilled"}:
        return "oom"
    if is_restart(event):
        return "restart"
    return "warning" if event.type == "Warning" else "normal"


def sentence(event: Event) -> str:
    """One plain sentence, with the object in it."""
    name = event.involved_object.name or "something"
    message = " ".join((told(event) or event.reason or "something happened").split())
    message = _POD_UID.sub("", message)
    words = _SENTENCES.get(event.reason or "")
    text = words(name, message) if words else f"{event.involved_object.kind or 'Object'} {name}: {message}"
    return ended(text)


def is_echo(event: Event) -> bool:
    """Whether another Event says the same: an HPA that lacks a figure tells so twice."""
    return bool(event.reason == "FailedComputeMetricsReplicas")


def ended(text: str) -> str:
    """With its full stop."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _cause(told: str) -> str:
    told = told.replace("cpu resource utilization (percentage of request) above target", "CPU is above its target")
    told = told.replace("cpu resource utilization (percentage of request) below target", "CPU is below its target")
    return told.replace("All metrics below target", "every metric is below its target").rstrip(".")


def _range(numbers: Sequence[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _last(message: str) -> str:
    match = _LAST_WORD.search(message)
    return match[1] if match else message


def _created(name: str, message: str) -> str:
    pod = re.search(r"[Pp]od:? (\S+)", message)
    return f"{name} creates the pod {pod[1]}" if pod else f"{name}: {message}"


def _deleted(name: str, message: str) -> str:
    pod = re.search(r"[Pp]od:? (\S+)", message)
    return f"{name} removes the pod {pod[1]}" if pod else f"{name}: {message}"


def _refusal(message: str) -> str:
    """Why, without the name of a pod that never was: so that the next one's says the same."""
    return _NEVER_MADE.sub("", message, count=1)


def _replica_set(name: str, message: str) -> str:
    match = _SCALED_SET.match(message)
    if match is None:
        return f"Deployment {name}: {message}"
    return f"Deployment {name} takes its replica set {match[1]} from {match[2] or '?'} to {match[3]} pods"


def _killing(name: str, message: str) -> str:
    if "will be restarted" in message:
        return f"{message.split(',')[0]} in pod {name}: it is restarted"
    return f"Pod {name} is told to stop"


_SENTENCES: dict[str, _Words] = {
    "ScalingReplicaSet": _replica_set,
    "SuccessfulCreate": _created,
    "SuccessfulDelete": _deleted,
    "Killing": _killing,
    "Scheduled": lambda name, message: f"Pod {name} gets a place on {_last(message)}",
    "Pulling": lambda name, message: f"Pod {name}: {message[:1].lower()}{message[1:]}",
    "Pulled": lambda name, _message: f"Pod {name} has its image",
    "Created": lambda name, _message: f"Pod {name} has a new container",
    "Started": lambda name, _message: f"Pod {name} has started a container",
    "Completed": lambda name, _message: f"Job {name} is complete",
    "BackOff": lambda name, message: (
        f"Pod {name} cannot get its image, Kubernetes waits before it tries again"
        if "pulling" in message
        else f"Pod {name} keeps failing, Kubernetes waits before it restarts it"
    ),
    "Unhealthy": lambda name, message: f"Pod {name} does not pass a check: {message}",
    "FailedScheduling": lambda name, message: f"Pod {name} finds no place: {message}",
    "FailedCreate": lambda name, message: f"{name} cannot create a pod: {_refusal(message)}",
    "FailedMount": lambda name, message: f"Pod {name} cannot mount a volume: {message}",
    "Failed": lambda name, message: f"Pod {name}: {message}",
    "FailedGetScale": lambda name, message: f"The autoscaler {name} cannot read its target: {message}",
    "FailedGetResourceMetric": lambda name, message: (
        f"The autoscaler {name} has no {'memory' if ' memory' in message else 'CPU'} figures: {message}"
    ),
    "AmbiguousSelector": lambda name, message: f"The autoscaler {name} does not scale: {message}",
    "FailedComputeMetricsReplicas": lambda name, message: f"The autoscaler {name} cannot compute: {message}",
    "OOMKilling": lambda name, message: f"Out of memory on {name}: {message}",
}
