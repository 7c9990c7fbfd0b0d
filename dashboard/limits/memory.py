"""Memory against limit, a row a pod. Pure. What is not known is unknown, never a bar of nothing.

A row changes only with what it says: when a figure was measured stands in the pod's own row of the view `pods`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.limits.amounts import UNKNOWN, mebibytes

Row = dict[str, Any]
NEAR = 80.0
MEBIBYTE = 1024 * 1024


def rows(
    pods: Iterable[Mapping[str, Any]], *, specs: Mapping[str, Any], allocatable: Mapping[str, int]
) -> dict[str, Row]:
    """By uid. `pods`: rows of the view; `specs`: the pods themselves by uid; `allocatable`: bytes by node."""
    return {
        str(row["uid"]): _row(row, specs.get(str(row["uid"])), allocatable)
        for row in pods
        if not row.get("deleted_at") and row.get("phase") == "Running"
    }


def _row(pod: Mapping[str, Any], spec: Any | None, allocatable: Mapping[str, int]) -> Row:
    used, limit = pod.get("memory_bytes"), pod.get("memory_limit_bytes")
    share = 100 * used / limit if used is not None and limit else None
    word, tone = _judged(used, limit, share)
    return {
        "uid": pod["uid"],
        "namespace": pod.get("namespace") or "",
        "pod": pod.get("name") or "",
        "used": UNKNOWN if used is None else mebibytes(used),
        "limit": f"of {mebibytes(limit)}" if limit else "and no limit",
        "percent": "" if share is None else f"{share:.0f} %",
        "fill": 0 if share is None else max(0, min(100, round(share))),
        "has_bar": share is not None,
        "word": word,
        "tone": tone,
        "note": "" if limit else _unbounded(pod, spec, allocatable),
        "bytes": None if used is None else round(used / MEBIBYTE) * MEBIBYTE,
    }


def _judged(used: float | None, limit: float | None, share: float | None) -> tuple[str, str]:
    if used is None:
        return "no figure", "unknown"
    if not limit:
        return "no limit", "absent"
    if share is None or share < NEAR:
        return "room", "good"
    return ("near its limit", "near") if share < 100 else ("at its limit", "full")


def _unbounded(pod: Mapping[str, Any], spec: Any | None, allocatable: Mapping[str, int]) -> str:
    """Which containers have no limit, and what they may take instead."""
    names = [
        each.name
        for each in (spec.spec.containers or () if spec is not None else ())
        if "memory" not in (getattr(each.resources, "limits", None) or {})
    ]
    who = (
        f"Container {names[0]} has"
        if len(names) == 1
        else f"{len(names)} of its containers have"
        if names
        else "It has"
    )
    node = str(pod.get("node") or "")
    room = allocatable.get(node)
    most = f" all that node {node} can give, {mebibytes(room)}" if room else " all that its node has"
    return f"{who} no memory limit and may take{most}."
