"""The last lines of the log of the container that fails, as text that may be shown. Reads, keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.kube import errors
from dashboard.redaction import plain
from dashboard.stack.health.cause import Cause
from dashboard.stack.health.fields import Object, count, mapping, text
from dashboard.stack.health.pods import statuses

GONE = "unable to retrieve container logs"
"""How a node answers, with status 200, when the log went with its container."""

Tail = Callable[[str, str, bool], list[str]]
"""(pod, container, previous) → lines. Raises ApiError."""


@dataclass(frozen=True, slots=True)
class Log:
    """The end of a log. `previous`: of the instance before the last restart."""

    pod: str
    container: str
    previous: bool
    lines: tuple[str, ...]


def of_failing(pods: Sequence[Object], cause: Cause | None, read: Tail) -> Log | None:
    """The log that tells most; None when no container has written one."""
    chosen = _chosen(pods, cause)
    if chosen is None:
        return None
    pod, container = text(chosen[0], "metadata", "name"), text(chosen[1], "name")
    for previous in (True, False) if _has_crashed(chosen[1]) else (False,):
        try:
            lines = read(pod, container, previous)
        except errors.BadRequest:  # it has not started, or there is no instance before
            continue
        if not (len(lines) == 1 and lines[0].startswith(GONE)):
            return Log(pod, container, previous, tuple(plain(line) for line in lines))
    return None


def _chosen(pods: Sequence[Object], cause: Cause | None) -> tuple[Object, Object] | None:
    """Pod and container status: those of the cause, else the first that is not ready, of the newest pod."""
    newest = sorted(pods, key=lambda pod: text(pod, "metadata", "creationTimestamp"), reverse=True)
    found = [(pod, each) for pod in newest for each in statuses(pod)]
    if cause is not None and cause.pod:
        held = [(pod, each) for pod, each in found if text(pod, "metadata", "name") == cause.pod]
        named = [pair for pair in held if text(pair[1], "name") == cause.container]
        return next(iter(named or held), None)
    unready = [pair for pair in found if pair[1].get("ready") is not True]
    return next(iter(unready), None) or (found[-1] if len(pods) == 1 and found else None)


def _has_crashed(status: Object) -> bool:
    waits = bool(mapping(status, "state", "waiting"))
    return waits and (bool(mapping(status, "lastState", "terminated")) or count(status, "restartCount") > 0)
