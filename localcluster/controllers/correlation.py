"""Deciding what becomes of an Event before it is written: new, counted up, combined with similar ones, or dropped.

The rules and numbers are client-go's. Pure but for its memory; must not write anything.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from localcluster.client import Object

REMEMBERED = 4096
"""Keys kept in each memory; the least recently used is forgotten first."""

SIMILAR_BEFORE_COMBINING = 10
"""From the tenth different message about the same reason on, messages are combined into one Event ..."""

SIMILAR_WINDOW = timedelta(seconds=600)
"""... unless ten minutes have passed since the last of them."""

BURST = 25
"""Events of one reason one object may cause at once, from one component ..."""

SECONDS_PER_EVENT = 300.0
"""... and how long it takes to regain one."""

COMBINED = "(combined from similar events): "

_Key = tuple[Any, ...]
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Correlated:
    """What to write: `event` as a new object, or `patch` on the Event of that name."""

    event: Object
    patch: dict[str, Any] | None = None


@dataclass(slots=True)
class _Similar:
    messages: set[str] = field(default_factory=set)
    last: datetime | None = None


@dataclass(slots=True)
class _Seen:
    name: str
    count: int
    first_timestamp: str


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: datetime


class _Memory(OrderedDict[_Key, _Value], Generic[_Value]):
    """A dictionary that forgets what was used longest ago."""

    def recall(self, key: _Key, default: _Value) -> _Value:
        value = self.setdefault(key, default)
        self.move_to_end(key)
        if len(self) > REMEMBERED:
            self.popitem(last=False)
        return value


class EventCorrelator:
    """Remembers the Events of one component."""

    def __init__(self) -> None:
        self._similar: _Memory[_Similar] = _Memory()
        self._seen: _Memory[_Seen] = _Memory()
        self._buckets: _Memory[_Bucket] = _Memory()

    def correlate(self, event: Object, *, now: datetime) -> Correlated | None:
        """What to write for `event` (a v1 Event with count 1), or None when its object has had too many."""
        combined, key = self._combine(event, now)
        correlated = self._count(combined, key)
        return correlated if self._admits(event, now) else None

    def _combine(self, event: Object, now: datetime) -> tuple[Object, _Key]:
        key = _similar_key(event)
        similar = self._similar.recall(key, _Similar(last=now))
        if similar.last is None or now - similar.last > SIMILAR_WINDOW:
            similar.messages.clear()
        similar.messages.add(event["message"])
        similar.last = now
        if len(similar.messages) < SIMILAR_BEFORE_COMBINING:
            return event, (*key, event["message"])
        similar.messages.discard(event["message"])  # stays at the limit, however many more come
        combined = {**event, "message": COMBINED + event["message"], "reportingComponent": "", "reportingInstance": ""}
        return combined, key

    def _count(self, event: Object, key: _Key) -> Correlated:
        seen = self._seen.recall(key, _Seen(event["metadata"]["name"], 0, event["firstTimestamp"]))
        seen.count += 1
        if seen.count == 1:
            return Correlated(event)
        counted = {
            **event,
            "metadata": {**event["metadata"], "name": seen.name},
            "count": seen.count,
            "firstTimestamp": seen.first_timestamp,
        }
        patch = {"count": seen.count, "lastTimestamp": event["lastTimestamp"], "message": event["message"]}
        return Correlated(counted, patch)

    def _admits(self, event: Object, now: datetime) -> bool:
        bucket = self._buckets.recall(_similar_key(event), _Bucket(BURST, now))
        regained = (now - bucket.filled).total_seconds() / SECONDS_PER_EVENT
        bucket.tokens = min(BURST, bucket.tokens + regained)
        bucket.filled = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True


def _object_key(event: Object) -> _Key:
    source, about = event["source"], event["involvedObject"]
    return (
        source.get("component", ""),
        source.get("host", ""),
        *(about.get(part, "") for part in ("kind", "namespace", "name", "uid", "apiVersion", "fieldPath")),
    )


def _similar_key(event: Object) -> _Key:
    return (*_object_key(event), event["type"], event["reason"])
