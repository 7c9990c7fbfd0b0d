"""The control document: what a swarm says of itself; pure. What is not known is null, never 0."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from swarm.conductor import Conductor
from swarm.crew import WorkerView


def control_document(conductor: Conductor, *, now: float) -> dict[str, Any]:
    """The state of the swarm at `now` (seconds since the epoch)."""
    figures = conductor.statistics.overall(now=now)
    workers = conductor.workers
    over = conductor.finished_at is not None
    worn, limited, ceiling = conductor.worn, conductor.limited, conductor.ceiling
    return {
        "state": conductor.state,
        "users": 0 if over else sum(worker.users for worker in workers),
        "target_users": conductor.target_users,
        "spawn_rate": conductor.spawn_rate,
        "rps": 0.0 if over else figures.rps,
        "failures_per_s": 0.0 if over else figures.failures_per_s,
        "p50_ms": figures.p50_ms,
        "p95_ms": figures.p95_ms,
        "p99_ms": figures.p99_ms,
        "requests": figures.requests,
        "failures": figures.failures,
        "failed_percent": figures.failed_percent,
        "workers": [_worker(one) for one in workers],
        "saturated": worn is not None,
        "saturated_why": worn,
        "limited": limited is not None,
        "limited_why": limited,
        "started_at": _iso(conductor.started_at),
        "ends_at": _iso(conductor.ends_at),
        "endpoints": conductor.statistics.endpoints(now=now),
        "failures_by": [
            {**one, "first_at": _iso(one["first_at"]), "last_at": _iso(one["last_at"])}
            for one in conductor.failures.grouped()
        ],
        "pods": conductor.shares.listed(now=now),
        "ceiling": None if ceiling is None else asdict(ceiling),
        "totals": {**conductor.statistics.whole(), **conductor.exactness},
        "reason": conductor.reason or None,
    }


def _worker(worker: WorkerView) -> dict[str, Any]:
    return {**asdict(worker), "lost_at": _iso(worker.lost_at)}


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
