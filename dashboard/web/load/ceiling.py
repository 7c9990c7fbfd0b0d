"""The search for the ceiling: the steps so far, as the samples show them, and what was found. Pure.

static/js/load_ceiling.js says the same from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import mean, median
from typing import Any

from dashboard.runs.wording import number
from dashboard.web.load.words import Row, counted, seconds

STEP_S = 6
"""A number of load users that was held for less was only passed through; the end of a step tells of that step alone."""
STEPS_SHOWN = 24


def ceiling(row: Row, samples: Mapping[str, Row]) -> dict[str, Any]:
    """Steps and result; not shown for other profiles."""
    found = row.get("ceiling")
    return {
        "shown": row.get("profile") == "ceiling",
        "sentence": sentence(row, found),
        "found": bool(found),
        "steps": steps(row, _during(row, samples.values())),
    }


def sentence(row: Row, found: Row | None) -> str:
    """What was found, or that it is still looked for."""
    if not found:
        if row.get("state") in ("starting", "running"):
            return "More load users at a time, until p95 or failures pass their limit."
        return "The swarm ended before a ceiling was found."
    if not found.get("rps"):
        return f"Even the least load was too much: {found.get('limited_by')}."
    sure = "It held when it was tried again." if found.get("confirmed") else "There was no time to try it again."
    return (
        f"{number(found['rps'], digits=1)} requests/s with {counted(found.get('users') or 0, 'load user')} at a p95 of "
        f"{number(found.get('p95_ms'))} ms; limited by {found.get('limited_by')}. {sure}"
    )


def steps(row: Row, samples: Iterable[Row]) -> list[dict[str, Any]]:
    """Each number of load users that was held, newest last, with what came of it."""
    held: list[list[Row]] = []
    for sample in samples:
        if held and held[-1][-1].get("users") == sample.get("users"):
            held[-1].append(sample)
        else:
            held.append([sample])
    kept = [each for each in held if len(each) >= STEP_S and each[0].get("users")]
    return [_step(row, each) for each in kept[-STEPS_SHOWN:]]


def _step(row: Row, samples: list[Row]) -> dict[str, Any]:
    settled = samples[-STEP_S:]
    times, failed, rates = (_known(settled, field) for field in ("p95_ms", "failed_percent", "rps"))
    p95, part = median(times) if times else None, mean(failed) if failed else None
    over = _over(p95, row.get("p95_limit_ms")) or _over(part, row.get("failed_limit_percent"))
    return {
        "key": str(samples[0].get("t")),
        "users": number(samples[0].get("users")),
        "rps": number(mean(rates) if rates else None, digits=1),
        "p95": number(p95),
        "failed": number(part, digits=1),
        "word": "over a limit" if over else "within the limits",
        "tone": "trouble" if over else "good",
    }


def _known(samples: Iterable[Row], field: str) -> list[float]:
    return [sample[field] for sample in samples if isinstance(sample.get(field), int | float)]


def _over(value: float | None, limit: Any) -> bool:
    return value is not None and isinstance(limit, int | float) and value > limit


def _during(row: Row, samples: Iterable[Row]) -> list[Row]:
    start, end = seconds(row.get("started_at")), seconds(row.get("ends_at"))
    if start is None:
        return []
    last = float("inf") if end is None else 1000 * end
    return sorted((each for each in samples if 1000 * start <= each["t"] <= last), key=lambda each: float(each["t"]))
