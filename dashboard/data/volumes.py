"""Which PersistentVolumeClaim belongs to which member, and what it got. Pure.

A claim belongs to the ordinal, not to the pod: it was there before the pod that uses it now, and stays when that goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.data import words
from dashboard.data.asking import WORKLOAD, ordinal
from dashboard.data.words import UNKNOWN

Row = Mapping[str, Any]
PHASES = {"Bound": "ok", "Pending": "progressing", "Lost": "failed"}


def rows(claims: Sequence[Row], volumes: Mapping[str, Row] | None, pods: Mapping[str, Row]) -> list[dict[str, Any]]:
    """The claims of the StatefulSet by ordinal. `volumes`: by name, None when they may not be read; `pods`: by name."""
    own = [claim for claim in claims if _member(claim) is not None]
    ordered = sorted(own, key=lambda claim: (ordinal(_name(claim)), _name(claim)))
    return [_row(claim, volumes, pods.get(_member(claim) or "")) for claim in ordered]


def _row(claim: Row, volumes: Mapping[str, Row] | None, pod: Row | None) -> dict[str, Any]:
    spec, status = claim.get("spec") or {}, claim.get("status") or {}
    name = str(spec.get("volumeName") or "")
    phase = str(status.get("phase") or "Unknown")
    return {
        "name": _name(claim),
        "member": _member(claim),
        "asked": (_requests(spec).get("storage")) or UNKNOWN,
        "got": (status.get("capacity") or {}).get("storage") or UNKNOWN,
        "volume": name or UNKNOWN,
        "reclaim": _reclaim(name, volumes),
        "class": spec.get("storageClassName") or UNKNOWN,
        "modes": ", ".join(spec.get("accessModes") or ()) or UNKNOWN,
        "phase": phase,
        "tone": PHASES.get(phase, "unknown"),
        "made_at": claim["metadata"].get("creationTimestamp"),
        "pod_made_at": pod.get("created_at") if pod else None,
        "lesson": _lesson(claim, pod),
    }


def _lesson(claim: Row, pod: Row | None) -> str:
    """What the ages of claim and pod show."""
    member = _member(claim)
    if pod is None:
        return f"No pod uses it now. It waits for {member} to come back."
    made, came = words.parsed(claim["metadata"].get("creationTimestamp")), words.parsed(pod.get("created_at"))
    if made is None or came is None:
        return ""
    older = (came - made).total_seconds()
    if older < 5:
        return f"As old as its pod: {member} has not been replaced yet."
    return f"{words.lasting(older)} older than its pod: {member} was replaced, the data stayed."


def _reclaim(name: str, volumes: Mapping[str, Row] | None) -> str:
    """What becomes of the volume when its claim is deleted."""
    if not name or volumes is None or name not in volumes:
        return UNKNOWN
    return str((volumes[name].get("spec") or {}).get("persistentVolumeReclaimPolicy") or UNKNOWN)


def _requests(spec: Row) -> Row:
    return (spec.get("resources") or {}).get("requests") or {}


def _name(claim: Row) -> str:
    return str(claim["metadata"]["name"])


def _member(claim: Row) -> str | None:
    """`data-mongo-1` → `mongo-1`; None for a claim that is not the StatefulSet's."""
    template, found, number = _name(claim).rpartition(f"-{WORKLOAD}-")
    return f"{WORKLOAD}-{number}" if template and found and number.isdecimal() else None
