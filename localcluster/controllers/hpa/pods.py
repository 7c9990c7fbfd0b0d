"""Sorts the pods of a scale target for the arithmetic and sums what they request; pure.

A young pod's CPU says little: it starts hot. So a pod inside `CPU_INITIALIZATION_PERIOD` counts only when it is Ready
and has been measured for a whole window since; a later one only fails to count while it has never been Ready.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from localcluster.client import Object
from localcluster.controllers.clock import parse_time
from localcluster.controllers.hpa.metrics import MetricsError, Sample, milli

CPU_INITIALIZATION_PERIOD = timedelta(minutes=5)
"""How long after its start a pod's CPU is taken for its start-up (controller-manager's default)."""
INITIAL_READINESS_DELAY = timedelta(seconds=30)
"""A pod unready since less than this after its start has never really been Ready (controller-manager's default)."""


@dataclass(slots=True)
class PodGroups:
    """`ready`: how many count. `ignored` and `missing`: names of pods whose number is doubtful or absent."""

    ready: int = 0
    ignored: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


def group_pods(pods: Iterable[Object], *, samples: Mapping[str, Sample], resource: str, now: datetime) -> PodGroups:
    """Which pods count, which are unready and which did not report. Deleted and failed pods are none of these."""
    groups = PodGroups()
    for pod in pods:
        name, phase = pod["metadata"]["name"], pod.get("status", {}).get("phase")
        if pod["metadata"].get("deletionTimestamp") or phase == "Failed":
            continue
        if phase == "Pending":
            groups.ignored.add(name)
        elif name not in samples:
            groups.missing.add(name)
        elif resource == "cpu" and _too_young(pod, samples[name], now=now):
            groups.ignored.add(name)
        else:
            groups.ready += 1
    return groups


def _too_young(pod: Object, sample: Sample, *, now: datetime) -> bool:
    status = pod.get("status", {})
    condition = next((c for c in status.get("conditions") or [] if c["type"] == "Ready"), None)
    if condition is None or not status.get("startTime"):
        return True
    started, changed = parse_time(status["startTime"]), parse_time(condition["lastTransitionTime"])
    unready = condition["status"] == "False"
    if started + CPU_INITIALIZATION_PERIOD > now:
        return unready or sample.timestamp < changed + sample.window
    return unready and started + INITIAL_READINESS_DELAY > changed


def pod_requests(pods: Iterable[Object], *, resource: str, container: str = "") -> dict[str, int]:
    """What each pod requests in thousandths; `container` limits it to one container."""
    return {pod["metadata"]["name"]: _pod_request(pod, resource=resource, container=container) for pod in pods}


def _pod_request(pod: Object, *, resource: str, container: str) -> int:
    spec = pod["spec"]
    whole = ((spec.get("resources") or {}).get("requests") or {}).get(resource)
    if whole is not None and not container:
        return milli(whole)
    total = 0
    for one in _long_running(spec):
        if container and one["name"] != container:
            continue
        request = ((one.get("resources") or {}).get("requests") or {}).get(resource)
        if request is None:
            where = f"container {one['name']} of Pod {pod['metadata']['name']}"
            raise MetricsError(f"missing request for {resource} in {where}")
        total += milli(request)
    return total


def _long_running(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    sidecars = [one for one in spec.get("initContainers") or [] if one.get("restartPolicy") == "Always"]
    return [*spec["containers"], *sidecars]
