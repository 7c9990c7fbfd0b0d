"""A pod's READY, STATUS and RESTARTS as `kubectl get` words them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from localcluster.apiserver.printing.durations import age
from localcluster.client import Object

_SIDECAR = "Always"


def pod_ready(body: Object, _now: datetime) -> str:
    """`1/2`: ready of all containers, sidecars among them."""
    statuses = [*_statuses(body, "containerStatuses"), *_sidecars(body)]
    wanted = len(body["spec"].get("containers") or ()) + len(_sidecar_names(body))
    return f"{sum(bool(status.get('ready')) for status in statuses)}/{wanted}"


def pod_restarts(body: Object, now: datetime) -> str:
    """`3 (14s ago)`: the count, and when the last one was."""
    statuses = [*_statuses(body, "containerStatuses"), *_statuses(body, "initContainerStatuses")]
    count = sum(status.get("restartCount", 0) for status in statuses)
    ends = [_look(status, "lastState", "terminated", "finishedAt") for status in statuses]
    last = max((end for end in ends if end), default=None)
    return f"{count} ({age(last, now=now)} ago)" if count and last else str(count)


def pod_status(body: Object, _now: datetime) -> str:
    """The one word: the phase, unless a container or the deletion says more."""
    status = body.get("status") or {}
    word = str(status.get("reason") or status.get("phase") or "Unknown")
    word = _init_word(body) or _container_word(body, word)
    if body["metadata"].get("deletionTimestamp") and status.get("phase") not in ("Succeeded", "Failed"):
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return word


def _container_word(body: Object, word: str) -> str:
    running = False
    for status in reversed(_statuses(body, "containerStatuses")):
        waiting, ended = _look(status, "state", "waiting", "reason"), _look(status, "state", "terminated")
        if waiting:
            word = str(waiting)
        elif ended:
            word = _ended_word(ended)
        elif status.get("ready") and _look(status, "state", "running"):
            running = True
    if word == "Completed" and running:
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in body["status"].get("conditions") or [])
        return "Running" if ready else "NotReady"
    return word


def _init_word(body: Object) -> str:
    """`Init:0/2` and the like, as long as an init container holds the pod back."""
    statuses = _statuses(body, "initContainerStatuses")
    sidecars = _sidecar_names(body)
    for index, status in enumerate(statuses):
        ended = _look(status, "state", "terminated")
        if ended and ended.get("exitCode") == 0:
            continue
        if status["name"] in sidecars and status.get("started"):
            continue
        if ended:
            return f"Init:{_ended_word(ended)}"
        waiting = _look(status, "state", "waiting", "reason")
        if waiting and waiting != "PodInitializing":
            return f"Init:{waiting}"
        return f"Init:{index}/{len(body['spec'].get('initContainers') or ())}"
    return ""


def _ended_word(ended: Object) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


def _sidecar_names(body: Object) -> set[str]:
    containers = body["spec"].get("initContainers") or ()
    return {container["name"] for container in containers if container.get("restartPolicy") == _SIDECAR}


def _sidecars(body: Object) -> list[Object]:
    names = _sidecar_names(body)
    return [status for status in _statuses(body, "initContainerStatuses") if status["name"] in names]


def _statuses(body: Object, field: str) -> Sequence[Object]:
    return (body.get("status") or {}).get(field) or []


def _look(value: Any, *path: str) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value
