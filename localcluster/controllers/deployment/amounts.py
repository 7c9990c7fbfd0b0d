"""How many pods a Deployment may have too many or too few while it rolls out. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable

from localcluster.client import Object
from localcluster.controllers.meta import status_of

NO_DEADLINE = 2**31 - 1
"""`progressDeadlineSeconds` that Kubernetes takes for "never"."""


def replicas_of(obj: Object) -> int:
    """What the spec asks for; 1 when it says nothing."""
    value = obj["spec"].get("replicas")
    return 1 if value is None else int(value)


def total_replicas(sets: Iterable[Object]) -> int:
    return sum(map(replicas_of, sets))


def available_of(replica_set: Object) -> int:
    return int(status_of(replica_set).get("availableReplicas", 0))


def is_rolling(deployment: Object) -> bool:
    return bool((deployment["spec"].get("strategy") or {}).get("type", "RollingUpdate") == "RollingUpdate")


def max_surge(deployment: Object) -> int:
    return _surge_and_unavailable(deployment)[0]


def max_unavailable(deployment: Object) -> int:
    """Never more than there are pods."""
    return min(_surge_and_unavailable(deployment)[1], replicas_of(deployment))


def min_available(deployment: Object) -> int:
    return replicas_of(deployment) - max_unavailable(deployment)


def has_progress_deadline(deployment: Object) -> bool:
    deadline = deployment["spec"].get("progressDeadlineSeconds")
    return deadline is not None and deadline != NO_DEADLINE


def _surge_and_unavailable(deployment: Object) -> tuple[int, int]:
    if not is_rolling(deployment):
        return 0, 0
    rolling = (deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    total = replicas_of(deployment)
    surge = _resolve(rolling.get("maxSurge", "25%"), total, up=True)
    unavailable = _resolve(rolling.get("maxUnavailable", "25%"), total, up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1  # percentages of few pods may both round to nothing, and then nothing could ever move
    return surge, unavailable


def _resolve(value: int | str, total: int, *, up: bool) -> int:
    if isinstance(value, int):
        return value
    share = int(value.removesuffix("%")) * total / 100
    return math.ceil(share) if up else math.floor(share)
