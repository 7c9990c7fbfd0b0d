"""The run's chart as numbers for an SVG: for paper, and for a page without a script. Pure.

Four bands on one time axis, as the browser's own drawing has them. A gap in the data is a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dashboard.runs.wording import began, ended
from dashboard.store.times import seconds

Row = Mapping[str, Any]

WIDTH, HEIGHT = 1000, 460
LEFT, RIGHT, TOP, BOTTOM = 44, 952, 46, 434
GAP_S = 3.5
POINTS = 700
"""More samples than pixels make a heavier file and the same picture."""
BANDS = (
    ("load", "load users · requests/s", 0.29, (("users", "load"), ("rps", "rps"))),
    ("latency", "p95, ms", 0.17, (("p95_ms", "latency"),)),
    ("cpu", "CPU, % of request; dashed: target", 0.26, (("cpu_percent", "cpu"), ("cpu_target", "target"))),
    ("replicas", "replicas: solid = ready, hatched = starting", 0.28, ()),
)
LEAST = {"users": 10, "rps": 10, "p95_ms": 100, "cpu_percent": 100, "cpu_target": 100}
TITLE = 22
BAR = 11.0
_STEPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_TICKS = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


def picture(run: Row) -> dict[str, Any] | None:
    """Everything the template draws; None when there is nothing to draw."""
    samples = list(run.get("samples") or [])
    if not samples:
        return None
    first, last = samples[0]["t"] / 1000, max(samples[-1]["t"] / 1000, samples[0]["t"] / 1000 + 1)

    def x(t: float) -> float:
        """Where a moment is."""
        return float(round(LEFT + (RIGHT - LEFT) * (t - first) / (last - first), 1))

    return {
        "width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM,
        "bands": list(_bands(samples, x)),
        "bars": _bars(run, first, last, x),
        "flags": _flags(run, first, last, x),
        "ticks": ticks(first, last, began(run) or first, x),
    }  # fmt: skip


def round_up(highest: float, least: float) -> float:
    """A round number at or above the highest, so that the axis has a top that can be read."""
    value = max(highest, least)
    power = 10.0 ** (len(str(int(value))) - 1)
    return next((step * power for step in _STEPS if step * power >= value), 10 * power)


def lines(samples: Sequence[Row], name: str, x: Callable[[float], float], y: Callable[[float], float]) -> list[str]:
    """Points of polylines, one for each stretch without a gap."""
    step = max(1, len(samples) // POINTS)
    found: list[list[str]] = [[]]
    before: float | None = None
    for index, sample in enumerate(samples):
        t, value = sample["t"] / 1000, sample.get(name)
        if value is None or (before is not None and t - before > GAP_S):
            found.append([])
        if value is not None and (index % step == 0 or index == len(samples) - 1):
            found[-1].append(f"{x(t)},{y(value)}")
        before = t
    return [" ".join(points) for points in found if len(points) > 1]


def _bands(samples: Sequence[Row], x: Callable[[float], float]) -> Iterable[dict[str, Any]]:
    free = BOTTOM - TOP - TITLE * len(BANDS)
    y = float(TOP)
    for name, title, share, series in BANDS:
        top, bottom = y + TITLE, y + TITLE + share * free
        y = bottom
        drawn, tops = [], {}
        group = [sample.get(field) or 0 for sample in samples for field, _ in series if name == "cpu"]
        for field, colour in series:
            highest = max(group) if group else max((sample.get(field) or 0 for sample in samples), default=0)
            tops[field] = round_up(highest, LEAST[field])
            drawn.append({"colour": colour, "lines": lines(samples, field, x, _scale(top, bottom, tops[field]))})
        yield {"name": name, "title": title, "top": round(top, 1), "bottom": round(bottom, 1), "series": drawn,
               "tops": [f"{value:,.0f}" for value in list(tops.values())[:2 if name == "load" else 1]]}  # fmt: skip


def _scale(top: float, bottom: float, highest: float) -> Callable[[float], float]:
    return lambda value: round(bottom - (bottom - top) * min(1.0, value / highest), 1)


def _bars(run: Row, first: float, last: float, x: Callable[[float], float]) -> list[dict[str, Any]]:
    """One bar a pod, each in the lowest lane that is free when it is born."""
    spans = [
        (start, seconds(span.get("ready_at")), seconds(span.get("ended_at")))
        for span in run.get("spans") or [] if (start := seconds(span.get("created_at"))) is not None
    ]  # fmt: skip
    lanes: list[float] = []
    placed = []
    for start, ready, end in sorted(spans, key=lambda span: span[0]):
        lane = next((i for i, free in enumerate(lanes) if free <= start), len(lanes))
        lanes[lane : lane + 1] = [end if end is not None else float("inf")]
        placed.append((lane, start, ready, end))
    height = (BOTTOM - TOP - TITLE * len(BANDS)) * BANDS[-1][2]
    pitch = min(BAR + 2, height / max(4, len(lanes)))
    until = min(last, ended(run) or last)
    return [
        bar for lane, start, ready, end in placed
        if (bar := _bar(lane, max(first, start), ready, min(last, end or until), pitch, x)) is not None
    ]  # fmt: skip


def _bar(
    lane: int, start: float, ready: float | None, end: float, pitch: float, x: Callable[[float], float]
) -> dict[str, Any] | None:
    if end <= start:
        return None
    solid = end if ready is None else min(end, max(start, ready))
    top = BOTTOM - (lane + 1) * pitch + 1
    return {"y": round(top, 1), "height": round(pitch - 2, 1), "x": x(start), "starting": round(x(solid) - x(start), 1),
            "from": x(solid), "ready": round(max(0.0, x(end) - x(solid)), 1)}  # fmt: skip


def _flags(run: Row, first: float, last: float, x: Callable[[float], float]) -> list[dict[str, Any]]:
    """Hairlines with labels in two lanes; what finds no room keeps its hairline and is in the list of events."""
    known = sorted((seconds(flag["t"]) or 0.0, str(flag.get("kind") or ""), str(flag.get("text") or ""))
                   for flag in run.get("flags") or [])  # fmt: skip
    lanes = [0.0, 0.0]
    made = []
    for t, kind, text in known:
        if not first <= t <= last:
            continue
        width = 12 + 6.4 * len(text)
        left = min(x(t), WIDTH - width)
        lane = next((i for i, taken in enumerate(lanes) if left >= taken), None)
        if lane is not None:
            lanes[lane] = left + width + 4
        made.append(
            {"x": x(t), "kind": kind, "text": text, "left": round(left, 1), "lane": lane, "width": round(width)}
        )
    return made


def ticks(first: float, last: float, zero: float, x: Callable[[float], float]) -> list[dict[str, Any]]:
    """A dozen marks at most, counted from `zero`."""
    step = next((each for each in _TICKS if (last - first) / each <= 12), _TICKS[-1])
    start = -int((zero - first) // step)
    times = range(start, int((last - zero) // step) + 1)
    return [{"x": x(zero + n * step), "text": _clock(n * step)} for n in times]


def _clock(distance: int) -> str:
    return f"{'−' if distance < 0 else ''}{abs(distance) // 60}:{abs(distance) % 60:02}"
