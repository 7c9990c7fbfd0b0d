"""What a StatefulSet does next: which members to make, remove or repair, and what its status is. Pure.

Ordered sets do one thing at a time and wait for the member before; parallel ones do all at once, except that updates
always go one by one, from the highest ordinal down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from localcluster.client import Object
from localcluster.controllers.meta import is_terminating, status_of, without_zeros
from localcluster.controllers.pods import is_available, is_finished, is_ready, phase_of
from localcluster.controllers.statefulset.members import needs_repair, ordinal_of, revision_of


@dataclass(frozen=True, slots=True)
class Action:
    """`create` the member `ordinal` of `revision`; `delete`, `recreate` or `repair` `pod`.

    `recreate` deletes a pod that has ended by itself; the next round makes it anew.
    """

    verb: Literal["create", "delete", "recreate", "repair"]
    ordinal: int
    pod: Object | None = None
    revision: str = ""


@dataclass(slots=True)
class Plan:
    """Actions in their order, and the status to write after them."""

    actions: list[Action] = field(default_factory=list)
    status: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Members:
    """A set's pods by ordinal: those it wants (None where one is missing), and those too many, highest first."""

    wanted: dict[int, Object | None]
    condemned: list[tuple[int, Object]]


def sort_members(stateful_set: Object, pods: list[Object]) -> Members:
    start = int((stateful_set["spec"].get("ordinals") or {}).get("start", 0))
    wanted: dict[int, Object | None] = dict.fromkeys(range(start, start + replicas_of(stateful_set)))
    condemned: list[tuple[int, Object]] = []
    for pod in pods:
        ordinal = ordinal_of(pod, of=stateful_set)
        if ordinal is None:
            continue
        if ordinal in wanted:
            wanted[ordinal] = pod
        else:
            condemned.append((ordinal, pod))
    return Members(wanted, sorted(condemned, key=lambda item: item[0], reverse=True))


def replicas_of(stateful_set: Object) -> int:
    value = stateful_set["spec"].get("replicas")
    return 1 if value is None else int(value)


def make(stateful_set: Object, pods: list[Object], *, current: str, update: str, now: datetime) -> Plan:
    """`current` and `update`: names of the revisions members have, and should get."""
    members = sort_members(stateful_set, pods)
    plan = Plan(status=_status(stateful_set, pods, current=current, update=update, now=now))
    if not is_terminating(stateful_set):
        _Planner(stateful_set, members, plan, current=current, update=update, now=now).run()
    _complete_update(stateful_set, plan.status)
    plan.status = without_zeros(plan.status, keep=frozenset({"replicas", "availableReplicas", "collisionCount"}))
    return plan


