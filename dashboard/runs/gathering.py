"""Rows of the views as rows of a run. Pure: it is given rows and makes rows, and must not decide when a run is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from dashboard.store.times import iso, seconds

Row = Mapping[str, Any]

LONGEST = 500
"""Characters kept of a text that comes from the app under load, such as an error's."""
MOST = 200
"""Kinds of failures, and workers, that are kept."""
REQUEST = ("target", "profile", "spawn_rate", "duration_s", "keep_alive", "scenario", "p95_limit_ms",
           "failed_limit_percent", "note")  # fmt: skip
OUTCOME = ("totals", "ceiling", "saturated", "saturated_why", "limited", "limited_why", "reason")
"""What the master says of the swarm as a whole, beside its failures and workers."""
_FIGURES = ("cpu_percent", "cpu_target", "replicas", "ready")


class Scaled(Protocol):
    """What is under load: `dashboard.scaling.sampler.Sampler` tells it."""

    def workload(self) -> Row | None: ...

    def hpa(self) -> Row | None: ...

    def pods(self) -> list[Row]: ...


def since(rows: Iterable[Row], start: float) -> list[Row]:
    """Rows whose `t` is not before `start`; of unknown time none."""
    return [row for row in rows if (at := seconds(row["t"])) is not None and at >= start]


def request(swarm: Row) -> dict[str, Any]:
    """What was asked of the swarm, as far as its row tells."""
    told = {name: swarm[name] for name in REQUEST if swarm.get(name) is not None}
    users = swarm.get("users_asked")
    return {
        **told,
        "users": users if users is not None else swarm.get("target_users"),
        "workers": swarm.get("workers_asked"),
    }


def revisions(bundles: Mapping[str, Row]) -> dict[str, Any]:
    """The newest revision of each bundle that was deployed."""
    return {name: dict(row["revision"]) for name, row in bundles.items() if row.get("revision")}


def scaled(workload: Row | None, hpa: Row | None) -> dict[str, Any]:
    """What was under load, and what scales it."""
    return {
        "workload": {name: workload[name] for name in ("kind", "namespace", "name", "uid")} if workload else None,
        "hpa": {name: hpa[name] for name in ("namespace", "name", "min", "max", "cpu_target")} if hpa else None,
    }


def spans(rows: Iterable[Row], workload: Row | None, start: float) -> list[Row]:
    """Of the pods of the workload that were there at `start` or came later."""
    uid = workload["uid"] if workload else None
    return [
        row for row in rows
        if uid is not None and row["workload"] == uid and (seconds(row["ended_at"]) or float("inf")) >= start
    ]  # fmt: skip


def metrics(pods: Sequence[Row], sample: Row | None) -> Row | None:
    """The figures of metrics.k8s.io at their own time; None while there are none."""
    times = {pod["uid"]: at for pod in pods if (at := seconds(pod["metrics_at"])) is not None}
    if not times or sample is None:
        return None
    each = [
        {
            "pod": pod["name"], "t": round(times[pod["uid"]] * 1000), "ready": pod["ready"],
            "cpu_millicores": pod["cpu_millicores"], "memory_bytes": pod["memory_bytes"],
        }
        for pod in pods if pod["uid"] in times
    ]  # fmt: skip
    return {"t": round(max(times.values()) * 1000), **{name: sample[name] for name in _FIGURES}, "pods": each}


def explanation(why: Row, *, at: float) -> Row:
    """An explanation with its sum, from `at` on."""
    told = {name: why.get(name) for name in ("state", "sentence", "sum", "confidence", "advice")}
    return {"t": iso(at), **told}


def figures(swarm: Row, *, t: int) -> dict[str, list[Row]]:
    """What each endpoint was asked and each pod answered until now, by table."""
    endpoints: list[Row] = [
        {**row, "t": t, "method": str(row.get("method") or ""), "name": _short(row["name"])}
        for row in swarm.get("endpoints") or [] if row.get("name")
    ]  # fmt: skip
    # Answers that no pod has signed are kept under an empty name.
    pods: list[Row] = [{**row, "t": t, "pod": _short(row.get("pod") or "")} for row in swarm.get("pods") or []]
    return {"endpoints": endpoints[:MOST], "pods": pods[:MOST]}


def outcome(swarm: Row) -> dict[str, Any]:
    """What is told of the swarm as a whole, beside its totals."""
    return {
        **{name: swarm.get(name) for name in OUTCOME},
        "failures_by": [_shortened(row) for row in (swarm.get("failures_by") or [])[:MOST]],
        "workers": [_shortened(row) for row in (swarm.get("workers") or [])[:MOST]],
        "swarm_state": swarm.get("state"),
        "swarm_error": swarm.get("error"),
    }


def workers(before: Row, after: Row) -> list[Row]:
    """Every worker there was, as it was when it was seen last."""
    seen = {each.get("id"): each for row in (before, after) for each in row.get("workers") or ()}
    return list(seen.values())[:MOST]


def _shortened(row: Row) -> dict[str, Any]:
    return {name: _short(value) if isinstance(value, str) else value for name, value in row.items()}


def _short(text: object) -> str:
    return str(text)[:LONGEST]
