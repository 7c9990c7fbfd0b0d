"""Rows of a snapshot → what the Limits page says on its first paint. Pure; static/js/limits_*.js orders them alike.

The words are in the rows already (dashboard/limits); here they are only put in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.limits.blast import variants
from dashboard.store.denied import is_denied
from dashboard.web.presenting import BLAST_ACTIVE, clock, one
from dashboard.web.story.telling import moment

Row = Mapping[str, Any]
Views = Mapping[str, Mapping[str, Row]]
TONES = ("over", "full", "near", "unknown")
BLAST_WORDS = {
    "none": ("unknown", "nothing runs"), "starting": ("starting", "starting"), "running": ("near", "running"),
    "cleaning": ("starting", "being removed"), "done": ("good", "over"), "stopped": ("unknown", "stopped"),
    "failed": ("failed", "failed"),
}  # fmt: skip


def page(views: Views) -> dict[str, Any]:
    """Everything the template needs."""
    return {
        "namespaces": namespaces(views),
        "blocked": blocked(views),
        "containers": containers(views),
        "memory": memory(views),
        "oom": oom(views),
        "blast": blast(views),
        "known": {each: known(views, *reads) for each, reads in READS.items()},
    }


READS = {"blocked": ("replicasets", "events"), "containers": ("pods",), "memory": ("pods", "metrics"), "oom": ("pods",)}


def known(views: Views, *reads: str) -> str:
    """`denied`, `reading` or `yes`: whether an empty list means that there is nothing."""
    connection = views.get("connection", {})
    if any(is_denied(connection, each) for each in reads):
        return "denied"
    states = [str((connection.get(each) or {}).get("state", "syncing")) for each in reads if each != "metrics"]
    return "reading" if "syncing" in states else "yes"


def namespaces(views: Views) -> list[Row]:
    """Those that are bounded before those that are not, by name."""
    rows = [{**row, "clock": moment(row["since"])} for row in views.get("limits", {}).values()]
    return sorted(rows, key=lambda row: (not row["quotas"] and row["known"], row["namespace"]))


def blocked(views: Views) -> list[dict[str, Any]]:
    """What is refused now before what was."""
    rows = sorted(views.get("blocked", {}).values(), key=lambda row: str(row["at"] or ""), reverse=True)
    ordered = sorted(rows, key=lambda row: row["state"] != "now")
    return [{**row, "clock": moment(row["at"]), "times": _times(row["count"])} for row in ordered]


def containers(views: Views) -> list[Row]:
    """What was changed first."""
    rows = views.get("containers", {}).values()
    return sorted(rows, key=lambda row: (not row["changed"], row["namespace"], row["owner"], row["container"]))


def memory(views: Views) -> list[dict[str, Any]]:
    """The nearest to its limit first, then those without one, then the unknown."""
    rows = sorted(measured(views).values(), key=_memory_rank)
    return [{**row, "clock": clock(row["at"]) if row["at"] else ""} for row in rows]


def measured(views: Views) -> dict[str, Row]:
    """The rows with the moment `at` which their figures are of."""
    pods = views.get("pods", {})
    return {uid: {**row, "at": pods.get(uid, {}).get("metrics_at")} for uid, row in views.get("memory", {}).items()}


def oom(views: Views) -> list[dict[str, Any]]:
    """The newest first."""
    rows = sorted(views.get("oom", {}).values(), key=lambda row: (row["at"], row["id"]), reverse=True)
    return [{**row, **_killed(row), "clock": moment(row["at"])} for row in rows]


def blast(views: Views) -> dict[str, Any]:
    """The experiment that runs or ran last, and the last result of each variant."""
    current = one(views, "blast", "current")
    state = str(current.get("state") or "none")
    results = [one(views, "blast", each) for each in variants.VARIANTS]
    return {
        "current": current,
        "state": state,
        "tone": BLAST_WORDS[state][0],
        "word": BLAST_WORDS[state][1],
        "active": state in BLAST_ACTIVE,
        "says": _says(current, state),
        "shown": _dated(current) if state in (*BLAST_ACTIVE, "failed", "stopped") else {},
        "results": [_dated(row) for row in results if row],
    }


def _says(current: Row, state: str) -> str:
    """How far it is, or why it ended otherwise than it should; `phaseOf` in static/js/limits_blast.js says the same."""
    if state in ("failed", "stopped"):
        return str(current.get("reason") or "")
    if state not in BLAST_ACTIVE:
        return ""
    if current.get("late"):
        return "Its pods are still there after a minute; the cluster ends them by their deadline."
    text = str(current.get("phase") or "")
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _dated(row: Row) -> dict[str, Any]:
    """With the day of each moment, for it may be an old one."""
    deaths = [{**each, "clock": moment(each["at"])} for each in row["deaths"]]
    return {**row, "started": moment(row["started_at"]), "deaths": deaths}


def _killed(row: Row) -> dict[str, str]:
    code = row.get("exit_code")
    times, restarts = row["times"], row.get("restarts")
    often = "once" if times == 1 else f"{times} times seen"
    counted = "" if restarts is None else f", {restarts} {'restart' if restarts == 1 else 'restarts'} in all"
    return {
        "exit": "–" if code is None else str(code),
        "limit": row.get("limit") or ("no limit" if row["told_by"] == "container" else "–"),
        "often": often + counted,
        "where": ("gone" if row["gone"] else "there") + (", as the story tells" if row["told_by"] == "story" else ""),
    }


def _times(count: Any) -> str:
    return f"× {count}" if isinstance(count, int) and count > 1 else ""


def _memory_rank(row: Row) -> tuple[int, float, str]:
    group = 0 if row["has_bar"] else 1 if row["tone"] == "absent" else 2
    return (group, -row["fill"] if row["has_bar"] else -(row["bytes"] or 0), str(row["pod"]))
