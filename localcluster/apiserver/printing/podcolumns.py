"""A pod's READY, STATUS and RESTARTS as `kubectl get` words them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from localcluster.apiserver.printing.durations import age
from localcluster.client import Object

_SIDECAR = "Always"
_GATED = "SchedulingGated"
_ENDED = ("Succeeded", "Failed")


def pod_ready(body: Object, _now: datetime) -> str:
    """`1/2`: ready of all containers, sidecars among them."""
    statuses = [*_statuses(body, "containerStatuses"), *_sidecars(body)]
    wanted = len(body["spec"].get("containers") or ()) + len(_sidecar_names(body))
    return f"{sum(bool(status.get('ready')) for status in statuses)}/{wanted}"


def pod_restarts(body: Object, now: datetime) -> str:
    """`3 (14s ago)`: the count, and when the last one was. Those of init containers count while they hold it back."""
    if _init_word(body) and not _holds(body, "Initialized"):
        statuses = list(_statuses(body, "initContainerStatuses"))
    else:
        statuses = [*_statuses(body, "containerStatuses"), *_sidecars(body)]
    count = sum(status.get("restartCount", 0) for status in statuses)
    ends = [_look(status, "lastState", "terminated", "finishedAt") for status in statuses]
    last = max((end for end in ends if end), default=None)
    return f"{count} ({age(last, now=now)} ago)" if count and last else str(count)


def pod_status(body: Object, _now: datetime) -> str:
    """The one word: the phase, unless a container or the deletion says more.

    A container's end says more than why its pod failed: one that was evicted is `Error` or `Completed` by then.
    """
    status = body.get("status") or {}
    word = str(status.get("reason") or status.get("phase") or "Unknown")
    if any(_look(condition, "reason") == _GATED for condition in _conditions(body, "PodScheduled")):
        word = _GATED
    held = _init_word(body)
    word = held if held and not _holds(body, "Initialized") else _container_word(body, held or word)
    if body["metadata"].get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            return "Unknown"
        return word if status.get("phase") in _ENDED else "Terminating"
    return word


def readiness_gates(body: Object, _now: datetime) -> str:
    """`1/2`: those whose condition is true of all that are asked for."""
    gates = [gate.get("conditionType", "") for gate in body["spec"].get("readinessGates") or ()]
    return f"{sum(_holds(body, gate) for gate in gates)}/{len(gates)}" if gates else "<none>"


def row_conditions(body: Object) -> list[Object]:
    """What a Table says of a pod that has come to its end, whichever columns it has."""
    phase = (body.get("status") or {}).get("phase")
    if phase not in _ENDED:
        return []
    message = "The pod has completed successfully." if phase == "Succeeded" else "The pod failed."
    return [{"type": "Completed", "status": "True", "reason": phase, "message": message}]


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
        return "Running" if _holds(body, "Ready") else "NotReady"
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


def _holds(body: Object, condition: str) -> bool:
    return any(found.get("status") == "True" for found in _conditions(body, condition))


def _conditions(body: Object, kind: str) -> list[Object]:
    return [each for each in (body.get("status") or {}).get("conditions") or [] if each.get("type") == kind]


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
