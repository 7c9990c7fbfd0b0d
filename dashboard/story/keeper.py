"""Writes the story to its file as it is told, and gives it back at the start. Called each second.

Whatever happens to the disk, the story goes on in memory: then the view `story_kept` says so, and what could not be
written is tried again as long as there is not too much of it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dashboard.errors import Refused
from dashboard.kept.database import NotWritten
from dashboard.store import flags, story
from dashboard.store.times import iso
from dashboard.store.views import Delta, Subscription, Views
from dashboard.story.archive import StoryArchive

log = logging.getLogger(__name__)

VIEW = "story_kept"
PENDING_MAX = 5000
"""Lines that wait for a disk; beyond that the oldest are lost."""
PATIENCE_S = 5.0
"""Seconds until a disk that did not take it is tried again."""
BUSY_MAX_S = 60.0
"""Seconds for which another process may hold the file."""
FORGET_S = 600.0
"""How often too many or too old lines are forgotten."""

Row = Mapping[str, Any]


class Told(Protocol):
    """As much of the story as is needed here."""

    def restore(self, rows: Iterable[Row], flagged: Iterable[Row] = ()) -> None: ...
    def forget(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Keep:
    """How many lines are kept, and for how long."""

    count: int = 50_000
    days: int = 30


class Keeper:
    """`server`: the API server's address. `now` is the wall clock, `clock` counts seconds. Thread-safe."""

    def __init__(
        self,
        archive: StoryArchive,
        views: Views,
        told: Told,
        *,
        server: str,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        keep: Keep | None = None,
    ) -> None:
        self.archive = archive
        self.keep = keep or Keep()
        self._views, self._told, self._server = views, told, server
        self._now, self._clock = now, clock
        self._cluster: str | None = None
        self._is_known = False
        self._pending: dict[tuple[str, str], dict[str, Any]] = {}
        self._lost = 0
        self._due = self._forget_due = 0.0
        self._busy_since: float | None = None
        self._trouble: str | None = None
        self._subscription: Subscription | None = None
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    @property
    def cluster(self) -> str | None:
        """Whose story it is; the one last seen at this address until the cluster itself has answered."""
        return self._cluster

    def start(self) -> None:
        """Gives back what was told of the cluster that was last seen here, and begins to listen."""
        try:
            self._cluster = self.archive.cluster_at(self._server)
            self._forget_old()
        except Refused as problem:
            self._complain(problem)
        self._restore()
        self._subscription = self._views.subscribe(self._hear)[1]
        self._publish()

    def on_cluster(self, cluster: str) -> None:
        """The cluster has answered, for the first time or as another one; before anything of it is told."""
        if self._is_known and cluster == self._cluster:
            return
        was, self._is_known = self._cluster, True
        if was not in (None, cluster):
            self._write(was)
            self._told.forget()
        self._cluster = cluster
        if was != cluster:
            self._restore()
        try:
            self.archive.seen(cluster, server=self._server, at=self._now())
        except Refused as problem:
            self._complain(problem)

    def tick(self) -> None:
        """Writes what the last second brought."""
        if self._views.get(VIEW, "current") is None:  # the views were emptied, for another cluster
            self._publish()
        if self._clock() >= self._due:
            self._write(self._cluster)
        if self._clock() >= self._forget_due and self._trouble is None:
            try:
                self._forget_old()
            except Refused as problem:
                log.warning("old lines of the story are kept for now: %s", problem.sentence)

    def stop(self) -> None:
        """Writes the rest and lets go of the file."""
        if self._subscription is not None:
            self._subscription.close()
        self._write(self._cluster)
        self.archive.close()

    def explained(self, key: str, total: Any) -> None:
        """The sum of a scale decision, beside its line."""
        with self._lock:
            self._add(key, {"id": key, "sum": total})

    def _hear(self, delta: Delta) -> None:
        if delta.row is None:
            return
        with self._lock:
            if delta.view == story.VIEW:
                self._add(delta.key, delta.row)
            elif delta.view == flags.VIEW:
                self._add(delta.key, {"id": delta.key, "flag": delta.row["text"]})

    def _add(self, key: str, row: Row) -> None:
        """Under the lock. What is only a part of a line comes after it, and may find it written already."""
        place = (self._cluster or "", key)
        self._pending[place] = {**self._pending.get(place, {}), **row}
        while len(self._pending) > PENDING_MAX:
            del self._pending[next(iter(self._pending))]
            self._lost += 1

    def _write(self, cluster: str | None) -> None:
        """Everything that waits. Before a cluster was ever seen here nobody knows whose it is."""
        if cluster is None:
            return
        with self._writing:
            with self._lock:
                taken, self._pending = self._pending, {}
            by_cluster: dict[str, list[Row]] = {}
            for (whose, _), row in taken.items():
                by_cluster.setdefault(whose or cluster, []).append(row)
            try:
                for whose, rows in by_cluster.items():
                    self.archive.write(whose, rows)
            except Refused as problem:
                self._keep_waiting(taken)
                self._put_off(problem)
                return
        self._busy_since = None
        if taken and self._trouble is not None:
            self._trouble = None
            self._publish()

    def _keep_waiting(self, taken: dict[tuple[str, str], dict[str, Any]]) -> None:
        with self._lock:
            later, self._pending = self._pending, taken
            for place, row in later.items():
                self._pending[place] = {**self._pending.get(place, {}), **row}

    def _put_off(self, problem: Refused) -> None:
        """That another process is writing is no trouble yet."""
        now = self._clock()
        self._busy_since = now if self._busy_since is None else self._busy_since
        is_busy = isinstance(problem, NotWritten) and problem.is_busy
        if not is_busy or now - self._busy_since >= BUSY_MAX_S:
            self._due = now + PATIENCE_S
            self._complain(problem)

    def _restore(self) -> None:
        if self._cluster is None:
            return
        try:
            flagged = self.archive.flagged(self._cluster, most=flags.MOST)
            newest = self.archive.newest(self._cluster, most=story.MOST)
        except Refused as problem:
            self._complain(problem)
            return
        self._told.restore(newest, flagged)

    def _forget_old(self) -> None:
        self._forget_due = self._clock() + FORGET_S
        self.archive.retain(count=self.keep.count, days=self.keep.days, now=self._now())

    def _complain(self, problem: Refused) -> None:
        if self._trouble != problem.sentence:
            log.warning("the story is not kept: %s", problem.sentence)
            self._trouble = problem.sentence
            self._publish()

    def _publish(self) -> None:
        lost = f" {self._lost} lines are lost to it." if self._lost else ""
        sentence = f"The story goes on, but is not kept beyond this process. {self._trouble}{lost}"
        self._views.put(
            VIEW, "current",
            {
                "state": "unavailable" if self._trouble else "kept", "since": iso(self._now().timestamp()),
                "sentence": sentence if self._trouble else None, "count": self.keep.count, "days": self.keep.days,
            },
        )  # fmt: skip
