"""Rows of pods and workloads → the tiles of the first paint. Pure; static/js/pods.js says the same from then on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]
Views = Mapping[str, Mapping[str, Row]]
NO_ROW: Row = {}


def groups(views: Views) -> list[dict[str, Any]]:
    """Pods by workload, what scales first."""
    pods: dict[str, list[Row]] = {}
    for pod in views.get("pods", {}).values():
        pods.setdefault(str((pod.get("workload") or NO_ROW).get("uid", "")), []).append(pod)
    hpas = {(row.get("namespace"), row.get("name")): row for row in views.get("hpas", {}).values()}
    workloads = sorted(views.get("workloads", {}).values(), key=_rank)
    shown = [
        {
            "uid": row["uid"],
            "title": f"{row['namespace']} / {row['name']}",
            "note": _note(row, hpas.get((row["namespace"], row.get("hpa")), NO_ROW)),
            "state": row.get("state", "ok"),
            "scales": bool(row.get("hpa")),
            "reason": row.get("reason") or "",
            "tiles": [tile(pod) for pod in in_order(pods.get(str(row["uid"]), []))],
        }
        for row in workloads
    ]
    return [group for group in shown if group["tiles"] or group["state"] != "ok"]


def _rank(row: Row) -> tuple[bool, bool, str, str]:
    return (not row.get("hpa"), row.get("kind") != "StatefulSet", str(row.get("namespace")), str(row.get("name")))


def _note(row: Row, hpa: Row) -> str:
    count = row.get("replicas")
    parts = [str(row.get("kind", ""))]
    if count is not None:
        parts.append("1 pod" if count == 1 else f"{count} pods")
    if row.get("kind") == "StatefulSet":
        parts.append("in order")
    if hpa:
        parts.append(f"HPA {hpa['min']}–{hpa['max']}")
    return " · ".join(parts)


def in_order(pods: Iterable[Row]) -> list[Row]:
    """Oldest first, so that a tile keeps its place."""
    return sorted(pods, key=lambda pod: (str(pod.get("created_at") or ""), str(pod.get("name"))))


def tile(pod: Row) -> dict[str, Any]:
    """One pod as a tile: state as word, shape and colour; CPU as a bar."""
    tone, word = pod_state(pod)
    cpu = pod.get("cpu_percent")
    role = pod.get("role")
    return {
        "uid": pod["uid"],
        "short": pod.get("short") or pod.get("name"),
        "name": pod.get("name"),
        "tone": tone,
        "word": str(role) if role and tone == "ready" else word,
        "star": role == "primary",
        "cpu": "" if cpu is None else f"{cpu:.0f} %",
        "fill": 0 if cpu is None else max(0, min(100, round(cpu))),
        "over": cpu is not None and cpu > 100,
        "details": pod_details(pod),
    }


def pod_state(pod: Row) -> tuple[str, str]:
    """(tone, word). Tones: ready, starting, ending, trouble."""
    state = str(pod.get("state") or pod.get("phase") or "Unknown")
    if state == "Terminating" or pod.get("deleted_at"):
        return "ending", "ending"
    if state in ("Completed", "Succeeded"):
        return "ending", "completed"
    if state == "Running":
        if pod.get("ready"):
            return "ready", "ready"
        return ("trouble", "not ready") if pod.get("ready_at") else ("starting", "starting")
    if state in ("Pending", "ContainerCreating", "PodInitializing") or state.startswith("Init:"):
        return "starting", "starting" if state != "Pending" else "pending"
    return "trouble", state


def pod_details(pod: Row) -> str:
    """What the tile has no room for."""
    parts = [str(pod.get("name"))]
    if pod.get("ip"):
        parts.append(str(pod["ip"]))
    memory, limit = pod.get("memory_bytes"), pod.get("memory_limit_bytes")
    if memory is not None:
        parts.append(f"{mebibytes(memory)}{f' of {mebibytes(limit)}' if limit else ''} memory")
    restarts = pod.get("restarts") or 0
    if restarts:
        parts.append("1 restart" if restarts == 1 else f"{restarts} restarts")
    return " · ".join(parts)


def mebibytes(value: float) -> str:
    return f"{value / 1048576:.0f} Mi"
