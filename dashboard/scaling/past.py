"""What Events still tell of the time before anybody watched: from which size, and what nobody's HPA did. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.scaling.managers import SAME_MOMENT_S
from dashboard.scaling.rescales import Rescaled, Resized
from dashboard.store.times import seconds

ROLL_OUT_S = 120.0
"""A replica set that changes its size so near to another one of its Deployment is rolled out, not scaled."""

Row = Mapping[str, Any]


def before(event: Rescaled, *, target: str | None, resized: Iterable[Resized]) -> int | None:
    """From which size the target came, by its own Event of that moment."""
    for each in resized:
        is_it = (each.namespace, each.name, each.after) == (event.namespace, target, event.size)
        if is_it and abs(each.at - event.at) <= SAME_MOMENT_S:
            return each.before
    return None


def by_others(hpa: Row, rows: Sequence[Row], resized: Sequence[Resized], *, until: float) -> list[Resized]:
    """Changes of a target's size before `until` that no row tells and that are no part of a roll-out, oldest first."""
    target = hpa.get("target") or {}
    own = [
        each
        for each in sorted(resized, key=lambda each: each.at)
        if (each.namespace, each.name, "Deployment") == (hpa.get("namespace"), target.get("name"), target.get("kind"))
    ]
    return [
        each
        for each in own
        if each.at < until and each.before and not _is_told(each, rows) and not _is_rolled_out(each, own)
    ]


def _is_told(resized: Resized, rows: Iterable[Row]) -> bool:
    return any(
        row["before"] != row["after"] == resized.after and abs((seconds(row["t"]) or 0.0) - resized.at) <= SAME_MOMENT_S
        for row in rows
    )


def _is_rolled_out(resized: Resized, own: Iterable[Resized]) -> bool:
    return any(each.replica_set != resized.replica_set and abs(each.at - resized.at) <= ROLL_OUT_S for each in own)
