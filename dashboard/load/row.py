"""What a browser sees of a swarm: the row `current` of the view `swarm`, from what was asked and what the master tells.

Pure. The master's document and the request share the names of their fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.load.request import SwarmRequest

FIGURES = ("users", "rps", "failures_per_s", "p50_ms", "p95_ms", "p99_ms", "failed_percent")
"""What is true of one moment only."""

FROM_MASTER = (
    *FIGURES, "target_users", "spawn_rate", "requests", "failures", "workers", "saturated", "saturated_why",
    "limited", "limited_why", "endpoints", "failures_by", "pods", "ceiling", "totals", "reason", "ends_at",
)  # fmt: skip

ASKED = (
    "target", "profile", "duration_s", "keep_alive", "scenario", "p95_limit_ms", "failed_limit_percent", "note",
)  # fmt: skip

NONE: Mapping[str, Any] = {
    **dict.fromkeys(FROM_MASTER), **dict.fromkeys(ASKED),
    "id": None, "state": "none", "users": 0, "rps": 0.0, "saturated": False, "limited": False,
    "workers": [], "endpoints": [], "failures_by": [], "pods": [],
    "users_asked": None, "workers_asked": None, "started_at": None, "started_by": None, "by": None, "error": None,
}  # fmt: skip


def asked(request: SwarmRequest) -> dict[str, Any]:
    """The part of the row that is known before the master says anything."""
    return {
        **{name: getattr(request, name) for name in ASKED},
        "users_asked": request.users, "workers_asked": request.workers,
        "target_users": request.users, "spawn_rate": request.spawn_rate,
    }  # fmt: skip


def told(document: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the row that the master's document gives."""
    return {name: document.get(name) for name in FROM_MASTER}


def unknown() -> dict[str, Any]:
    """The figures of a master that does not answer."""
    return dict.fromkeys(FIGURES)


def over(state: str, error: str | None, *, at: str) -> dict[str, Any]:
    """What changes at the end: no moment's figures are left, the totals stay."""
    return {**unknown(), "users": 0, "rps": 0.0, "state": state, "error": error, "ends_at": at}