class _Planner:
    """One pass over the members; adds to the plan and stops where an ordered set has to wait."""

    def __init__(
        self, stateful_set: Object, members: Members, plan: Plan, *, current: str, update: str, now: datetime
    ) -> None:
        self._set = stateful_set
        self._members = members
        self._plan = plan
        self._current = current
        self._update = update
        self._now = now
        self._ordered: bool = stateful_set["spec"].get("podManagementPolicy", "OrderedReady") == "OrderedReady"
        strategy = stateful_set["spec"].get("updateStrategy") or {}
        self._rolling: bool = strategy.get("type", "RollingUpdate") == "RollingUpdate"
        self._partition = int((strategy.get("rollingUpdate") or {}).get("partition", 0))

    def run(self) -> None:
        for ordinal, pod in sorted(self._members.wanted.items()):
            if self._has_to_wait_for(ordinal, pod):
                return
        for ordinal, pod in self._members.condemned:
            if self._has_to_wait_for_removal(ordinal, pod):
                return
        if self._rolling:
            self._update_next()

    def _add(self, action: Action) -> None:
        self._plan.actions.append(action)

    def _has_to_wait_for(self, ordinal: int, pod: Object | None) -> bool:
        if pod is None:
            self._add(Action("create", ordinal, revision=self._revision_for(ordinal)))
            return self._ordered
        if is_finished(pod):
            if not is_terminating(pod):
                self._add(Action("recreate", ordinal, pod))
            return self._ordered
        if is_terminating(pod):
            return self._ordered
        if needs_repair(self._set, pod, ordinal=ordinal):
            self._add(Action("repair", ordinal, pod))
        return self._ordered and not (_is_running_and_ready(pod) and self._is_available(pod))

    def _has_to_wait_for_removal(self, ordinal: int, pod: Object) -> bool:
        if is_terminating(pod):
            return self._ordered
        if self._ordered and not self._is_healthy(pod) and pod is not self._first_unhealthy():
            return True
        self._add(Action("delete", ordinal, pod))
        return self._ordered

    def _update_next(self) -> None:
        """The highest member of another revision goes, once all above it are well."""
        if self._plan.actions:
            return
        start = min(self._members.wanted, default=0)
        for ordinal, pod in sorted(self._members.wanted.items(), reverse=True):
            if ordinal < start + self._partition or pod is None:
                return
            if revision_of(pod) != self._update and not is_terminating(pod):
                self._add(Action("delete", ordinal, pod))
                self._plan.status["currentReplicas"] = max(0, self._plan.status["currentReplicas"] - 1)
                return
            if not self._is_healthy(pod):
                return

    def _revision_for(self, ordinal: int) -> str:
        """Members below the partition come back as they were."""
        start = min(self._members.wanted, default=0)
        return self._current if self._rolling and ordinal < start + self._partition else self._update

    def _first_unhealthy(self) -> Object | None:
        """The unhealthy member with the lowest ordinal: removing it cannot make things worse."""
        everyone = [(ordinal, pod) for ordinal, pod in self._members.wanted.items() if pod is not None]
        everyone += self._members.condemned
        return next((pod for _, pod in sorted(everyone, key=lambda item: item[0]) if not self._is_healthy(pod)), None)

    def _is_healthy(self, pod: Object) -> bool:
        return _is_running_and_ready(pod) and not is_terminating(pod)

    def _is_available(self, pod: Object) -> bool:
        waits = int(self._set["spec"].get("minReadySeconds", 0))
        return is_available(pod, min_ready_seconds=waits, now=self._now)


def _is_running_and_ready(pod: Object) -> bool:
    return phase_of(pod) == "Running" and is_ready(pod)


def _status(stateful_set: Object, pods: list[Object], *, current: str, update: str, now: datetime) -> dict[str, Any]:
    waits = int(stateful_set["spec"].get("minReadySeconds", 0))
    members = [pod for pod in pods if ordinal_of(pod, of=stateful_set) is not None]
    ready = [pod for pod in members if _is_running_and_ready(pod)]
    staying = [pod for pod in members if not is_terminating(pod)]
    status: dict[str, Any] = {
        "observedGeneration": stateful_set["metadata"].get("generation", 0),
        "replicas": len(members),
        "readyReplicas": len(ready),
        "availableReplicas": sum(is_available(pod, min_ready_seconds=waits, now=now) for pod in ready),
        "currentReplicas": sum(revision_of(pod) == current for pod in staying),
        "updatedReplicas": sum(revision_of(pod) == update for pod in staying),
        "currentRevision": current,
        "updateRevision": update,
        "collisionCount": int(status_of(stateful_set).get("collisionCount", 0)),
    }
    if status_of(stateful_set).get("conditions"):
        status["conditions"] = status_of(stateful_set)["conditions"]
    return status


def _complete_update(stateful_set: Object, status: dict[str, Any]) -> None:
    """Once every member is of the new revision and ready, it is the current one."""
    strategy = (stateful_set["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate")
    desired = replicas_of(stateful_set)
    counted = ("updatedReplicas", "readyReplicas", "replicas")
    if strategy == "RollingUpdate" and all(status[part] == desired for part in counted):
        status["currentReplicas"] = status["updatedReplicas"]
        status["currentRevision"] = status["updateRevision"]
