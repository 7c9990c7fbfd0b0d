"""How a run's values are worded, wherever they are told. Pure.

Unknown is a dash, never a zero. Times are told as seconds since the load began, which is the same in every time zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dashboard.store.times import seconds

Row = Mapping[str, Any]

UNKNOWN = "–"

EXACT = 1e15
"""Beyond it a float has no decimal digits to round; nor has what is no number."""
STATES = {
    "recording": ("progressing", "being recorded", "It is being recorded; what is not there yet comes."),
    "complete": ("ok", "complete", "Recorded from before the load to after the scale-down."),
    "interrupted": ("failed", "interrupted",
                    "The dashboard was ended while it recorded; all that was written until then is here."),
    "truncated": ("failed", "truncated", "The disk was full; the record ends there."),
}  # fmt: skip
"""State → tone, word, sentence."""
PROFILES = {"ceiling": "find the ceiling"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def title(run: Row) -> str:
    """Its name, or what it was."""
    if run.get("name"):
        return str(run["name"])
    peak = run.get("peak_users")
    return f"{profile(run)}, {UNKNOWN if peak is None else peak} load users on {run.get('target') or UNKNOWN}"


def profile(run: Row) -> str:
    """The load profile as a word."""
    return PROFILES.get(str(run.get("profile")), str(run.get("profile") or UNKNOWN))


def state(run: Row) -> dict[str, str]:
    """How the record is, as tone, word and sentence; a document that does not tell is a whole one."""
    tone, word, sentence = STATES.get(str(run.get("state") or "complete"), ("unknown", str(run.get("state")), ""))
    error = str(run.get("error") or "")
    return {"tone": tone, "word": word, "sentence": f"{sentence} {error}".strip()}


def failed(run: Row) -> str:
    """Failed requests in percent of all."""
    requests, failures = run.get("requests"), run.get("failures")
    if not requests or failures is None:
        return UNKNOWN
    percent = 100 * failures / requests
    return "< 0.1" if 0 < percent < 0.05 else number(percent, digits=1)


def since_load(run: Row, at: float | None) -> str:
    """`+1:05` after the first load users, `−0:12` before."""
    started = began(run)
    if at is None or started is None:
        return UNKNOWN
    distance = round(at - started)
    return f"{'−' if distance < 0 else '+'}{abs(distance) // 60}:{abs(distance) % 60:02}"


def began(run: Row) -> float | None:
    """When the load began, in seconds since the epoch; where that was not seen, when the run did."""
    return seconds(run.get("load_at")) or seconds(run.get("started_at"))


def ended(run: Row) -> float | None:
    """When the record ends."""
    samples = run.get("samples") or []
    return seconds(run.get("finished_at")) or (samples[-1]["t"] / 1000 if samples else None)


def length(run: Row) -> str:
    """How long it took."""
    start, end = seconds(run.get("started_at")), seconds(run.get("finished_at"))
    return UNKNOWN if start is None or end is None else span(end - start)


def moment(text: Any) -> str:
    """`23 Nov 2026 14:03 UTC`; the browser puts its own time zone in."""
    kept = str(text or "")
    if seconds(kept) is None or len(kept) < 16:
        return UNKNOWN
    return f"{int(kept[8:10])} {MONTHS[int(kept[5:7]) - 1]} {kept[:4]} {kept[11:16]} UTC"


def span(value: float | None) -> str:
    """`4.2 s`, `45 s`, `3 min 05 s`, `2 h 10 min`."""
    if value is None:
        return UNKNOWN
    if value < 10:
        return f"{value:.1f} s" if value % 1 else f"{value:.0f} s"
    whole_seconds = round(value)
    if whole_seconds < 120:
        return f"{whole_seconds} s"
    minutes = whole_seconds // 60
    return f"{minutes} min {whole_seconds % 60:02} s" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"


def number(value: float | None, *, digits: int = 0) -> str:
    """With commas between thousands, its decimal digits rounded half up as browsers do: 416.15 is 416.2 in both."""
    if value is None:
        return UNKNOWN
    if abs(value) < EXACT:
        return f"{Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,}"
    return f"{value:,.{digits}f}"
