"""Health of volumes and of what bounds or protects pods: PVC, PV, PodDisruptionBudget, ResourceQuota. Pure."""

from __future__ import annotations

from datetime import datetime

from dashboard.kube.quantities import number
from dashboard.stack.health import fields
from dashboard.stack.health.fields import condition, count, mapping, text
from dashboard.stack.health.verdict import OK, Health, Object, failed, progressing


def claim(live: Object, _now: datetime | None = None) -> Health:
    """Bound to a volume."""
    phase = text(live, "status", "phase")
    if phase == "Lost":
        return failed("has lost its volume; what was on it is gone with it")
    if phase != "Bound":
        return progressing("waits for a volume")
    for kind, words in (("Resizing", "is being resized"), ("FileSystemResizePending", "waits to be resized")):
        if fields.is_true(live, kind):
            return progressing(words)
    return OK


def volume(live: Object, _now: datetime | None = None) -> Health:
    """Bound, or free to be."""
    phase = text(live, "status", "phase")
    if phase == "Failed":
        return failed(text(live, "status", "message") or "could not be reclaimed")
    if phase == "Released":
        return Health("ok", "is released: its claim is gone, its data is kept")
    return OK if phase in ("Bound", "Available") else progressing("is not available yet")


def budget(live: Object, _now: datetime | None = None) -> Health:
    """Computed, and as many healthy pods as it asks for."""
    allowed = condition(live, "DisruptionAllowed")
    if allowed.get("reason") == "SyncFailed":
        return failed(text(allowed, "message") or "cannot be computed")
    if not count(live, "status", "observedGeneration"):
        return progressing("its disruptions are not computed yet")
    healthy, desired = count(live, "status", "currentHealthy"), count(live, "status", "desiredHealthy")
    if healthy < desired:
        return progressing(f"{healthy} of the {desired} pods it asks for are healthy")
    if not count(live, "status", "expectedPods"):
        return Health("ok", "covers no pods now")
    if not count(live, "status", "disruptionsAllowed"):
        return Health("ok", f"allows no eviction now: it asks for {desired} healthy pods and has {healthy}")
    return OK


def quota(live: Object, _now: datetime | None = None) -> Health:
    """Computed; a full one is well, but said, for it is what refuses the next pod."""
    hard, used = mapping(live, "status", "hard"), mapping(live, "status", "used")
    if not hard and mapping(live, "spec", "hard"):
        return progressing("its use is not computed yet")
    full = [f"{name} {used.get(name)} of {limit}" for name, limit in hard.items() if _is_full(used.get(name), limit)]
    return Health("ok", f"is used up: {', '.join(full)}") if full else OK


def _is_full(used: object, limit: object) -> bool:
    if not isinstance(used, str | int) or not isinstance(limit, str | int):
        return False
    have, most = number(used), number(limit)
    return have is not None and most is not None and have >= most > 0
