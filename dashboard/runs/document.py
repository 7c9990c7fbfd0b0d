"""A run as the one document that scripts, pages and reports read (DESIGN §5), from its row and its tables. Pure.

Unknown is null. Names are only ever added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.runs.reaction import NAMES, P95_LIMIT_MS, load_start, reaction
from dashboard.store.times import iso, seconds

Row = Mapping[str, Any]
Series = Mapping[str, Sequence[Row]]

FROM_OUTCOME = (
    "failures_by", "workers", "totals", "ceiling", "saturated", "saturated_why", "limited", "limited_why", "reason",
    "swarm_state", "swarm_error", "events_left_out",
)  # fmt: skip


def summary(run: Row, tags: Sequence[str], *, state: str) -> dict[str, Any]:
    """What a list of runs shows: everything but the series."""
    return {
        "run_id": run["run_id"],
        "name": run["name"],
        "note": run["note"],
        "tags": list(tags),
        "state": state,
        "error": run["error"],
        "started_at": run["started_at"],
        "load_at": run["load_at"],
        "stopped_at": run["stopped_at"],
        "finished_at": run["finished_at"],
        "by": run["by"],
        "why": run["why"],
        "target": run["target"],
        "profile": run["profile"],
        "request": run["request"] or {},
        "revisions": run["revisions"] or {},
        "scaled": run["scaled"],
        "swarm_id": run["swarm_id"],
        "peak_users": run["peak_users"],
        "peak_replicas": run["peak_replicas"],
        "requests": run["requests"],
        "failures": run["failures"],
        "reaction": run["reaction"] or dict.fromkeys(NAMES),
        "ceiling": run["ceiling"],
        "swarm_state": run["swarm_state"],
    }


def whole(head: Row, outcome: Row, series: Series) -> dict[str, Any]:
    """The whole run: `head` is its summary, `series` the rows of each of its tables."""
    samples = series["samples"]
    endpoints = series["endpoints"]
    pods = [{**row, "pod": row["pod"] or None} for row in series["pods"]]
    return {
        **head,
        "load_at": head["load_at"] or load_at(head, samples),
        "reaction": reaction_of(head, series),
        "samples": [dict(row) for row in samples],
        "metrics": list(series["metrics"]),
        "flags": list(series["flags"]),
        "explanations": list(series["explanations"]),
        "events": list(series["events"]),
        "spans": list(series["spans"]),
        "endpoints": _last(endpoints),
        "endpoints_over_time": list(endpoints),
        "pods": _last(pods),
        "pods_over_time": pods,
        **{name: outcome.get(name) for name in FROM_OUTCOME},
    }


def load_at(head: Row, samples: Sequence[Row]) -> str | None:
    """When the load began, as text."""
    found = load_start(samples, asked=seconds(head["started_at"]) or 0.0)
    return None if found is None else iso(found)


def reaction_of(head: Row, series: Series) -> dict[str, float | None]:
    """The reaction times of a run, over or not."""
    hpa = (head["scaled"] or {}).get("hpa")
    limit = (head["request"] or {}).get("p95_limit_ms")
    return reaction(
        samples=series["samples"],
        spans=[{"created": seconds(row["created_at"]), "ready": seconds(row["ready_at"])} for row in series["spans"]],
        decisions=[at for flag in series["flags"] if _is_decision(flag, hpa) and (at := seconds(flag["t"]))],
        started=seconds(head["load_at"] or load_at(head, series["samples"])),
        stopped=seconds(head["stopped_at"]),
        p95_limit_ms=limit if limit is not None else P95_LIMIT_MS,
    )


def _is_decision(flag: Row, hpa: Row | None) -> bool:
    """Whether it is the HPA under load that was rescaled; where that is not known, any."""
    about = flag["object"]
    if flag["kind"] != "scaled" or hpa is None or about is None:
        return bool(flag["kind"] == "scaled")
    return (about.get("namespace"), about.get("name")) == (hpa["namespace"], hpa["name"])


def _last(rows: Sequence[Row]) -> list[Row]:
    """The rows of the newest time."""
    return [row for row in rows if row["t"] == rows[-1]["t"]] if rows else []
