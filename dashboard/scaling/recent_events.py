"""The Events that tell of scaling, as they were told, for as long as they explain anything. Changes nothing of them."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import Any, Protocol

from dashboard.redaction import scrub
from dashboard.scaling.evidence import ABOUT_SCALING
from dashboard.store import sentences
from dashboard.store.story import time_of

MOST = 1000
"""Kept in all; a cluster in trouble tells more than any explanation can show."""
OWNERS = {"ReplicaSet": "Deployment"}

Event = Any
Row = dict[str, Any]
_About = tuple[str, str, str]


class Sink(Protocol):
    """What a reflector feeds."""

    def replace(self, objects: Sequence[Any], /) -> None: ...
    def apply(self, found: Any, /) -> None: ...
    def delete(self, found: Any, /) -> None: ...


class RecentEvents:
    """Between the reflector of Events and their `sink`. `revision`: changes with what is known of a namespace."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._lock = threading.Lock()
        self._rows: OrderedDict[str, tuple[_About, Row]] = OrderedDict()
        self._by_object: dict[_About, dict[str, Row]] = defaultdict(dict)
        self.revision: dict[str, int] = defaultdict(int)

    def replace(self, objects: Sequence[Any], /) -> None:
        """All there are."""
        self._sink.replace(objects)
        with self._lock:
            self._rows.clear()
            self._by_object.clear()
            for each in sorted(objects, key=lambda event: time_of(event) or ""):
                self._keep(each)

    def apply(self, found: Any, /) -> None:
        """New, or seen again with a higher count."""
        self._sink.apply(found)
        with self._lock:
            self._keep(found)

    def delete(self, found: Any, /) -> None:
        """It is an hour old."""
        self._sink.delete(found)
        with self._lock:
            self._drop(found.metadata.uid)

    def about(self, namespace: str, *objects: tuple[str, str]) -> tuple[Row, ...]:
        """Of these objects, each (kind, name), and of a Deployment's ReplicaSets; the newest last."""
        with self._lock:
            rows = [row for kind, name in objects for row in self._by_object.get((namespace, kind, name), {}).values()]
        return tuple(sorted(rows, key=lambda row: row["at"] or ""))

    def _keep(self, event: Event) -> None:
        about = event.involved_object
        if event.reason not in ABOUT_SCALING or not about.kind or not about.name:
            return
        self._drop(event.metadata.uid)
        row = {
            "kind": about.kind, "namespace": about.namespace, "name": about.name, "type": event.type,
            "reason": event.reason, "message": scrub(" ".join(sentences.told(event).split())), "at": time_of(event),
            "count": (event.series.count if event.series else None) or event.count or 1,
        }  # fmt: skip
        where = _owner(about.namespace or "", about.kind, about.name)
        self._rows[event.metadata.uid] = where, row
        self._by_object[where][event.metadata.uid] = row
        self.revision[where[0]] += 1
        if len(self._rows) > MOST:
            self._drop(next(iter(self._rows)))

    def _drop(self, uid: str) -> None:
        known = self._rows.pop(uid, None)
        if known is not None:
            where = known[0]
            self.revision[where[0]] += 1
            self._by_object[where].pop(uid, None)
            if not self._by_object[where]:
                del self._by_object[where]


def _owner(namespace: str, kind: str, name: str) -> _About:
    """A ReplicaSet is named after its Deployment."""
    above = OWNERS.get(kind)
    return (namespace, above, name.rpartition("-")[0]) if above else (namespace, kind, name)
