"""What a Job does next: pods to make, to stop and to count, and what its conditions become. Pure. NonIndexed only.

Pods are counted once: their uids go to `uncountedTerminatedPods` first, then their finalizer goes, then they become
numbers. A pod removed in between is then never forgotten and never counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localcluster.client import Object
from localcluster.controllers.clock import parse_time, seconds_since, timestamp
from localcluster.controllers.conditions import Condition, find
from localcluster.controllers.meta import finalizers_of, is_terminating, status_of, uid_of
from localcluster.controllers.pods import is_active, is_finished, is_ready, phase_of, restarts_of

TRACKING = "batch.kubernetes.io/job-tracking"

FIRST_BACKOFF_SECONDS = 10.0
LONGEST_BACKOFF_SECONDS = 600.0

_DEADLINE = ("DeadlineExceeded", "Job was active longer than specified deadline")
_BACKOFF = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
_REACHED = ("CompletionsReached", "Reached expected number of succeeded pods")


@dataclass(slots=True)
class Decision:
    """`stop`: active pods to delete. `create`: how many pods to make. `again_after`: when to look again, in seconds.

    `interim`: the condition that decides the Job before its last pods are counted.
    """

    stop: list[Object] = field(default_factory=list)
    create: int = 0
    again_after: float | None = None
    interim: Condition | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Pods of a Job, with those that have become uncountable since included."""

    active: list[Object]
    terminating: int
    newly_succeeded: list[str]
    newly_failed: list[str]
    succeeded: int
    failed: int


def is_over(job: Object) -> bool:
    return any((found := find(status_of(job), kind)) and found["status"] == "True" for kind in ("Complete", "Failed"))


def finished_at(job: Object) -> str | None:
    """When the Job ended; None while it has not."""
    for kind in ("Complete", "Failed"):
        condition = find(status_of(job), kind)
        if condition is not None and condition["status"] == "True":
            return str(condition["lastTransitionTime"])
    return None


def count(job: Object, pods: list[Object]) -> Counts:
    status = status_of(job)
    uncounted = status.get("uncountedTerminatedPods") or {}
    known = {*uncounted.get("succeeded", []), *uncounted.get("failed", [])}
    countable = [pod for pod in pods if TRACKING in finalizers_of(pod) and uid_of(pod) not in known]
    succeeded = [uid_of(pod) for pod in countable if phase_of(pod) == "Succeeded"]
    failed = [uid_of(pod) for pod in countable if _has_failed(job, pod)]
    return Counts(
        active=[pod for pod in pods if is_active(pod)],
        terminating=sum(is_terminating(pod) and not is_finished(pod) for pod in pods),
        newly_succeeded=succeeded,
        newly_failed=failed,
        succeeded=int(status.get("succeeded", 0)) + len(uncounted.get("succeeded", [])) + len(succeeded),
        failed=int(status.get("failed", 0)) + len(uncounted.get("failed", [])) + len(failed),
    )


def decide(job: Object, pods: list[Object], counts: Counts, *, now: datetime) -> Decision:
    """One step of a Job that is not over yet."""
    decided = find(status_of(job), "FailureTarget") or find(status_of(job), "SuccessCriteriaMet")
    failure = None if decided else _failure(job, counts, now=now)
    if decided is not None or failure is not None:
        interim = _condition("FailureTarget", *failure, now=now) if failure is not None else None
        return Decision(stop=counts.active, interim=interim)
    if _is_satisfied(job, counts):
        return Decision(stop=counts.active, interim=_condition("SuccessCriteriaMet", *_REACHED, now=now))
    deadline = _seconds_to_deadline(job, now=now)
    if job["spec"].get("suspend"):
        return Decision(stop=counts.active)
    wanted = _wanted_active(job, counts)
    surplus = len(counts.active) - wanted
    if surplus > 0:
        return Decision(stop=_least_advanced(counts.active)[:surplus], again_after=deadline)
    missing = wanted - len(counts.active) - (counts.terminating if _only_replaces_failed(job) else 0)
    if missing <= 0:
        return Decision(again_after=deadline)
    wait = backoff_left(pods, now=now)
    if wait > 0:
        return Decision(again_after=wait if deadline is None else min(wait, deadline))
    return Decision(create=missing, again_after=deadline)


def final_condition(job: Object, *, pods_left: int, now: datetime) -> Condition | None:
    """Complete or Failed, once every pod is counted and none is left running."""
    if pods_left:
        return None
    for interim, final in (("FailureTarget", "Failed"), ("SuccessCriteriaMet", "Complete")):
        found = find(status_of(job), interim)
        if found is not None:
            return _condition(final, found["reason"], found["message"], now=now)
    return None


