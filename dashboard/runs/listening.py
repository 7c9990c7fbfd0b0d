"""Hears every change of the views that a run is made of, and hands them over once a second. Keeps nothing longer.

Every row of the swarm is kept, since its last one holds the totals and the next swarm's may follow at once; of the
others the newest row a key.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.store.views import Delta, Subscription, Views

Row = Mapping[str, Any]

BY_KEY = frozenset({"story", "flags", "pod_spans", "why"})
SWARMS_KEPT = 1000
"""Rows of the swarm kept while nobody takes them; one a second comes."""


@dataclass(slots=True)
class Heard:
    """What changed. `swarms`: rows of the swarm in order. `pods`: whether any pod did."""

    swarms: list[Row] = field(default_factory=list)
    samples: list[Row] = field(default_factory=list)
    by_view: dict[str, dict[str, Row]] = field(default_factory=lambda: {view: {} for view in BY_KEY})
    pods: bool = False

    def rows(self, view: str) -> list[Row]:
        """The changed rows of a view."""
        return list(self.by_view[view].values())


class Listener:
    """Between the views, which must not wait, and the recorder, which writes to a disk."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._heard = Heard()
        self._lock = threading.Lock()
        self._subscription: Subscription | None = None

    def start(self) -> None:
        """Begins to listen; what is there already counts as changed."""
        snapshot, self._subscription = self._views.subscribe(self._hear)
        for view in ("swarm", "samples"):
            for key, row in snapshot.views.get(view, {}).items():
                self._hear(Delta(snapshot.seq, view, key, row))

    def stop(self) -> None:
        """Hears no more."""
        if self._subscription is not None:
            self._subscription.close()

    def take(self) -> Heard:
        """What changed since the last time."""
        with self._lock:
            heard, self._heard = self._heard, Heard()
            return heard

    def _hear(self, delta: Delta) -> None:
        with self._lock:
            heard, row = self._heard, delta.row
            if delta.view == "swarm":
                heard.swarms.append(row or {})
                del heard.swarms[:-SWARMS_KEPT]
            elif row is None:
                return
            elif delta.view == "samples":
                heard.samples.append(row)
            elif delta.view == "pods":
                heard.pods = True
            elif delta.view in BY_KEY:
                heard.by_view[delta.view][delta.key] = row
