"""The gauge of an HPA: how far CPU is from its target, as an arc and as words. Pure.

static/js/scaling_gauge.js says the same from then on. The target is always at the top of the arc, so
that left of the top is below it and right of it above. What is not known is an empty gauge that says so, never one
that stands at zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.runs.wording import UNKNOWN, number

FULL = 200
"""Percent of the target at which the arc is full; beyond it stays full, and the words say how far."""


def gauge(row: Mapping[str, Any] | None) -> dict[str, Any]:
    """`row`: {current_percent, target_percent}, each None while it is not known."""
    current, target = _figures(row or {})
    known = current is not None and bool(target)
    ratio = current / target if known and current is not None and target else None
    return {
        "known": known,
        "at": 0 if ratio is None else max(0, min(FULL, round(100 * ratio, 1))),
        "over": ratio is not None and 100 * ratio > FULL,
        "current": UNKNOWN if current is None else f"{number(current)} %",
        "target": f"target {number(target)} %" if target else "no target in percent",
        "ratio": _ratio(current, ratio),
        "text": _text(current, target, ratio),
    }


def _figures(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    return row.get("current_percent"), row.get("target_percent")


def _ratio(current: float | None, ratio: float | None) -> str:
    if current is None:
        return "CPU not known"
    return "" if ratio is None else f"{number(ratio, digits=2)} × target"


def _text(current: float | None, target: float | None, ratio: float | None) -> str:
    aim = f"target {number(target)} %" if target else "no target in percent"
    if current is None:
        return f"CPU is not known, {aim}"
    said = f"CPU {number(current)} % of the request, {aim}"
    return said if ratio is None else f"{said}: {number(ratio, digits=2)} times the target"
