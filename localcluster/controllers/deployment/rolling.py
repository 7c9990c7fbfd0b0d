"""The next step of a rolling update: how large the new and the old ReplicaSets should be. Pure."""

from __future__ import annotations

from localcluster.client import Object
from localcluster.controllers.deployment.amounts import (
    available_of,
    is_rolling,
    max_surge,
    min_available,
    replicas_of,
    total_replicas,
)
from localcluster.controllers.deployment.revisions import by_age

Sizes = list[tuple[Object, int]]
"""ReplicaSets and the replicas each should get, in the order to write them."""


def new_size(deployment: Object, *, current: int, all_replicas: int) -> int:
    """What the new ReplicaSet may have now: as many as asked for, as far as the surge allows."""
    desired = replicas_of(deployment)
    if not is_rolling(deployment) or current >= desired:
        return desired
    room = desired + max_surge(deployment) - all_replicas
    return current + max(0, min(room, desired - current))


def shrink_old(deployment: Object, new: Object, old: list[Object]) -> Sizes:
    """How the old ReplicaSets shrink: first by pods that do not work anyway, then as far as availability allows."""
    everyone = [*old, new]
    unavailable_new = replicas_of(new) - available_of(new)
    may_go = total_replicas(everyone) - min_available(deployment) - unavailable_new
    if total_replicas(old) == 0 or may_go <= 0:
        return []
    cleaned = _shrink_unhealthy(old, at_most=may_go)
    sizes = {id(one): size for one, size in cleaned}
    spare = sum(map(available_of, everyone)) - min_available(deployment)
    for one in by_age(old):
        size = sizes.get(id(one), replicas_of(one))
        step = min(size, max(0, spare))
        spare -= step
        if step or id(one) in sizes:
            sizes[id(one)] = size - step
    return [(one, sizes[id(one)]) for one in by_age(old) if id(one) in sizes]


def _shrink_unhealthy(old: list[Object], *, at_most: int) -> Sizes:
    sizes: Sizes = []
    for one in by_age(old):
        step = min(at_most, replicas_of(one) - available_of(one))
        if step > 0:
            sizes.append((one, replicas_of(one) - step))
            at_most -= step
    return sizes
