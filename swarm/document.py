"""The control document: what a swarm says of itself; pure. What is not known is null, never 0."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from swarm.conductor import Conductor


def control_document(conductor: Conductor, *, now: float) -> dict[str, Any]:
    """The state of the swarm at `now` (seconds since the epoch)."""
    figures = conductor.statistics.overall(now=now)
    workers = [worker for worker in conductor.workers if worker.state != "missing" or worker.users]
    over = conductor.finished_at is not None
    return {
        "state": conductor.state,
        "users": 0 if over else sum(worker.users for worker in workers if worker.state != "missing"),
        "target_users": conductor.target_users,
        "rps": 0.0 if over else figures.rps,
        "failures_per_s": 0.0 if over else figures.failures_per_s,
        "p50_ms": figures.p50_ms,
        "p95_ms": figures.p95_ms,
        "p99_ms": figures.p99_ms,
        "requests": figures.requests,
        "failures": figures.failures,
        "failed_percent": figures.failed_percent,
        "workers": [
            {"id": one.id, "state": one.state, "users": one.users, "cpu_percent": one.cpu_percent} for one in workers
        ],
        "started_at": _iso(conductor.started_at),
        "ends_at": _iso(conductor.ends_at),
        "endpoints": conductor.statistics.endpoints(now=now),
        "reason": conductor.reason or None,
    }


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