def backoff_left(pods: list[Object], *, now: datetime) -> float:
    """How long to wait after failures in a row: 10 s, doubled with each, up to ten minutes."""
    ended = sorted((_end_of(pod), phase_of(pod)) for pod in pods if is_finished(pod) and _end_of(pod))
    failures = 0
    for _, phase in reversed(ended):
        if phase != "Failed":
            break
        failures += 1
    if failures == 0:
        return 0.0
    wait: float = min(FIRST_BACKOFF_SECONDS * 2 ** min(failures - 1, 30), LONGEST_BACKOFF_SECONDS)
    return wait - (now - parse_time(ended[-1][0])).total_seconds()


def suspension(job: Object, *, now: datetime) -> Condition | None:
    """The condition Suspended, when it has just changed."""
    suspended = bool(job["spec"].get("suspend"))
    current = find(status_of(job), "Suspended")
    if suspended == (current is not None and current["status"] == "True"):
        return None
    reason, message = ("JobSuspended", "Job suspended") if suspended else ("JobResumed", "Job resumed")
    return _condition("Suspended", reason, message, now=now) | {"status": str(suspended)}


def counted_status(counts: Counts, pods: list[Object]) -> dict[str, Any]:
    """The part of the status that follows from the pods as they are."""
    return {
        "active": len(counts.active),
        "ready": sum(is_active(pod) and is_ready(pod) for pod in pods),
        "terminating": counts.terminating,
    }


def uncounted(job: Object, counts: Counts) -> dict[str, list[str]]:
    """The uids noted so far and the new ones."""
    noted = status_of(job).get("uncountedTerminatedPods") or {}
    both = {
        "succeeded": [*noted.get("succeeded", []), *counts.newly_succeeded],
        "failed": [*noted.get("failed", []), *counts.newly_failed],
    }
    return {part: uids for part, uids in both.items() if uids}


def _has_failed(job: Object, pod: Object) -> bool:
    """Pods on their way out count as failed at once, unless only failed ones are to be replaced."""
    if phase_of(pod) == "Failed":
        return True
    return is_terminating(pod) and phase_of(pod) != "Succeeded" and not _only_replaces_failed(job)


def _only_replaces_failed(job: Object) -> bool:
    return bool(job["spec"].get("podReplacementPolicy") == "Failed")


def _failure(job: Object, counts: Counts, *, now: datetime) -> tuple[str, str] | None:
    limit = job["spec"].get("backoffLimit")
    limit = 6 if limit is None else int(limit)
    restarts_in_place = job["spec"]["template"]["spec"].get("restartPolicy") == "OnFailure"
    restarts = sum(map(restarts_of, counts.active)) if restarts_in_place else 0
    if counts.failed > limit or (restarts_in_place and restarts > 0 and restarts >= limit):
        return _BACKOFF
    left = _seconds_to_deadline(job, now=now)
    return _DEADLINE if left is not None and left <= 0 else None


def _seconds_to_deadline(job: Object, *, now: datetime) -> float | None:
    deadline, started = job["spec"].get("activeDeadlineSeconds"), status_of(job).get("startTime")
    if deadline is None or not started or job["spec"].get("suspend"):
        return None
    return float(deadline) - seconds_since(started, now)


def _is_satisfied(job: Object, counts: Counts) -> bool:
    completions = job["spec"].get("completions")
    if completions is None:  # a work queue: done when one has succeeded and the others have ended
        return counts.succeeded > 0 and not counts.active
    return counts.succeeded >= int(completions)


def _wanted_active(job: Object, counts: Counts) -> int:
    parallelism = job["spec"].get("parallelism")
    parallelism = 1 if parallelism is None else int(parallelism)
    completions = job["spec"].get("completions")
    if completions is None:
        return len(counts.active) if counts.succeeded else parallelism
    return max(0, min(parallelism, int(completions) - counts.succeeded))


def _least_advanced(pods: list[Object]) -> list[Object]:
    """Those that have done least come first when some have to go."""
    return sorted(pods, key=lambda pod: pod["metadata"].get("creationTimestamp", ""), reverse=True)


def _end_of(pod: Object) -> str:
    statuses = status_of(pod).get("containerStatuses") or []
    ends = [((one.get("state") or {}).get("terminated") or {}).get("finishedAt") or "" for one in statuses]
    return max(ends, default="")


def _condition(kind: str, reason: str, message: str, *, now: datetime) -> Condition:
    moment = timestamp(now)
    return {
        "type": kind,
        "status": "True",
        "lastProbeTime": moment,
        "lastTransitionTime": moment,
        "reason": reason,
        "message": message,
    }
