"""Hears of rescales in Kubernetes' Events on their way to the story; changes nothing of what passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.store import sentences
from dashboard.store.story import time_of
from dashboard.store.times import seconds

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
class Heard:
    """Between the reflector of Events and their `sink`."""

    sink: Sink
    hear: Callable[[Rescaled], None]

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
        for each in rescales(event):
            self.hear(each)


def rescales(event: Event) -> list[Rescaled]:
    """What an Event tells of: of equal rescales counted in one Event only the first and the last have a time."""
    done = sentences.rescale(event)
    if done is None:
        return []
    about, count = event.involved_object, int((event.series.count if event.series else None) or event.count or 1)
    last, first = seconds(time_of(event)), seconds(event.first_timestamp or event.event_time)
    times = {1: first if first is not None else last, count: last}
    return [
        Rescaled(
            f"{event.metadata.uid}-{number}", about.namespace or "", about.name or "", about.uid or "", done.size,
            done.cause, at,
        )
        for number, at in sorted(times.items()) if at is not None
    ]  # fmt: skip
