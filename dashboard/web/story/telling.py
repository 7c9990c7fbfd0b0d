"""Lines of the story → what the page says of them. Pure.

static/js/story_lines.js says the same of the lines that come later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dashboard.story.asking import Asked, shown_place
from dashboard.story.export import named
from dashboard.story.grouping import Group, grouped, workload_of
from dashboard.web.presenting import UNKNOWN

Row = Mapping[str, Any]
Views = Mapping[str, Mapping[str, Row]]
Evidence = Callable[[str, str], str]
"""The address of the evidence of an object: bundle, id."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WORKLOADS = ("Deployment", "StatefulSet", "Job", "DaemonSet")
_HASH = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{6,10}$")


def groups(rows: Sequence[Row], views: Views, evidence: Evidence) -> list[dict[str, Any]]:
    """What is shown, newest first."""
    known = _known_objects(views)

    def where(row: Row) -> str:
        found = _found(row, known)
        return evidence(*found) if found else ""

    return [_group(group, where) for group in grouped(rows)]


def counted(total: int, shown: Sequence[Row], folded: int, *, is_first: bool) -> str:
    """`1,284 lines fit; these are the newest 200, told in 63.`"""
    if not shown:
        return "No line fits." if total == 0 else "There are no lines beyond."
    told = f", told in {folded}" if folded < len(shown) else ""
    if total == len(shown):
        return f"{'1 line' if total == 1 else f'{total:,} lines'}{told}."
    return f"{total:,} lines fit; these are {'the newest ' if is_first else ''}{len(shown)}{told}."


def address(asked: Asked, **more: str) -> str:
    """The query that asks for the same again."""
    told = asked.document() | {"routine": "on" if asked.routine else ""} | more
    return urlencode({name: value for name, value in told.items() if value})


def day_clock(iso: Any) -> str:
    """`23 Nov 14:03:12` of an ISO time, in UTC; the browser puts its own time zone in."""
    text = str(iso or "")
    if len(text) < 19:
        return UNKNOWN
    return f"{int(text[8:10])} {MONTHS[int(text[5:7]) - 1]} {text[11:19]}"


def moment(iso: Any) -> str:
    """`23 Nov 14:03:12 UTC`, for a page that stands for itself; the browser puts its own time zone in."""
    text = day_clock(iso)
    return text if text == UNKNOWN else f"{text} UTC"


def field_time(iso: str) -> str:
    """As a field for date and time takes it."""
    return iso[:16]


def pages_of(rows: Sequence[Row], *, newer: bool, older: bool) -> dict[str, str]:
    """Where the pages beside this one begin."""
    return {
        "after": shown_place(rows[0]) if rows and newer else "",
        "before": shown_place(rows[-1]) if rows and older else "",
    }


def _group(group: Group, where: Callable[[Row], str]) -> dict[str, Any]:
    head = _line(group.newest, where)
    others = group.rows[1:]
    head["times"] = _times(group.count, group.first, group.newest)
    if not others:
        return {**head, "more": [], "summary": ""}
    if group.are_equal:
        return {**head, "more": [_line(row, where) for row in others], "summary": "Each time it was told"}
    summary = f"{len(others)} more like it on pods of {group.workload}"
    return {**head, "more": [_line(row, where) for row in others], "summary": summary}


def _line(row: Row, where: Callable[[Row], str]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "t": row["t"],
        "when": day_clock(row["t"]),
        "kind": row["kind"],
        "quiet": bool(row.get("quiet")),
        "text": row["text"],
        "object": named(row.get("object")),
        "by": row.get("by") or "",
        "reason": row.get("reason") or "",
        "times": _times(int(row.get("count") or 1), str(row.get("first") or row["t"]), row),
        "sum": row.get("sum") or [],
        "evidence": where(row),
    }


def _times(count: int, first: str, row: Row) -> dict[str, str] | None:
    if count <= 1:
        return None
    return {"count": f"× {count}", "first": first if first < str(row["t"]) else "", "since": day_clock(first)}


def _known_objects(views: Views) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Kind, namespace and name → the bundle that brings the object, and its id there."""
    known = {}
    for bundle in views.get("bundles", {}).values():
        for each in bundle.get("objects") or []:
            place = (str(each.get("kind")), str(each.get("namespace") or ""), str(each.get("name")))
            known[place] = (str(bundle["name"]), str(each["id"]))
    return known


def _found(row: Row, known: Mapping[tuple[str, str, str], tuple[str, str]]) -> tuple[str, str] | None:
    """The object itself, or the workload that its pod or replica set belongs to."""
    about = row.get("object") or {}
    kind, namespace, name = str(about.get("kind")), str(about.get("namespace") or ""), str(about.get("name"))
    if (kind, namespace, name) in known:
        return known[kind, namespace, name]
    above = workload_of(row) if kind == "Pod" else _HASH.sub("", name) if kind == "ReplicaSet" else None
    places = [(each, namespace, above) for each in WORKLOADS if above]
    return next((known[place] for place in places if place in known), None)
