"""Reading pods: active, ready, available, and a pod made from a template. Pure."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from localcluster.client import Object
from localcluster.controllers.clock import seconds_since
from localcluster.controllers.conditions import find
from localcluster.controllers.meta import controller_reference, is_terminating, status_of

FINISHED = ("Succeeded", "Failed")


def phase_of(pod: Object) -> str:
    return str(status_of(pod).get("phase", "Pending"))


def is_finished(pod: Object) -> bool:
    """Whether its containers have ended for good."""
    return phase_of(pod) in FINISHED


def is_active(pod: Object) -> bool:
    """Whether it counts as a replica: neither ended nor going."""
    return not is_finished(pod) and not is_terminating(pod)


def is_ready(pod: Object) -> bool:
    condition = find(status_of(pod), "Ready")
    return condition is not None and condition["status"] == "True"


def ready_since(pod: Object) -> str | None:
    """When it became ready; None while it is not."""
    condition = find(status_of(pod), "Ready")
    return condition.get("lastTransitionTime") if condition is not None and condition["status"] == "True" else None


def is_available(pod: Object, *, min_ready_seconds: int, now: datetime) -> bool:
    """Ready for at least `min_ready_seconds`."""
    if not is_ready(pod):
        return False
    since = ready_since(pod)
    return min_ready_seconds == 0 or (since is not None and seconds_since(since, now) >= min_ready_seconds)


def seconds_until_available(pods: list[Object], *, min_ready_seconds: int, now: datetime) -> float | None:
    """How long until the next ready pod becomes available; None when there is nothing to wait for."""
    waits = [
        min_ready_seconds - seconds_since(ready_since(pod), now)
        for pod in pods
        if is_ready(pod) and not is_available(pod, min_ready_seconds=min_ready_seconds, now=now)
    ]
    return min(waits) if waits else None


def restarts_of(pod: Object) -> int:
    """The most often any of its containers has been restarted."""
    statuses = status_of(pod).get("containerStatuses") or []
    return max((int(status.get("restartCount", 0)) for status in statuses), default=0)


def from_template(template: Object, owner: Object, *, api_version: str, kind: str) -> Object:
    """A pod as `template` describes it, controlled by `owner`, named by the API with the owner's name in front."""
    described = template.get("metadata") or {}
    metadata: dict[str, Any] = {
        "generateName": f"{owner['metadata']['name']}-",
        "namespace": owner["metadata"]["namespace"],
        "ownerReferences": [controller_reference(owner, api_version=api_version, kind=kind)],
    }
    for part in ("labels", "annotations", "finalizers"):
        if described.get(part):
            metadata[part] = copy.deepcopy(described[part])
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": copy.deepcopy(template["spec"])}
