"""One picture of an experiment: memory against the bound, and under it the requests of everybody. Pure geometry.

Points are in a box of WIDTH by HEIGHT; words stand beside it as text. It must not know colours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.limits.amounts import mebibytes
from dashboard.limits.blast.plan import Bound
from dashboard.limits.blast.variants import NAMES, Variant

WIDTH, HEIGHT = 1000, 180
LANE = 20
GAP_MS = 400
"""Longer than that without an answer, and the line of memory has a hole."""
SHORTEST_S = 12.0
PHASES = {"leaking": "the leak begins", "after": "first failure"}
Row = dict[str, Any]


def draw(variant: Variant, document: Mapping[str, Any], bound: Bound) -> Row:
    """The row `picture`; empty lines before anything was asked."""
    probes = {who: document.get("probes", {}).get(who) or () for who, _, _ in variant.parties}
    last = max((each[-1][0] for each in probes.values() if each), default=0) / 1000
    # A multiple of four, so that the words under the axis are whole seconds.
    whole_s, top = max(SHORTEST_S, 4.0 * -(-last // 4)), bound.bytes * 1.15
    used = _memory(probes, variant.containers)
    peak = max((amount for _, amount in used if amount is not None), default=None)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "bound_y": round(HEIGHT * (1 - bound.bytes / top), 1),
        "bound": f"bound {bound.amount}",
        "lines": _lines(used, whole_s, top),
        "peak": None if peak is None else mebibytes(peak),
        "lanes": [_lane(who, probes[who], whole_s) for who, _, _ in variant.parties],
        "marks": _marks(document.get("marks") or {}, whole_s),
        "ticks": [f"{whole_s * part / 4:.0f} s" for part in range(5)],
        "says": _says(variant, probes, bound, peak),
    }


def _memory(probes: Mapping[str, Sequence[Any]], counted: Sequence[str]) -> list[tuple[int, float | None]]:
    """Memory of all that counts against the bound, each time the leaker told its own; None where it did not answer."""
    others = [[each for each in probes[who] if each[2] is not None] for who in counted if who != "leaker"]
    found: list[tuple[int, float | None]] = []
    for at, _, own, error in probes["leaker"]:
        besides = [_latest(other, at) for other in others]
        amount = None if error is not None or own is None else own + sum(each or 0 for each in besides)
        found.append((at, amount))
    return found


def _latest(probes: Sequence[Any], at: int) -> float | None:
    place = bisect_right(probes, at, key=lambda each: int(each[0]))
    return float(probes[place - 1][2]) if place else None


def _lines(used: Sequence[tuple[int, float | None]], whole_s: float, top: float) -> list[Row]:
    """Polylines, a new one after each hole."""
    pieces: list[list[str]] = [[]]
    before: int | None = None
    for at, amount in used:
        if amount is None or (before is not None and at - before > GAP_MS):
            pieces.append([])
        if amount is not None:
            x, y = WIDTH * at / 1000 / whole_s, HEIGHT * (1 - min(amount, top) / top)
            pieces[-1].append(f"{x:.1f},{y:.1f}")
            before = at
    return [{"key": str(number), "points": " ".join(each)} for number, each in enumerate(filter(None, pieces))]


def _lane(who: str, probes: Sequence[Any], whole_s: float) -> Row:
    """Stretches of answered and of failed requests, one after the other."""
    spans: list[Row] = []
    for number, (at, _, _, error) in enumerate(probes):
        until = probes[number + 1][0] if number + 1 < len(probes) else at + 100
        x = WIDTH * at / 1000 / whole_s
        width = WIDTH * (until - at) / 1000 / whole_s
        tone = "failed" if error is not None else "answered"
        if spans and spans[-1]["tone"] == tone:
            spans[-1]["width"] = x + width - spans[-1]["x"]
        else:
            spans.append({"x": x, "width": width, "tone": tone})
    rounded = [{**each, "key": str(i), "x": round(each["x"], 1), "width": round(max(3.0, each["width"]), 1)}
               for i, each in enumerate(spans)]  # fmt: skip
    failed = sum(1 for each in probes if each[3] is not None)
    return {"key": who, "name": NAMES[who], "spans": rounded, "failed": failed, "asked": len(probes)}


def _marks(marks: Mapping[str, int], whole_s: float) -> list[Row]:
    return [
        {"key": phase, "x": round(WIDTH * marks[phase] / 1000 / whole_s, 1), "text": text}
        for phase, text in PHASES.items()
        if phase in marks
    ]


def _says(variant: Variant, probes: Mapping[str, Sequence[Any]], bound: Bound, peak: float | None) -> str:
    if peak is None:
        return "Memory and requests over time; nothing is known of them so far."
    parts = []
    for who, _, _ in variant.parties:
        failed = [each[0] for each in probes[who] if each[3] is not None]
        text = f"{len(failed)} of {len(probes[who])} requests failed"
        when = f", from {failed[0] / 1000:.1f} s to {failed[-1] / 1000:.1f} s" if failed else ""
        parts.append(f"{NAMES[who]}: {text}{when}.")
    return f"Memory rose to {mebibytes(peak)} of {bound.amount}. {' '.join(parts)}"
