"""The chart of a kill as numbers for an SVG: one column of answers every 200 ms. Pure; data_chart.js draws the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, GAP, HEIGHT, FLOOR = 10, 2, 100, 64
"""Of a column, between two, of the whole, and of the line between confirmed (above) and not confirmed (below)."""
LEAST = 3
"""A column of one answer is at least that high."""


def chart(kill: Mapping[str, Any]) -> dict[str, Any]:
    """The columns, the shaded outage and the line of the kill, in units of the view box."""
    buckets: Sequence[Sequence[int]] = kill.get("buckets") or []
    step = int(kill.get("bucket_ms") or 200)
    most = max((max(confirmed, failed) for _, confirmed, failed in buckets), default=0)
    begin = buckets[0][0] if buckets else 0
    width = max(1, len(buckets)) * WIDTH
    columns = [_column(index * WIDTH, confirmed, failed, most) for index, (_, confirmed, failed) in enumerate(buckets)]
    start, end = kill.get("outage_from_ms"), kill.get("outage_to_ms")
    shade_from = 0.0 if start is None else _x(start, begin, step, width)
    shade_to = width if end is None else _x(end, begin, step, width)
    return {
        "width": width,
        "height": HEIGHT,
        "floor": FLOOR,
        "columns": columns,
        "kill": _x(0, begin, step, width) if buckets else 0,
        "shade_x": shade_from,
        "shade_width": _round(max(0.0, shade_to - shade_from)) if start is not None else 0,
    }


def seconds(ms: int) -> str:
    """`+1.2 s`, `−0.4 s`."""
    return f"{'−' if ms < 0 else '+'}{abs(ms) / 1000:.1f} s"


def _column(x: int, confirmed: int, failed: int, most: int) -> dict[str, Any]:
    up = _height(confirmed, most, FLOOR - 4)
    down = _height(failed, most, HEIGHT - FLOOR - 4)
    return {"x": x + GAP // 2, "width": WIDTH - GAP, "y": _round(FLOOR - up), "up": up, "down": down}


def _height(count: int, most: int, room: int) -> float:
    return _round(max(LEAST, room * count / most)) if count and most else 0


def _x(ms: float, begin: int, step: int, width: int) -> float:
    return _round(min(float(width), max(0.0, WIDTH * (ms - begin) / step)))


def _round(value: float) -> float:
    """To tenths, halves up, as the browser does."""
    return math.floor(10 * value + 0.5) / 10
