"""Reads fields of live objects, where a field may be missing, null, or of another type than the API promises. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

Object = Mapping[str, Any]

NOTHING: Mapping[str, Any] = {}
MANY = 1 << 31
"""No real count is larger: Kubernetes counts in 32 bits."""


def mapping(holder: Any, *path: str) -> Mapping[str, Any]:
    """The mapping at a path, or an empty one."""
    for name in path:
        holder = holder.get(name) if isinstance(holder, Mapping) else None
    return holder if isinstance(holder, Mapping) else NOTHING


def mappings(holder: Any, *path: str) -> list[Mapping[str, Any]]:
    """The list at a path, of mappings only."""
    *before, last = path
    found = mapping(holder, *before).get(last)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def count(holder: Any, *path: str, default: int = 0) -> int:
    """The whole number at a path."""
    *before, last = path
    found = mapping(holder, *before).get(last)
    usable = isinstance(found, int) and not isinstance(found, bool) and -MANY < found < MANY
    return found if isinstance(found, int) and usable else default


def text(holder: Any, *path: str) -> str:
    """The text at a path, on one line; empty when there is none."""
    *before, last = path
    found = mapping(holder, *before).get(last)
    return " ".join(found.split()) if isinstance(found, str) else ""


def condition(live: Object, kind: str) -> Mapping[str, Any]:
    """The condition of that type, or an empty mapping."""
    return next((each for each in conditions(live) if each.get("type") == kind), NOTHING)


def conditions(live: Object) -> list[Mapping[str, Any]]:
    """All of them."""
    return mappings(live, "status", "conditions")


def is_true(live: Object, kind: str) -> bool:
    """Whether that condition is there and true."""
    return condition(live, kind).get("status") == "True"


def moment(holder: Any, *path: str) -> datetime | None:
    """The time at a path; None for what is no time."""
    try:
        found = datetime.fromisoformat(text(holder, *path))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def seconds_since(then: datetime | None, now: datetime | None) -> float | None:
    """None when either is not known."""
    return None if then is None or now is None else (now - then).total_seconds()


def last_change(live: Object) -> datetime | None:
    """When anybody last wrote to the object: the newest time that its metadata and conditions tell."""
    return max(_told_times(live), default=None)


def _told_times(live: Object) -> Iterator[datetime]:
    entries = [*mappings(live, "metadata", "managedFields")]
    told = [moment(live, "metadata", "creationTimestamp"), *(moment(each, "time") for each in entries)]
    told += [moment(each, "lastTransitionTime") for each in conditions(live)]
    yield from (each for each in told if each is not None)
