"""Health of a pod, and for how long a container of it has been failing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from dashboard.stack.health import fields
from dashboard.stack.health.fields import condition, count, mapping, mappings, text
from dashboard.stack.health.verdict import Health, Object, failed, progressing

UNSCHEDULABLE_S = 60
"""A cluster that grows by itself needs about a minute to notice; after that it is told as a failure."""

SHORTEST_BACK_OFF_S = 10
LONGEST_BACK_OFF_S = 300
_BACK_OFF = re.compile(r"back-off (?:(\d+)m)?(?:(\d+)s)? ")


def pod(live: Object, now: datetime | None = None) -> Health:
    """Ready, or done where it is to end; failing containers count whatever the restart policy."""
    phase = text(live, "status", "phase")
    if phase == "Succeeded":
        return Health("ok", "is complete")
    if phase == "Failed":
        return failed(_why_failed(live))
    if phase == "Unknown":
        return Health("unknown", "its node does not answer")
    for container in statuses(live):
        reason = text(container, "state", "waiting", "reason")
        if is_failing(reason):
            return failed(f"container {text(container, 'name')} waits: {reason}")
    if phase == "Running":
        return _running(live)
    return _pending(live, now)


def statuses(live: Object) -> list[Object]:
    """Of init containers, then of containers."""
    return [*mappings(live, "status", "initContainerStatuses"), *mappings(live, "status", "containerStatuses")]


def is_failing(reason: str) -> bool:
    """Whether a container that waits for this reason has failed at it before."""
    return reason.startswith("Err") or reason.endswith(("Error", "BackOff")) or reason == "InvalidImageName"


def failing_for(live: Object, now: datetime | None) -> Iterator[tuple[str, str, float]]:
    """Containers that keep failing: (pod, what is wrong, seconds so far)."""
    name = text(live, "metadata", "name")
    if text(live, "status", "phase") == "Failed":
        ended = fields.seconds_since(fields.last_change(live), now)
        yield name, _why_failed(live), ended or 0.0
    for container in statuses(live):
        reason, code = (
            text(container, "state", "waiting", "reason"),
            count(container, "state", "terminated", "exitCode"),
        )
        if reason == "CrashLoopBackOff":
            yield name, f"{text(container, 'name')} {reason}", _crashing_for(container, now)
        elif is_failing(reason):
            since = fields.moment(condition(live, "Ready"), "lastTransitionTime")
            yield name, f"{text(container, 'name')} {reason}", fields.seconds_since(since, now) or 0.0
        elif code and count(container, "restartCount"):
            yield name, f"{text(container, 'name')} ends with exit code {code}", _ending_for(container, now)


def _crashing_for(container: Object, now: datetime | None) -> float:
    """Back-offs double from 10 s, so those before the present one lasted as long as it does, less 10 s."""
    match = _BACK_OFF.match(text(container, "state", "waiting", "message"))
    back_off = int(match[1] or 0) * 60 + int(match[2] or 0) if match else 0
    ended = fields.moment(container, "lastState", "terminated", "finishedAt")
    return _before(back_off) + (fields.seconds_since(ended, now) or 0.0)


def _ending_for(container: Object, now: datetime | None) -> float:
    """While it still shows its last end: the back-off before that is the pause between its last two runs."""
    before = fields.moment(container, "lastState", "terminated", "finishedAt")
    pause = fields.seconds_since(before, fields.moment(container, "state", "terminated", "startedAt"))
    if pause is None or not 0 <= pause <= LONGEST_BACK_OFF_S + SHORTEST_BACK_OFF_S:
        return 0.0  # it had run well in between
    return _before(pause) + (fields.seconds_since(before, now) or 0.0)


def _before(back_off: float) -> float:
    return max(back_off - SHORTEST_BACK_OFF_S, 0.0)


def _why_failed(live: Object) -> str:
    told = text(live, "status", "message") or text(live, "status", "reason")
    if told:
        return told
    for container in statuses(live):
        ended = mapping(container, "state", "terminated")
        if count(ended, "exitCode"):
            return f"container {text(container, 'name')} ended with exit code {count(ended, 'exitCode')}"
    return "failed"


def _running(live: Object) -> Health:
    if fields.is_true(live, "Ready"):
        return Health("ok")
    if text(live, "spec", "restartPolicy") in ("Never", "OnFailure"):
        return progressing("is running")
    for container in statuses(live):
        ended = mapping(container, "lastState", "terminated") or mapping(container, "state", "terminated")
        if count(ended, "exitCode") and not container.get("ready"):
            code = count(ended, "exitCode")
            return failed(f"is not ready; container {text(container, 'name')} ended with exit code {code}")
    return progressing(text(condition(live, "Ready"), "message") or "is not ready yet")


def _pending(live: Object, now: datetime | None) -> Health:
    scheduled = condition(live, "PodScheduled")
    if scheduled.get("status") == "False":
        why = text(scheduled, "message") or "no node takes it"
        if scheduled.get("reason") == "SchedulingGated":
            return progressing("waits for its scheduling gates")
        waited = fields.seconds_since(fields.moment(scheduled, "lastTransitionTime"), now)
        found = f"finds no place: {why}"
        return failed(found) if waited is not None and waited > UNSCHEDULABLE_S else progressing(found)
    return progressing("is starting")
