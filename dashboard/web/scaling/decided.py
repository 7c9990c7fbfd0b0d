"""Rows of the view `decisions` → the list of the Scaling page on its first paint. Pure.

static/js/scaling_decisions.js says the same from then on; a browser test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.runs.wording import number
from dashboard.web.presenting import clock
from dashboard.web.scaling.telling import evidence, sum_step, tone_of, word_of

Row = Mapping[str, Any]

WHO = {"hpa": "the HPA", "person": "a person", "other": "somebody else"}
AFTERWARDS = "Inferred: it was before this dashboard started. Events still tell of it; the figures of its sum are gone."


def decisions(rows: Iterable[Row], *, of: Row, now: float) -> list[dict[str, Any]]:
    """Those of one HPA, newest first."""
    own = [each for each in rows if is_of(each, of)]
    return [decision(each, now=now) for each in sorted(own, key=_newest, reverse=True)]


def is_of(row: Row, hpa: Row) -> bool:
    """Whether a decision, or a why row, is of this HPA, an older one of the same name included."""
    about: Row = row.get("hpa") or {}
    return (about.get("namespace"), about.get("name")) == (hpa.get("namespace"), hpa.get("name"))


def _newest(row: Row) -> tuple[str, str]:
    return str(row.get("t")), str(row.get("id"))


def decision(row: Row, *, now: float) -> dict[str, Any]:
    """One decision: what changed, who did it, and the sum of that moment."""
    before, after = row.get("before"), row.get("after")
    return {
        "id": str(row.get("id")),
        "t": str(row.get("t") or ""),
        "clock": clock(row.get("t")),
        "change": change(before, after),
        "moved": before != after,
        "by": str(row.get("by") or "other"),
        "who": f"{who(row)}, told afterwards" if is_told_afterwards(row) else who(row),
        "known": AFTERWARDS if is_told_afterwards(row) else "",
        "word": word_of(row),
        "tone": tone_of(row),
        "sentence": row.get("sentence") or "",
        "cpu": cpu(row),
        "limited": f"Limited by {row['limited_by']}." if row.get("limited_by") else "",
        "sum": [sum_step(each, place) for place, each in enumerate(row.get("sum") or [])],
        "evidence": [evidence(each, place, now=now) for place, each in enumerate(row.get("evidence") or [])],
    }


def change(before: Any, after: Any) -> str:
    """`1 → 3`, or `at 3` where only the reason changed."""
    if before == after:
        return f"at {number(after)}"
    return f"{number(before)} → {number(after)}"


def who(row: Row) -> str:
    """Who changed it, by the name of the field's manager."""
    by, manager = str(row.get("by") or "other"), row.get("manager")
    if by == "hpa" or not manager:
        return WHO.get(by, by)
    return f"a person, with {manager}" if by == "person" else str(manager)


def is_told_afterwards(row: Row) -> bool:
    """Whether nobody watched when it happened, and it is known by what the API kept of it."""
    return row.get("confidence") == "inferred" and row.get("before") != row.get("after") and row.get("sum") is None


def cpu(row: Row) -> str:
    """The figures of that moment; without a target it was not CPU that it scaled by."""
    value, target = row.get("cpu_percent"), row.get("cpu_target")
    if value is None:
        return "" if target is None else f"CPU was not known, target {number(target)} %."
    return f"CPU {number(value)} % of the request" + ("." if target is None else f", target {number(target)} %.")
