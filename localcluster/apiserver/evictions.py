"""Whether a pod's disruption budget lets it go, and what that takes from the budget. Pure: stores nothing."""

from __future__ import annotations

from collections.abc import Iterable

from localcluster.client import Object
from localcluster.errors import ApiError, forbidden
from localcluster.resources import POD_DISRUPTION_BUDGETS
from localcluster.selectors import from_object

_TOO_MANY_BUDGETS = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
_WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget."
_NOT_DISRUPTING = ("Pending", "Succeeded", "Failed")
_MOST_UNDER_WAY = 2000
_RETRY_S = 10
"""When to come again while the controller has not yet looked at a new budget."""


def budget_of(pod: Object, budgets: Iterable[Object]) -> Object | None:
    """The budget to spend for evicting the pod; None when no budget is asked. 500 when there are several.

    A pod that is not ready counts for no budget: it may go while enough others are healthy, or always, as the
    budget's `unhealthyPodEvictionPolicy` says.
    """
    status = pod.get("status") or {}
    if status.get("phase", "Pending") in _NOT_DISRUPTING or pod["metadata"].get("deletionTimestamp"):
        return None
    found = [budget for budget in budgets if _selects(budget, pod)]
    if len(found) > 1:
        raise ApiError(500, "InternalError", _TOO_MANY_BUDGETS)
    if not found or (not _is_ready(status) and _lets_unhealthy_go(found[0])):
        return None
    return found[0]


def spent(budget: Object, *, pod: str, now: str) -> Object:
    """`status` of the budget after one more eviction; 429 when it has none to give."""
    metadata, status = budget["metadata"], budget.get("status") or {}
    name, allowed = metadata["name"], status.get("disruptionsAllowed", 0)
    if status.get("observedGeneration", 0) < metadata.get("generation", 0):
        raise _refused(f"The disruption budget {name} is still being processed by the server.", retry=_RETRY_S)
    under_way = status.get("disruptedPods") or {}
    if len(under_way) > _MOST_UNDER_WAY:
        problem = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise forbidden(
            resource=POD_DISRUPTION_BUDGETS.singular, group=POD_DISRUPTION_BUDGETS.group, name=name, message=problem
        )
    if allowed <= 0:
        wanted, healthy = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
        raise _refused(f"The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently")
    after = {**status, "disruptionsAllowed": allowed - 1, "disruptedPods": {**under_way, pod: now}}
    if allowed == 1:
        after["conditions"] = _exhausted(
            status.get("conditions") or [], generation=metadata.get("generation", 0), now=now
        )
    return after


def _selects(budget: Object, pod: Object) -> bool:
    return from_object(budget["spec"].get("selector")).matches(pod["metadata"].get("labels"))


def _is_ready(status: Object) -> bool:
    conditions = status.get("conditions") or ()
    return any(condition.get("type") == "Ready" and condition.get("status") == "True" for condition in conditions)


def _lets_unhealthy_go(budget: Object) -> bool:
    if budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status = budget.get("status") or {}
    desired = status.get("desiredHealthy", 0)
    return bool(status.get("currentHealthy", 0) >= desired > 0)


def _exhausted(conditions: list[Object], *, generation: int, now: str) -> list[Object]:
    others = [condition for condition in conditions if condition.get("type") != "DisruptionAllowed"]
    last: Object = {
        "type": "DisruptionAllowed", "status": "False", "observedGeneration": generation, "lastTransitionTime": now,
        "reason": "InsufficientPods", "message": "",
    }  # fmt: skip
    return [*others, last]


def _refused(problem: str, *, retry: int = 0) -> ApiError:
    details = {"causes": [{"reason": "DisruptionBudget", "message": problem}]}
    return ApiError(
        429, "TooManyRequests", _WOULD_VIOLATE, {**details, "retryAfterSeconds": retry} if retry else details
    )
