"""PodDisruptionBudgets: counts healthy pods and tells how many may go. Evictions themselves spend the budget."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock, parse_time, timestamp
from localcluster.controllers.conditions import put_in_place
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informer, Informers
from localcluster.controllers.meta import (
    controller_of,
    is_terminating,
    key_of,
    labels_of,
    name_of,
    namespace_of,
    split_key,
    status_of,
)
from localcluster.controllers.pods import is_ready
from localcluster.controllers.recorder import Recorder
from localcluster.resources import DEPLOYMENTS, POD_DISRUPTION_BUDGETS, PODS, REPLICA_SETS, STATEFUL_SETS
from localcluster.selectors import from_object

EVICTION_TIMEOUT = timedelta(minutes=2)
"""An eviction that was granted but whose pod is still there after this long is taken for failed."""


class DisruptionController(Controller):
    """Reconciles keys of PodDisruptionBudgets."""

    name = "disruption-controller"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._budgets = self.reads(POD_DISRUPTION_BUDGETS)
        self._pods = self.reads(PODS)
        self._owners: dict[str, Informer] = {
            resource.kind: self.reads(resource) for resource in (DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS)
        }
        self.follow(self._budgets)
        self._pods.on_change(self._pod_changed)

    def _pod_changed(self, before: Object | None, after: Object | None) -> None:
        pod = after or before or {}
        for budget in self._budgets.list(namespace_of(pod)):
            if from_object(budget["spec"].get("selector")).matches(labels_of(pod)):
                self.queue.add(key_of(budget))

    async def reconcile(self, key: str) -> None:
        budget = self._budgets.get(*split_key(key))
        if budget is None or is_terminating(budget):
            return
        pods = self._pods.list(namespace_of(budget), from_object(budget["spec"].get("selector")))
        status = compute(budget, pods, scale=self._scale(pods), now=self.clock.now())
        if status != status_of(budget):
            await self.client.update(POD_DISRUPTION_BUDGETS, {**budget, "status": status}, subresource="status")
        if status.get("disruptedPods"):
            self.queue.add_after(key, EVICTION_TIMEOUT.total_seconds())

    def _scale(self, pods: list[Object]) -> int:
        """How many pods the controllers of `pods` want together."""
        owners: dict[str, int] = {}
        for pod in pods:
            owner = self._top_owner(pod)
            if owner is not None:
                replicas = owner["spec"].get("replicas")
                owners[owner["metadata"]["uid"]] = 1 if replicas is None else int(replicas)
        return sum(owners.values())

    def _top_owner(self, obj: Object) -> Object | None:
        found: Object | None = None
        current = obj
        while (reference := controller_of(current)) is not None:
            store = self._owners.get(reference["kind"])
            owner = store.get(namespace_of(obj), reference["name"]) if store is not None else None
            if owner is None or owner["metadata"]["uid"] != reference["uid"]:
                break
            found = current = owner
        return found


def compute(budget: Object, pods: list[Object], *, scale: int, now: datetime) -> dict[str, Any]:
    """The status of a budget over `pods`, whose controllers want `scale` of them."""
    spec = budget["spec"]
    evicted = _evictions_under_way(budget, pods, now=now)
    expected, desired = _expected_and_desired(spec, count=len(pods), scale=scale)
    healthy = sum(is_ready(pod) and not is_terminating(pod) and name_of(pod) not in evicted for pod in pods)
    allowed = max(0, healthy - desired) if expected > 0 else 0
    generation = budget["metadata"].get("generation", 1)
    condition = {
        "type": "DisruptionAllowed",
        "status": str(allowed > 0),
        "observedGeneration": generation,
        "lastTransitionTime": timestamp(now),
        "reason": "SufficientPods" if allowed > 0 else "InsufficientPods",
        "message": "",
    }
    status: dict[str, Any] = {
        "observedGeneration": generation,
        "disruptionsAllowed": allowed,
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "expectedPods": expected,
        "conditions": put_in_place(status_of(budget).get("conditions") or [], condition),
    }
    return {**status, "disruptedPods": evicted} if evicted else status


def _expected_and_desired(spec: dict[str, Any], *, count: int, scale: int) -> tuple[int, int]:
    """(pods there should be, pods that have to stay healthy)."""
    if spec.get("maxUnavailable") is not None:
        return scale, max(0, scale - _resolve(spec["maxUnavailable"], scale))
    wanted = spec.get("minAvailable", 1)
    if isinstance(wanted, int):
        return count, wanted
    return scale, _resolve(wanted, scale)


def _resolve(value: int | str, total: int) -> int:
    return value if isinstance(value, int) else math.ceil(int(value.removesuffix("%")) * total / 100)


def _evictions_under_way(budget: Object, pods: list[Object], *, now: datetime) -> dict[str, str]:
    staying = {name_of(pod) for pod in pods if not is_terminating(pod)}
    evicted = status_of(budget).get("disruptedPods") or {}
    return {
        name: since for name, since in evicted.items() if name in staying and now - parse_time(since) < EVICTION_TIMEOUT
    }
