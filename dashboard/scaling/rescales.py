"""Hears of new sizes in Kubernetes' Events, on their way to the story; changes nothing of what passes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.store import sentences
from dashboard.store.story import time_of
from dashboard.store.times import seconds

_RESIZED = re.compile(r"^Scaled (?:up|down) replica set (\S+) from (\d+) to (\d+)")

Event = Any


class Sink(Protocol):
    """What a reflector feeds."""

    def replace(self, objects: Sequence[Any], /) -> None: ...
    def apply(self, found: Any, /) -> None: ...
    def delete(self, found: Any, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Rescaled:
    """A rescale that an Event told of; `key` tells it from the others, `cause` is in the controller's words."""

    key: str
    namespace: str
    name: str
    uid: str
    size: int
    cause: str
    at: float


@dataclass(frozen=True, slots=True)
class Resized:
    """A Deployment gave one of its replica sets another size, whoever had asked for it."""

    key: str
    namespace: str
    name: str
    replica_set: str
    before: int
    after: int
    at: float


@dataclass(frozen=True, slots=True)
class Heard:
    """Between the reflector of Events and their `sink`."""

    sink: Sink
    hear: Callable[[Rescaled | Resized], None]

    def replace(self, objects: Sequence[Any], /) -> None:
        """All there are."""
        self.sink.replace(objects)
        for each in objects:
            self._tell(each)

    def apply(self, found: Any, /) -> None:
        """New, or seen again with a higher count."""
        self.sink.apply(found)
        self._tell(found)

    def delete(self, found: Any, /) -> None:
        """What has happened has happened."""
        self.sink.delete(found)

    def _tell(self, event: Event) -> None:
        for rescaled in rescales(event):
            self.hear(rescaled)
        for resized in resizes(event):
            self.hear(resized)


def rescales(event: Event) -> list[Rescaled]:
    """What an Event tells of: of equal rescales counted in one Event only the first and the last have a time."""
    done = sentences.rescale(event)
    if done is None:
        return []
    about = event.involved_object
    return [
        Rescaled(
            f"{event.metadata.uid}-{number}", about.namespace or "", about.name or "", about.uid or "", done.size,
            done.cause, at,
        )
        for number, at in _times(event)
    ]  # fmt: skip


def resizes(event: Event) -> list[Resized]:
    """The same of a Deployment and its replica set; before Kubernetes 1.24 it did not say from which size."""
    match = _RESIZED.match(sentences.told(event)) if event.reason == "ScalingReplicaSet" else None
    if match is None:
        return []
    about = event.involved_object
    return [
        Resized(
            f"{event.metadata.uid}-{number}", about.namespace or "", about.name or "", match[1], int(match[2]),
            int(match[3]), at,
        )
        for number, at in _times(event)
    ]  # fmt: skip


def _times(event: Event) -> list[tuple[int, float]]:
    """Number and time of the first and the last of the equal Events counted in one; of unlike ones of the last."""
    count = int((event.series.count if event.series else None) or event.count or 1)
    last, first = seconds(time_of(event)), seconds(event.first_timestamp or event.event_time)
    times = {count: last} if sentences.is_combined(event) else {1: first if first is not None else last, count: last}
    return [(number, at) for number, at in sorted(times.items()) if at is not None]
