"""Which pods of a ReplicaSet go first when it has too many. Pure."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime
from typing import Any

from localcluster.client import Object
from localcluster.controllers.clock import seconds_since
from localcluster.controllers.meta import annotations_of
from localcluster.controllers.pods import is_ready, phase_of, ready_since, restarts_of

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"

_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


def choose(pods: list[Object], *, count: int, related: list[Object], now: datetime) -> list[Object]:
    """`count` of `pods`: those not placed, then not running, not ready, cheap, crowded, young and often restarted.

    `related`: pods of the same workload, whose number on a node says how crowded it is.
    """
    if count >= len(pods):
        return list(pods)
    crowd = Counter(pod["spec"].get("nodeName", "") for pod in related)
    return sorted(pods, key=lambda pod: _order(pod, crowd, now))[:count]


def _order(pod: Object, crowd: Counter[str], now: datetime) -> tuple[Any, ...]:
    ready = is_ready(pod)
    node = pod["spec"].get("nodeName", "")
    return (
        bool(node),
        _PHASES.get(phase_of(pod), 2),
        ready,
        _cost(pod),
        -crowd[node],
        _age_class(ready_since(pod), now) if ready else 0,
        -restarts_of(pod),
        _age_class(pod["metadata"].get("creationTimestamp"), now),
        pod["metadata"]["uid"],
    )


def _age_class(since: str | None, now: datetime) -> int:
    """Ages compare by their order of magnitude, so that equals are picked by chance (their uid) and not by seconds."""
    age = seconds_since(since, now)
    return int(math.log2(age)) + 1 if age >= 1 else 0


def _cost(pod: Object) -> int:
    try:
        return int(annotations_of(pod).get(DELETION_COST, "0"))
    except ValueError:
        return 0
