"""Whether the played cluster stands where the recorded one stood: the milestones that replace wall time."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.contract.conformance.masks import is_vendors_object
from tests.contract.conformance.names import Names

Standing = Counter[tuple[str, str, str]]
_COUNTS = ("replicas", "readyReplicas", "updatedReplicas", "availableReplicas", "active", "succeeded", "failed",
           "observedGeneration", "phase", "currentReplicas", "desiredReplicas")  # fmt: skip


class Follower:
    """Takes one side's watch events and tells where every object stands, roughly."""

    def __init__(self) -> None:
        self._names = Names()
        self._last: dict[tuple[str, str], str] = {}
        self._group: dict[tuple[str, str], str] = {}
        self._lives: dict[tuple[str, str], set[str]] = {}
        self._told: dict[str, set[str]] = {}

    def take(self, label: str, event: dict[str, Any]) -> None:
        obj = event.get("object") or {}
        name = str((obj.get("metadata") or {}).get("name", ""))
        if event.get("type") not in ("ADDED", "MODIFIED", "DELETED") or is_vendors_object(obj):
            return
        if obj.get("kind") == "Event":
            about = obj["involvedObject"]
            self._told.setdefault(f"{about['kind']} {about['name']}", set()).add(f"{about.get('uid')} {obj['reason']}")
            return
        self._names.observe(obj)
        namespace = str(obj["metadata"].get("namespace", ""))
        self._group[label, f"{namespace}/{name}"] = self._names.masked(name)
        self._last[label, f"{namespace}/{name}"] = _rough(event["type"], obj)
        self._lives.setdefault((label, self._names.masked(name)), set()).add(str(obj["metadata"].get("uid")))

    def standing(self) -> Standing:
        """How many objects of each made-up name stand where; deleted ones do not stand, but they have lived.

        What Events told of each object counts too: it may be told a moment after the object changed.
        """
        standing = Counter(
            (label, self._group[label, name], state) for (label, name), state in self._last.items() if state != "gone"
        )
        standing.update((label, name, f"lives {len(uids)}") for (label, name), uids in self._lives.items())
        standing.update(("Events", self._names.masked(name), f"told {len(told)}") for name, told in self._told.items())
        return standing


def _rough(kind: str, obj: dict[str, Any]) -> str:
    if kind == "DELETED":
        return "gone"
    status = obj.get("status") or {}
    parts = [f"{key}={status[key]}" for key in _COUNTS if status.get(key)]
    parts += sorted(f"{each['type']}={each['status']}" for each in status.get("conditions") or [])
    for container in status.get("containerStatuses") or []:
        for state, about in (container.get("state") or {}).items():
            parts.append(f"{container['name']} {state} {about.get('reason', '')} {container.get('restartCount')}")
    endpoints = obj.get("endpoints") or []
    if "endpoints" in obj:
        ready = sum(1 for each in endpoints if (each.get("conditions") or {}).get("ready"))
        parts.append(f"endpoints={len(endpoints)} ready={ready}")
    parts.append("deleting" if "deletionTimestamp" in obj["metadata"] else "")
    return " ".join(parts)
