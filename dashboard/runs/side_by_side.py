"""Compared runs as a page tells them: one band a measure for an SVG, and the table of differences in words. Pure.

Each run has a colour and a dash of its own (`run-1` to `run-4`); better and worse are words with a sign, not colours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.runs import picture, telling, wording

Row = Mapping[str, Any]

WIDTH, LEFT, RIGHT = 1000, 48, 988
TITLE, BAND, AXIS = 24, 84, 24
MEASURES = (
    ("users", "load users", 10),
    ("rps", "requests/s", 10),
    ("p95_ms", "p95, ms", 100),
    ("failed_percent", "failed, %", 1),
    ("cpu_percent", "CPU, % of request", 100),
    ("ready", "replicas ready", 4),
)
"""Column, title, the least top of its scale."""
WORDS = {"better": "better", "worse": "worse", "same": "the same", "differs": "differs", "unknown": "not known"}
SETTINGS = {
    "target": "target", "users": "load users", "spawn_rate": "new load users per second", "duration_s": "seconds",
    "profile": "profile", "workers": "workers", "keep_alive": "connections kept alive", "scenario": "scenario",
    "p95_limit_ms": "limit of p95, ms", "failed_limit_percent": "limit of failures, %",
}  # fmt: skip


def told(compared: Row, documents: Sequence[Row]) -> dict[str, Any]:
    """Everything the page says; `compared` is of the same documents in the same order."""
    return {
        "runs": [
            {**telling.summary(document), "place": place, "letter": "ABCD"[place - 1],
             "from_load": compared["series"][place - 1]["from_load"]}
            for place, document in enumerate(documents, start=1)
        ],
        "picture": drawn(compared),
        "measures": [_line(line) for line in compared["table"] if any(each is not None for each in line["values"])],
        "settings": [_setting(line) for line in compared["settings"]],
        "same_settings": all(line["same"] for line in compared["settings"]),
        "revisions": [_setting(line) for line in compared["revisions"]],
    }  # fmt: skip


def drawn(compared: Row) -> dict[str, Any] | None:
    """The bands, one below another on one axis of seconds since the load began; None without samples."""
    first, last = compared["axis"]["from_s"], compared["axis"]["to_s"]
    if first is None or last is None or last <= first:
        return None

    def x(t: float) -> float:
        return float(round(LEFT + (RIGHT - LEFT) * (t - first) / (last - first), 1))

    bands = []
    for index, (name, title, least) in enumerate(MEASURES):
        top = index * (TITLE + BAND) + TITLE
        highest = max(
            (value for series in compared["series"] for value in series[name] if value is not None), default=0
        )
        ceiling = picture.round_up(highest, least)
        bands.append({
            "title": title, "top": top, "bottom": top + BAND, "highest": f"{ceiling:,.0f}",
            "runs": [_lines(series, name, x, top, ceiling) for series in compared["series"]],
        })  # fmt: skip
    bottom = len(MEASURES) * (TITLE + BAND)
    ticks = picture.ticks(first, last, 0.0, x)
    return {"width": WIDTH, "height": bottom + AXIS, "left": LEFT, "right": RIGHT, "bottom": bottom, "bands": bands,
            "ticks": ticks, "zero": x(0.0) if first <= 0 <= last else None}  # fmt: skip


def _lines(series: Row, name: str, x: Any, top: float, ceiling: float) -> list[str]:
    """Points of polylines, broken where a value is not known."""
    step = max(1, len(series["t"]) // picture.POINTS)
    found: list[list[str]] = [[]]
    for index, (t, value) in enumerate(zip(series["t"], series[name], strict=True)):
        if value is None:
            found.append([])
        elif index % step == 0:
            found[-1].append(f"{x(t)},{round(top + BAND - BAND * min(1.0, value / ceiling), 1)}")
    return [" ".join(points) for points in found if len(points) > 1]


def _line(line: Row) -> dict[str, Any]:
    unit = f" {line['unit']}" if line["unit"] else ""
    return {
        "label": line["label"], "unit": line["unit"], "first": _value(line["values"][0], unit),
        "others": [
            {"value": _value(value, unit), "verdict": each["verdict"], "word": WORDS[each["verdict"]],
             "sign": _signed(each, unit)}
            for value, each in zip(line["values"][1:], line["differences"], strict=True)
        ],
    }  # fmt: skip


def _signed(difference: Row, unit: str) -> str:
    absolute, percent = difference["absolute"], difference["percent"]
    if not absolute:
        return ""
    sign = "+" if absolute > 0 else "−"
    share = f" ({sign}{abs(percent):,.0f} %)" if percent is not None else ""
    return f"{sign}{_plain(abs(absolute))}{unit}{share}"


def _value(value: float | None, unit: str) -> str:
    return wording.UNKNOWN if value is None else f"{_plain(value)}{unit}"


def _plain(value: float) -> str:
    return wording.number(value, digits=0 if float(value).is_integer() else 2 if abs(value) < 1 else 1)


def _setting(line: Row) -> dict[str, Any]:
    words = {True: "yes", False: "no", None: wording.UNKNOWN}
    values = [words[each] if each is None or isinstance(each, bool) else str(each) for each in line["values"]]
    return {"label": SETTINGS.get(line["name"], line["name"]), "values": values, "same": line["same"]}
