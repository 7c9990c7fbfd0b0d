"""Which runs are too many or too old. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any


def too_many(runs: Iterable[Mapping[str, Any]], *, count: int, days: int, now: datetime) -> list[str]:
    """Ids of the runs to forget: all but the newest `count`, and all that began more than `days` days ago.

    One that is being recorded is never among them, though it counts.
    """
    newest_first = sorted(runs, key=lambda run: str(run["run_id"]), reverse=True)
    eldest = now - timedelta(days=days)
    return [
        run["run_id"]
        for place, run in enumerate(newest_first)
        if run["state"] != "recording" and (place >= count or datetime.fromisoformat(run["started_at"]) < eldest)
    ]
