"""What Events still tell of the time before anybody watched: from which size, and what nobody's HPA did. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.scaling.managers import SAME_MOMENT_S, Author, author
from dashboard.scaling.rescales import Resized
from dashboard.store.times import seconds

ROLL_OUT_S = 120.0
"""A replica set that changes its size so near to another one of its Deployment is rolled out, not scaled."""

Row = Mapping[str, Any]


def size_before(
    after: int, *, at: float, namespace: str | None, target: str | None, resized: Iterable[Resized]
) -> int | None:
    """From which size a target came to `after` at that moment, by its own Event."""
    own = [each for each in resized if (each.namespace, each.name) == (namespace, target)]
    near = [
        each
        for each in own
        if each.after == after and abs(each.at - at) <= SAME_MOMENT_S and not _is_rolled_out(each, own)
    ]
    return min(near, key=lambda each: abs(each.at - at)).before if near else None


def author_of(resized: Resized, *, hpa: Row, workload: Row, rows: Iterable[Row]) -> Author:
    """The last change is by whoever owns the number now, unless that is the HPA; of earlier ones nobody knows."""
    is_last = all((seconds(row["t"]) or 0.0) <= resized.at for row in rows if row["before"] != row["after"])
    if not is_last or resized.after != workload.get("replicas"):
        return Author("other")
    found = author(workload, hpa, at=resized.at)
    return Author("other") if found.by == "hpa" else found


def by_others(hpa: Row, rows: Sequence[Row], resized: Sequence[Resized], *, until: float) -> list[Resized]:
    """Changes of a target's size before `until` that no row tells and that are no part of a roll-out, oldest first.

    What was before the HPA was made is none of its story.
    """
    target, made = hpa.get("target") or {}, seconds(hpa.get("created_at")) or 0.0
    own = [
        each
        for each in sorted(resized, key=lambda each: each.at)
        if (each.namespace, each.name, "Deployment") == (hpa.get("namespace"), target.get("name"), target.get("kind"))
    ]
    return [
        each
        for each in own
        if made <= each.at < until and each.before and not _is_told(each, rows) and not _is_rolled_out(each, own)
    ]


def _is_told(resized: Resized, rows: Iterable[Row]) -> bool:
    return any(
        row["before"] != row["after"] == resized.after and abs((seconds(row["t"]) or 0.0) - resized.at) <= SAME_MOMENT_S
        for row in rows
    )


def _is_rolled_out(resized: Resized, own: Iterable[Resized]) -> bool:
    return any(each.replica_set != resized.replica_set and abs(each.at - resized.at) <= ROLL_OUT_S for each in own)
