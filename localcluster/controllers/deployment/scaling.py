"""What a changed `spec.replicas` means for the ReplicaSets, also in the middle of a roll-out. Pure."""

from __future__ import annotations

from localcluster.client import Object
from localcluster.controllers.deployment.amounts import available_of, is_rolling, max_surge, replicas_of, total_replicas
from localcluster.controllers.deployment.revisions import DESIRED, MAXIMUM, by_age
from localcluster.controllers.deployment.rolling import Sizes
from localcluster.controllers.meta import annotations_of, name_of, status_of


def is_scaling(deployment: Object, sets: list[Object]) -> bool:
    """Whether the Deployment asks for another number than when its ReplicaSets were last scaled."""
    wanted = str(replicas_of(deployment))
    return any(annotations_of(one).get(DESIRED, wanted) != wanted for one in active(sets))


def active(sets: list[Object]) -> list[Object]:
    return [one for one in sets if replicas_of(one) > 0]


def scale(deployment: Object, new: Object | None, old: list[Object]) -> Sizes:
    """The size of every ReplicaSet that follows from the Deployment's number."""
    desired = replicas_of(deployment)
    only = _only_one(new, old)
    if only is not None:
        return [(only, desired)]
    if new is not None and _is_saturated(deployment, new):
        return [(one, 0) for one in active(old)]
    if not is_rolling(deployment):
        return []
    return _in_proportion(deployment, active([*old, *([new] if new is not None else [])]))


def _only_one(new: Object | None, old: list[Object]) -> Object | None:
    """The one ReplicaSet that stands for all: the only one with pods, or the latest when none has any."""
    with_pods = active([*old, *([new] if new is not None else [])])
    if len(with_pods) == 1:
        return with_pods[0]
    if with_pods:
        return None
    return new if new is not None else next(reversed(by_age(old)), None)


def _is_saturated(deployment: Object, new: Object) -> bool:
    desired = replicas_of(deployment)
    return replicas_of(new) == desired == available_of(new) and annotations_of(new).get(DESIRED) == str(desired)


def _in_proportion(deployment: Object, sets: list[Object]) -> Sizes:
    """Growth and loss are shared by size, so that a roll-out keeps its balance; the rest goes to the first."""
    desired = replicas_of(deployment)
    change = (desired + max_surge(deployment) if desired > 0 else 0) - total_replicas(sets)
    youngest_first = list(reversed(by_age(sets))) if change > 0 else by_age(sets)
    ordered = sorted(youngest_first, key=replicas_of, reverse=True)
    given = 0
    sizes: dict[str, int] = {}
    for one in ordered:
        share = _share(deployment, one, left=change - given)
        given += share
        sizes[name_of(one)] = replicas_of(one) + share
    if ordered and change:
        sizes[name_of(ordered[0])] = max(0, sizes[name_of(ordered[0])] + change - given)
    return [(one, sizes[name_of(one)]) for one in ordered]


def _share(deployment: Object, replica_set: Object, *, left: int) -> int:
    size, desired = replicas_of(replica_set), replicas_of(deployment)
    if left == 0:
        return 0
    if desired == 0:
        return max(-size, left)
    before = int(annotations_of(replica_set).get(MAXIMUM) or status_of(deployment).get("replicas", 0))
    if before == 0:
        return 0
    # Halves round away from zero, as in Kubernetes; sizes are never negative.
    fraction = int(size * (desired + max_surge(deployment)) / before + 0.5) - size
    return min(fraction, left) if left > 0 else max(fraction, left)
