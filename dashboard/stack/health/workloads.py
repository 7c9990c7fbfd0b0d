"""Health of what keeps pods running: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dashboard.stack.health import fields
from dashboard.stack.health.fields import condition, count, mapping, text
from dashboard.stack.health.pods import failing_for
from dashboard.stack.health.verdict import OK, Health, Object, failed, progressing, suspended

PATIENCE_S = 60
"""A pod may fail that long before what made it counts as failed: a database is waited for."""

STUCK_S = 600
"""As long as a Deployment's own progressDeadlineSeconds; a StatefulSet has no deadline of its own."""

NO_DEADLINE = 2147483647


def deployment(live: Object, now: datetime | None = None, pods: Sequence[Object] = ()) -> Health:
    """Rolled out: every replica updated, ready and available, and none of the old left.

    While it rolls out its own deadline judges it; afterwards that says nothing more, so a broken pod does.
    """
    if mapping(live, "spec").get("paused") is True:
        return suspended("is paused: changes are not rolled out until it is resumed")
    progress = condition(live, "Progressing")
    if progress.get("reason") == "ProgressDeadlineExceeded":
        return failed(text(progress, "message") or "made no progress in time")
    if fields.is_true(live, "ReplicaFailure"):
        return failed(text(condition(live, "ReplicaFailure"), "message") or "its pods cannot be created")
    wanted = count(live, "spec", "replicas", default=1)
    short = _unseen(live) or _short_deployment(live, wanted) or _unavailable(live)
    is_rolled_out = progress.get("reason") == "NewReplicaSetAvailable"
    return (short and is_rolled_out and _broken(pods, now)) or short or _full(wanted)


def _short_deployment(live: Object, wanted: int) -> Health | None:
    updated, total = count(live, "status", "updatedReplicas"), count(live, "status", "replicas")
    short = _short(live, wanted, updatedReplicas="updated", replicas="created")
    if short:
        return short
    if total > wanted or total > updated:
        old = total - min(updated, wanted)
        is_held = total > updated and count(live, "status", "availableReplicas") < total
        return progressing(_held(old, wanted) if is_held else _ending(old, "old replica"))
    return _short(live, wanted, readyReplicas="ready", availableReplicas="available")


def _unavailable(live: Object) -> Health | None:
    """The controller's own word, which comes a moment after the counts."""
    has_deadline = count(live, "spec", "progressDeadlineSeconds", default=600) != NO_DEADLINE
    if has_deadline and condition(live, "Progressing").get("reason") != "NewReplicaSetAvailable":
        return progressing("its roll-out is being completed")
    if not fields.is_true(live, "Available"):
        return progressing("is not available yet")
    return None


def replica_set(live: Object, _now: datetime | None = None) -> Health:
    """Every replica there, labelled, ready and available."""
    if fields.is_true(live, "ReplicaFailure"):
        return failed(text(condition(live, "ReplicaFailure"), "message") or "its pods cannot be created")
    wanted = count(live, "spec", "replicas", default=1)
    short = _unseen(live) or _short(
        live, wanted, replicas="created", fullyLabeledReplicas="labelled", readyReplicas="ready",
        availableReplicas="available",
    )  # fmt: skip
    surplus = count(live, "status", "replicas") - wanted
    if not short and surplus > 0:
        return progressing(_ending(surplus, "surplus replica"))
    return short or _full(wanted)


def stateful_set(live: Object, now: datetime | None = None, pods: Sequence[Object] = ()) -> Health:
    """Every ordinal there, ready and on the update revision; kept waiting by a broken pod or for too long: failed."""
    wanted = count(live, "spec", "replicas", default=1)
    short = _unseen(live) or _short_stateful_set(live, wanted)
    if short is None:
        return _full(wanted)
    broken = _broken(pods, now)
    if broken:
        return broken
    changes = [fields.last_change(each) for each in (live, *pods)]
    idle = fields.seconds_since(max((each for each in changes if each), default=None), now)
    if idle is not None and idle > STUCK_S:
        return failed(f"made no progress for {int(idle // 60)} minutes: {short.sentence}")
    return short


