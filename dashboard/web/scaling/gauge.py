"""The gauge of an HPA: how far its metric is from its target, as an arc and as words. Pure.

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
    """`row`: {current_percent, target_percent, name, current, target, ratio}, each None while it is not known.

    A metric that is no share of requests has its figures in words only, and their ratio.
    """
    row = row or {}
    ratio, name = _ratio(row), str(row.get("name") or "CPU")
    current, aim = _current(row), _aim(row)
    return {
        "known": ratio is not None,
        "at": 0 if ratio is None else max(0, min(FULL, round(100 * ratio, 1))),
        "over": ratio is not None and 100 * ratio > FULL,
        "current": UNKNOWN if current is None else current,
        "target": aim,
        "ratio": _times(name, current, ratio),
        "text": _text(name, row, ratio),
    }


def _ratio(row: Mapping[str, Any]) -> float | None:
    current, target = row.get("current_percent"), row.get("target_percent")
    if current is not None and target:
        return float(current / target)
    return row.get("ratio") if current is None and target is None else None


def _current(row: Mapping[str, Any]) -> str | None:
    percent = row.get("current_percent")
    return row.get("current") if percent is None else f"{number(percent)} %"


def _aim(row: Mapping[str, Any]) -> str:
    percent = row.get("target_percent")
    target = f"{number(percent)} %" if percent else row.get("target")
    return f"target {target}" if target else "no target"


def _times(name: str, current: str | None, ratio: float | None) -> str:
    if current is None:
        return f"{name} not known"
    return "" if ratio is None else f"{number(ratio, digits=2)} × target"


def _text(name: str, row: Mapping[str, Any], ratio: float | None) -> str:
    current, aim = _current(row), _aim(row)
    if current is None:
        return f"{name} is not known, {aim}"
    share = "" if row.get("current_percent") is None else " of the request"
    said = f"{name} {current}{share}, {aim}"
    return said if ratio is None else f"{said}: {number(ratio, digits=2)} times the target"
