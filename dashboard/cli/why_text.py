"""Explanations as lines for a terminal. Pure: from the rows of the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboard.cli.terminal import Style
from dashboard.store.times import seconds

Line = tuple[str, Style | None]
Row = Mapping[str, Any]

STYLES: Mapping[str, Style] = {
    "ok": "green", "failed": "red", "stale": "yellow", "unknown": "yellow", "waiting": "yellow", "progressing": "cyan",
    "suspended": "dim",
}  # fmt: skip
CONFIDENCE = {
    "seen": "seen: the API says so itself",
    "computed": "computed: worked out again from the figures that the HPA reported",
    "inferred": "inferred: nothing in the API says so, but it fits what was seen",
}
EVIDENCE_MOST = 12


def lines_of(rows: Sequence[Row], *, now: float) -> Iterator[Line]:
    """Each HPA below the other."""
    for i, row in enumerate(rows):
        if i:
            yield "", None
        yield from _lines(row, now=now)


def _lines(row: Row, *, now: float) -> Iterator[Line]:
    hpa, target = row["hpa"], row["target"]
    word = str(row.get("word") or row["state"].replace("_", " "))
    yield f"{hpa['namespace']}/{hpa['name']} scales {target['kind']} {target['name']}: {word}", "bold"
    yield f"  {row['sentence']}", STYLES.get(str(row.get("tone")))
    if row.get("advice"):
        yield f"  What to do: {row['advice']}", "cyan"
    yield from _sum(row.get("sum") or [])
    yield from _waits(row.get("countdowns") or [], now=now)
    yield from _evidence(row.get("evidence") or [], now=now)
    known = CONFIDENCE.get(str(row.get("confidence")))
    if known:
        yield f"  How it is known: {known}.", "dim"


def _sum(terms: Sequence[Row]) -> Iterator[Line]:
    width = max((len(str(each["label"])) for each in terms), default=0)
    for each in terms:
        sign = ">" if each.get("deciding") else " "
        style: Style | None = "bold" if each.get("deciding") else None
        yield f"  {sign} {each['label']!s:<{width}}  {each['value']}", style


def _waits(countdowns: Sequence[Row], *, now: float) -> Iterator[Line]:
    for each in countdowns:
        ends = seconds(each.get("ends_at"))
        if ends is not None and ends > now:
            yield f"  {str(each['text']).rstrip('.')}: in {ends - now:.0f} s", None


def _evidence(evidence: Sequence[Row], *, now: float) -> Iterator[Line]:
    if evidence:
        yield "  Evidence:", None
    for each in evidence[:EVIDENCE_MOST]:
        at = seconds(each.get("at"))
        age = "" if at is None else f" ({_age(now - at)} ago)"
        name = f" {each['name']}" if each.get("name") else ""
        yield f"    {each['kind']}{name}: {each['text']}{age}", "dim"
    if len(evidence) > EVIDENCE_MOST:
        yield f"    and {len(evidence) - EVIDENCE_MOST} more; --json has all", "dim"


def _age(value: float) -> str:
    if value < 90:
        return f"{max(0, round(value))} s"
    return f"{round(value / 60)} min" if value < 5400 else f"{round(value / 3600)} h"