def _short_stateful_set(live: Object, wanted: int) -> Health | None:
    short = _short(live, wanted, replicas="created", readyReplicas="ready")
    surplus = count(live, "status", "replicas") - wanted
    if short or surplus > 0:
        return short or progressing(_ending(surplus, "surplus replica"))
    strategy = mapping(live, "spec", "updateStrategy")
    current, update = text(live, "status", "currentRevision"), text(live, "status", "updateRevision")
    if strategy.get("type") == "OnDelete":
        return None  # a person deletes pods when the update may come to them
    partition = count(strategy, "rollingUpdate", "partition")
    if partition > 0:
        return _short(live, max(wanted - partition, 0), updatedReplicas="updated")
    if current != update:
        return progressing(f"{count(live, 'status', 'updatedReplicas')} of {wanted} replicas updated")
    return _short(live, wanted, currentReplicas="current")


def daemon_set(live: Object, _now: datetime | None = None) -> Health:
    """A ready pod of the newest kind on every node that is to have one."""
    unseen = _unseen(live)
    if unseen:
        return unseen
    wanted = count(live, "status", "desiredNumberScheduled")
    counts = {"currentNumberScheduled": "scheduled", "updatedNumberScheduled": "updated", "numberReady": "ready",
              "numberAvailable": "available"}  # fmt: skip
    if text(live, "spec", "updateStrategy", "type") == "OnDelete":
        del counts["updatedNumberScheduled"]
    return _short(live, wanted, what="pods", **counts) or OK


def job(live: Object, _now: datetime | None = None) -> Health:
    """Complete, failed, suspended, or still running."""
    for kind in ("Failed", "FailureTarget"):
        if fields.is_true(live, kind):
            return failed(text(condition(live, kind), "message") or "failed")
    if fields.is_true(live, "Complete"):
        return Health("ok", "is complete")
    if mapping(live, "spec").get("suspend") is True or fields.is_true(live, "Suspended"):
        return suspended("is suspended: it starts no pods until it is resumed")
    parts = [f"{count(live, 'status', each)} {each}" for each in ("active", "succeeded", "failed")
             if count(live, "status", each)]  # fmt: skip
    return progressing(f"is running: {', '.join(parts)}" if parts else "is starting")


def cron_job(live: Object, _now: datetime | None = None) -> Health:
    """There, which is all it needs to be; or suspended."""
    if mapping(live, "spec").get("suspend") is True:
        return suspended("is suspended: it starts no jobs until it is resumed")
    last = text(live, "status", "lastScheduleTime")
    return Health("ok", f"last started a job at {last}" if last else "has not started a job yet")


def _broken(pods: Sequence[Object], now: datetime | None) -> Health | None:
    """The first pod that has failed for longer than `PATIENCE_S`."""
    found = ((name, why) for pod in pods for name, why, s in failing_for(pod, now) if s > PATIENCE_S)
    return next((failed(f"its pod {name} keeps failing: {why}") for name, why in found), None)


def _unseen(live: Object) -> Health | None:
    seen = count(live, "status", "observedGeneration")
    return None if seen else progressing("its controller has not seen it yet")


def _short(live: Object, wanted: int, *, what: str = "replicas", **counts: str) -> Health | None:
    """The first count below what is wanted. `counts`: field of the status → word for it."""
    for name, word in counts.items():
        have = count(live, "status", name)
        if have < wanted:
            return progressing(f"{have} of {wanted} {what} {word}")
    return None


def _ending(number: int, what: str) -> str:
    return f"{number} {what} is ending" if number == 1 else f"{number} {what}s are ending"


def _held(number: int, wanted: int) -> str:
    """What is being deleted is not counted any more, so old replicas beside unready ones are held for these."""
    until = "the new one is ready" if wanted == 1 else "the new ones are ready"
    return f"1 old replica stays until {until}" if number == 1 else f"{number} old replicas stay until {until}"


def _full(wanted: int) -> Health:
    return OK if wanted else Health("ok", "is scaled to 0")
