"""Numbers, times and states of swarms as the Load page words them. Pure; static/js/load_words.js says the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dashboard.runs.wording import number
from dashboard.web.presenting import UNKNOWN, clock

Row = Mapping[str, Any]

ACTIVE = ("starting", "running", "stopping")
OVER = ("stopped", "failed")
STATES = {
    "none": "no swarm", "starting": "starting", "running": "running", "stopping": "stopping", "stopped": "ended",
    "failed": "failed",
}  # fmt: skip
TONES = {"starting": "starting", "running": "good", "stopping": "starting", "stopped": "waiting", "failed": "failed"}
WORKER_STATES = {"missing": "lost", "ready": "waiting", "spawning": "climbing", "cleanup": "ending"}


def lasting(seconds: float) -> str:
    """`0`, `45 s`, `3 min`, `2 min 15 s`."""
    whole = max(0, round(seconds))
    if whole == 0:
        return "0"
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def counted(count: int, one: str) -> str:
    """`1 load user`, `3 load users`."""
    return f"{count:,} {one if count == 1 else one + 's'}"


def seconds(iso: Any) -> float | None:
    """Seconds since the epoch of an ISO time."""
    try:
        found = datetime.fromisoformat(str(iso))
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).timestamp()


def percent(value: Any, *, digits: int = 0) -> str:
    """`61 %`, or a dash."""
    text = number(value, digits=digits)
    return text if text == UNKNOWN else f"{text} %"


def of_requests(failures: Any, requests: Any) -> str:
    """The share of failed requests; a dash before the first request."""
    return percent(100 * failures / requests, digits=1) if failures is not None and requests else UNKNOWN


def ends(row: Row) -> str:
    """When the swarm ends by itself, or ended."""
    return clock(row.get("ends_at")) if row.get("ends_at") else UNKNOWN


def left(row: Row, *, now: float) -> float | None:
    """Seconds until the swarm ends by itself; None while that is not known."""
    end = seconds(row.get("ends_at"))
    return max(0.0, end - now) if end is not None and row.get("state") == "running" else None


def length(row: Row) -> float | None:
    """Seconds that the swarm was to last."""
    asked = row.get("duration_s")
    if isinstance(asked, int | float):
        return float(asked)
    start, end = seconds(row.get("started_at")), seconds(row.get("ends_at"))
    return end - start if start is not None and end is not None and end > start else None
