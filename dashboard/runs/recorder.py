"""Records every swarm as a run, from the minute before it until the replicas are back. Called each second.

Whatever happens to the disk, nothing else may stop working: then the run is cut off, the view `recording` and the
story say so, and the next swarm is tried again.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.errors import Refused
from dashboard.kept.database import NotWritten
from dashboard.runs.archive import Archive, Batch
from dashboard.runs.gathering import Scaled
from dashboard.runs.listening import Heard, Listener
from dashboard.runs.recording import BEFORE_S, Recording
from dashboard.store.times import iso
from dashboard.store.views import Views

log = logging.getLogger(__name__)

VIEW = "recording"
BEGUN = frozenset({"starting", "running"})
BUSY_MAX_S = 60.0
"""Seconds for which a run is kept in memory while another process holds the file."""
OTHER_CLUSTER = "The swarm was lost from sight: the cluster became another one."
STOPPED = "The dashboard was stopped while this was recorded."

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Keep:
    """How many runs are kept, and for how long."""

    count: int = 200
    days: int = 90


class Recorder:
    """`note(kind, sentence)` tells the story; `now` is the wall clock, `clock` counts seconds."""

    def __init__(
        self,
        archive: Archive,
        views: Views,
        scaled: Scaled,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        *,
        note: Callable[[str, str], None],
        keep: Keep | None = None,
    ) -> None:
        self.archive = archive
        self._views, self._scaled, self._now, self._clock = views, scaled, now, clock
        self._note, self._keep = note, keep or Keep()
        self._listener = Listener(views)
        self._before: deque[Row] = deque(maxlen=round(BEFORE_S * 1.5))
        self._recording: Recording | None = None
        self._run_id = ""
        self._pending = Batch()
        self._unwritten: dict[str, Batch] = {}
        self._busy_since: float | None = None
        self._done: str | None = None
        self._is_started = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Marks what a killed process left, forgets what is too old, begins to listen."""
        with self._lock:
            self._publish("idle")
            try:
                self.archive.open()
                for run_id in self.archive.recover():
                    log.warning("run %s was interrupted; what was recorded of it is kept", run_id)
                self.archive.retention(count=self._keep.count, days=self._keep.days, now=self._now())
            except Refused as problem:
                self._complain("unavailable", f"Runs are not recorded. {problem.sentence}")
            self._listener.start()
            self._is_started = True

    def tick(self) -> None:
        """What the last second brought."""
        with self._lock:
            if not self._is_started:
                return
            if self._views.get(VIEW, "current") is None:  # the views were emptied, for another cluster
                self._publish("idle")
            self._write_ends()
            heard = self._listener.take()
            self._before.extend(heard.samples)
            for swarm in heard.swarms:
                self._follow(swarm, heard)
            if self._recording is not None:
                self._go_on(self._recording, heard)

    def stop(self) -> None:
        """Ends what is being recorded; it stays readable."""
        with self._lock:
            if self._is_started and self._recording is not None:
                heard = self._listener.take()
                for swarm in heard.swarms:  # the last one may hold the totals
                    if swarm.get("id") == self._recording.swarm_id:
                        self._recording.follow(swarm, now=self._now().timestamp(), clock=self._clock())
                self._finish(self._recording, heard, state="interrupted", error=STOPPED)
            self._is_started = False
            self._listener.stop()
            self.archive.close()

    def _follow(self, swarm: Row, heard: Heard) -> None:
        recording, swarm_id = self._recording, swarm.get("id")
        if recording is not None and swarm_id == recording.swarm_id:
            recording.follow(swarm, now=self._now().timestamp(), clock=self._clock())
            return
        if recording is not None and recording.has_stopped:
            self._finish(recording, heard, state="complete")
        elif recording is not None:
            self._finish(recording, heard, state="interrupted", error=OTHER_CLUSTER)
        if swarm_id and swarm_id != self._done and swarm.get("state") in BEGUN:
            self._begin(swarm)

    def _begin(self, swarm: Row) -> None:
        now = self._now()
        recording = Recording(self._views, self._scaled, swarm, now=now.timestamp())
        first = recording.first(self._before, now=now.timestamp())
        self._done = recording.swarm_id
        try:
            run_id = self.archive.begin(first.run, Batch(first.rows), at=now)
        except Refused as problem:
            self._complain("unavailable", f"This run is not recorded. {problem.sentence}")
            return
        if run_id is not None:
            self._recording, self._run_id, self._pending, self._busy_since = recording, run_id, Batch(), None
            recording.follow(swarm, now=now.timestamp(), clock=self._clock())
            self._publish("recording")

    def _go_on(self, recording: Recording, heard: Heard) -> None:
        now, clock = self._now().timestamp(), self._clock()
        self._pending.join(recording.gather(heard, now=now, clock=clock))
        if recording.is_over(now=now, clock=clock):
            self._finish(recording, Heard(), state="complete")
            return
        try:
            self.archive.write(self._run_id, self._pending)
        except NotWritten as problem:
            self._busy_since = clock if self._busy_since is None else self._busy_since
            if not problem.is_busy or clock - self._busy_since >= BUSY_MAX_S:
                self._cut_off(problem)
            return
        self._pending, self._busy_since = Batch(), None

    def _finish(self, recording: Recording, heard: Heard, *, state: str, error: str | None = None) -> None:
        now, clock = self._now().timestamp(), self._clock()
        batch = self._pending.join(recording.gather(heard, now=now, clock=clock))
        batch.run.update(state=state, finished_at=iso(now), error=error)
        try:
            self.archive.finish(self._run_id, batch)
        except NotWritten as problem:
            if not problem.is_busy:
                self._cut_off(problem)
                return
            self._unwritten[self._run_id] = batch
        self._leave()
        self._publish("idle")
        self._forget_old()

    def _cut_off(self, problem: Refused) -> None:
        """What could not be written is lost; that it is lost is written when the disk takes it."""
        sentence = f"Recording of this run has stopped; what came before is kept. {problem.sentence}"
        last = {"state": "truncated", "finished_at": iso(self._now().timestamp()), "error": sentence}
        self.archive.give_way()
        self._unwritten[self._run_id] = Batch(run=last)
        self._complain("truncated", sentence)
        self._leave()
        self._write_ends()

    def _leave(self) -> None:
        self._recording, self._pending, self._run_id = None, Batch(), ""

    def _write_ends(self) -> None:
        """The ends of runs that the disk did not take, tried again each second."""
        for run_id, last in list(self._unwritten.items()):
            with contextlib.suppress(Refused):
                self.archive.finish(run_id, last)
                del self._unwritten[run_id]

    def _forget_old(self) -> None:
        try:
            self.archive.retention(count=self._keep.count, days=self._keep.days, now=self._now())
        except Refused as problem:
            log.warning("old runs are kept for now: %s", problem.sentence)

    def _complain(self, state: str, sentence: str) -> None:
        log.warning("%s", sentence)
        self._publish(state, sentence)
        self._note("warning", sentence)

    def _publish(self, state: str, sentence: str | None = None) -> None:
        row = {
            "state": state, "run_id": self._run_id or None, "since": iso(self._now().timestamp()), "sentence": sentence,
        }  # fmt: skip
        self._views.put(VIEW, "current", row)
