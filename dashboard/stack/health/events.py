"""Kubernetes Events as rows, from either of the two APIs that tell them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dashboard.redaction import plain
from dashboard.stack.health.fields import Object, count, mapping, text


@dataclass(frozen=True, slots=True)
class EventRow:
    """One Event; times are ISO 8601 or None, `uid` that of the object it is about."""

    type: str
    reason: str
    message: str
    kind: str
    name: str
    uid: str
    count: int
    first: str | None
    last: str | None

    @property
    def is_warning(self) -> bool:
        """Whether Kubernetes holds it for trouble."""
        return self.type == "Warning"


def read(event: Object) -> EventRow:
    """From the core API's form, or from that of events.k8s.io."""
    about = mapping(event, "involvedObject") or mapping(event, "regarding")
    series = mapping(event, "series")
    born = _time(event, "metadata", "creationTimestamp")
    at = _time(event, "eventTime")
    first = _time(event, "firstTimestamp") or _time(event, "deprecatedFirstTimestamp") or at or born
    last = _time(series, "lastObservedTime") or _time(event, "lastTimestamp") or _time(event, "deprecatedLastTimestamp")
    times = count(series, "count") or count(event, "count") or count(event, "deprecatedCount") or 1
    return EventRow(
        type=text(event, "type"),
        reason=text(event, "reason"),
        message=plain(text(event, "message") or text(event, "note"), longest=1000),
        kind=text(about, "kind"),
        name=text(about, "name"),
        uid=text(about, "uid"),
        count=times,
        first=first,
        last=last or at or first,
    )


def newest_first(events: Iterable[EventRow]) -> list[EventRow]:
    """By when they last happened; of equals the one listed last, for that is how they are told."""
    placed = sorted(enumerate(events), key=lambda pair: (pair[1].last or "", pair[0]), reverse=True)
    return [each for _, each in placed]


def about(events: Iterable[EventRow], *objects: Any) -> list[EventRow]:
    """Those about one of the objects, newest first: by uid, or by kind and name where the Event tells no uid."""
    uids = {text(each, "metadata", "uid") for each in objects} - {""}
    names = {(text(each, "kind"), text(each, "metadata", "name")) for each in objects}
    return newest_first(
        each for each in events if each.uid in uids or (not each.uid and (each.kind, each.name) in names)
    )


def _time(holder: Object, *path: str) -> str | None:
    return text(holder, *path) or None
