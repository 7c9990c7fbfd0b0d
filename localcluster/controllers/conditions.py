"""Lists of conditions in a status, changed the way Kubernetes changes them. Pure: every function builds a new list."""

from __future__ import annotations

from typing import Any

Condition = dict[str, Any]


def find(status: dict[str, Any], kind: str) -> Condition | None:
    """The condition of type `kind`, if the status has it."""
    return next((condition for condition in status.get("conditions") or [] if condition["type"] == kind), None)


def without(conditions: list[Condition], kind: str) -> list[Condition]:
    return [condition for condition in conditions if condition["type"] != kind]


def put_last(conditions: list[Condition], condition: Condition) -> list[Condition]:
    """Deployments' and ReplicaSets' way: nothing changes when status and reason are the same; else the new one goes to
    the end, and keeps its transition time when only the reason changed."""
    current = next((old for old in conditions if old["type"] == condition["type"]), None)
    if current is not None and (current["status"], current.get("reason")) == (
        condition["status"],
        condition.get("reason"),
    ):
        return conditions
    if current is not None and current["status"] == condition["status"]:
        condition = {**condition, "lastTransitionTime": current["lastTransitionTime"]}
    return [*without(conditions, condition["type"]), condition]


def put_in_place(conditions: list[Condition], condition: Condition) -> list[Condition]:
    """`meta.SetStatusCondition`: replaces where it stands; the transition time moves only with the status."""
    for index, current in enumerate(conditions):
        if current["type"] == condition["type"]:
            kept = current.get("lastTransitionTime") if current["status"] == condition["status"] else None
            merged = {**condition, "lastTransitionTime": kept or condition["lastTransitionTime"]}
            return [*conditions[:index], merged, *conditions[index + 1 :]]
    return [*conditions, condition]
