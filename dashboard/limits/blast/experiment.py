"""One experiment at a time: created, followed every second, stopped for certain, and every pod of it seen to be gone.

What a browser sees is the row `current` of the view `blast`; the last result of each variant is a row beside it. It
decides no rails: `rails.py` says what must be so before, the turn and the record are handed in.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.limits.blast import judging, picture
from dashboard.limits.blast.control import Control
from dashboard.limits.blast.objects import collection, owned_by, path
from dashboard.limits.blast.plan import BlastPlan
from dashboard.limits.blast.variants import DEADLINE_S
from dashboard.store.times import iso, seconds

log = logging.getLogger(__name__)

START_S = 90.0
"""Seconds for the pods to start and all to answer."""
SILENCE_S = 12.0
NODES_EVERY_S = 5.0
REMOVE_EVERY_S = 5.0
"""Until its pods are gone everything is deleted again, for the cluster may have been away the first time."""
CLEANING_S = 60.0
"""Seconds after which pods that are still there are told of."""
NONE: Mapping[str, Any] = {"state": "none"}
PHASES = {
    "waiting": "starting: its pods are waited for",
    "before": "all answer; the leak begins in a moment",
    "leaking": "it leaks",
    "after": "looking on until all answer again",
    "over": "over; everything is being removed",
}
Row = dict[str, Any]


@dataclass(slots=True)
class _Running:
    plan: BlastPlan
    control: Control
    objects: list[Row]
    born: float
    heard: float
    document: Row = field(default_factory=dict)
    pods: list[Row] = field(default_factory=list)
    died: dict[str, Row] = field(default_factory=dict)
    started_at: str = ""
    ending: tuple[str, str | None] | None = None
    """State and reason it ends with, once its objects are deleted and only its pods are waited for."""
    ended_at: float = 0.0
    removed_at: float = 0.0
    stopped_by: str | None = None
    nodes_at: float = 0.0


@dataclass(slots=True)
class Experiment:
    """`publish(key, row)` shows a row; `ended(plan, row, by)` gives the turn back and keeps the record; `keep` the
    result. `pressed()` names nodes short of memory; `now` an ISO time, `clock` seconds."""

    cluster: Any
    publish: Callable[[str, Mapping[str, Any]], None]
    keep: Callable[[str, Mapping[str, Any]], None]
    pressed: Callable[[], Any]
    now: Callable[[], str]
    clock: Callable[[], float]
    ended: Callable[[BlastPlan, Mapping[str, Any], str], None] = lambda _plan, _row, _by: None
    _running: _Running | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refuse_if_active(self) -> None:
        """Raises Refused while one is followed here."""
        running = self._running
        if running is not None:
            raise Refused(f"An experiment is running already, started by {running.plan.by}; stop it first.", status=409)

    def begin(self, plan: BlastPlan, token: str, objects: list[Row]) -> None:
        """Creates everything and follows it. Raises Refused, and leaves nothing behind, when the cluster refuses."""
        with self._lock:
            self.refuse_if_active()
            created: list[Row] = []
            job: Row = {}
            try:
                for each in objects:
                    job = self.cluster.create(collection(each), each)
                    created.append(each)
                # What belongs to it goes with its Job, which the cluster removes after its end without being asked.
                for each in objects:
                    if each["kind"] != "Job":
                        self.cluster.patch(path(each), owned_by(job))
            except errors.ApiError as error:
                self._remove(objects[: len(created) + 1])  # the one that failed may be there all the same
                raise Refused(f"The experiment could not be created: {error.message}.", status=409) from error
            now = self.clock()
            running = _Running(plan, Control(self.cluster, plan.blast_id, token), objects, now, now)
            running.started_at = self.now()
            self._running = running
            self.publish("current", self._row(running, "starting"))

    def forget(self) -> None:
        """Another cluster answers: what runs in the one before ends by itself, since nobody looks on."""
        self._running = None
        self.publish("current", NONE)

    def stop(self, *, by: str) -> None:
        """Ends it now. Raises Refused when there is none."""
        running = self._running
        if running is None:
            raise Refused("No experiment is running.", status=409)
        self._stop(running, by=by, why=f"stopped by {by}")

    def tick(self) -> None:
        """One look; called every second. Does nothing when there is none."""
        running = self._running
        if running is None:
            return
        seen = self._look_at_pods(running)
        if running.ending is not None:
            if seen:
                self._wait_for_the_end(running)
            return
        if running.stopped_by is not None:
            return  # whoever stops it is just ending it
        document = self._ask(running)
        now = self.clock()
        if document is not None:
            running.document, running.heard = document, now
        phase = str(running.document.get("phase") or "waiting")
        if phase == "over":
            reason = str(running.document.get("reason") or "")
            self._end(
                running, "done" if running.document.get("marks", {}).get("leaking") is not None else "failed", reason
            )
        elif phase == "waiting" and now - running.born > START_S:
            self._end(running, "failed", f"its pods did not answer within {START_S:.0f} s; look at them in `load`")
        elif running.document and now - running.heard > SILENCE_S:
            self._end(running, "failed", f"the prober has not answered for {SILENCE_S:.0f} s")
        elif self._is_pressed(running, now):
            self._stop(running, by="guard rail", why="a node is short of memory")
        else:
            self.publish("current", self._row(running, "starting" if phase == "waiting" else "running"))

    def _is_pressed(self, running: _Running, now: float) -> bool:
        if now - running.nodes_at < NODES_EVERY_S:
            return False
        running.nodes_at = now
        return bool(self.pressed())

    def _ask(self, running: _Running) -> Row | None:
        try:
            return running.control.state()
        except errors.ApiError as error:
            log.warning("experiment %s does not tell its record: %s", running.plan.blast_id, error)
            return None

    def _look_at_pods(self, running: _Running) -> bool:
        """Whether they are told; pods that nobody tells of are not gone."""
        try:
            running.pods = running.control.pods()
        except errors.ApiError as error:
            log.warning("the pods of experiment %s are not told: %s", running.plan.blast_id, error)
            return False
        if running.ending is None:  # what ends afterwards is ended by us
            running.died |= {each["key"]: each for each in judging.deaths(running.pods)}
        return True

    def _stop(self, running: _Running, *, by: str, why: str) -> None:
        if running.ending is None:
            running.stopped_by = by
            try:
                running.document = running.control.stop() or running.document
            except errors.ApiError as error:
                log.warning("the prober does not take the stop, its pods are deleted: %s", error)
            finally:
                self._end(running, "stopped", why)

    def _end(self, running: _Running, state: str, reason: str | None) -> None:
        """Deletes everything; it is over when its pods are gone."""
        self._remove(running.objects)
        if running.ending is None:  # of two who stop it at once the first one counts
            running.ended_at = running.removed_at = self.clock()
            running.ending = (state, reason)
            self.publish("current", self._row(running, "cleaning"))

    def _wait_for_the_end(self, running: _Running) -> None:
        assert running.ending is not None  # noqa: S101 - the caller looked
        if running.pods:
            now = self.clock()
            if now - running.removed_at >= REMOVE_EVERY_S:
                running.removed_at = now
                self._remove(running.objects)
            late = now - running.ended_at > CLEANING_S
            self.publish("current", {**self._row(running, "cleaning"), "late": late})
            return
        state, _ = running.ending
        row = {**self._row(running, state), "cleaned_at": self.now()}
        self._running = None
        self.publish("current", row)
        if state == "done":
            self.publish(running.plan.variant.id, row)
            self.keep(running.plan.variant.id, row)
        self.ended(running.plan, row, running.stopped_by or "nobody")

    def _remove(self, objects: list[Row]) -> None:
        for each in reversed(objects):
            try:
                self.cluster.delete(path(each))
            except errors.NotFound:
                continue
            except errors.ApiError as error:
                log.warning("%s is left, its deadline ends it: %s", path(each), error)

    def _row(self, running: _Running, state: str) -> Row:
        plan, document = running.plan, running.document
        died = sorted(running.died.values(), key=lambda each: str(each["at"]))
        found = judging.parties(plan.variant, document, died)
        over = state in ("done", "stopped", "failed", "cleaning")
        return {
            "id": plan.blast_id,
            "state": state,
            "variant": plan.variant.id,
            "title": plan.variant.title,
            "shared": plan.variant.shared,
            "bound": plan.bound.sentence,
            "phase": PHASES["over"] if state == "cleaning" else PHASES.get(str(document.get("phase") or "waiting"), ""),
            "by": plan.by,
            "started_at": running.started_at,
            "ends_at": iso((seconds(running.started_at) or 0.0) + DEADLINE_S) if running.started_at else None,
            "reason": running.ending[1] if running.ending else None,
            "sentence": judging.sentence(found, died, plan.bound, over=over),
            "lesson": judging.lesson(plan.variant, found, died, plan.bound, document) if over and document else "",
            "parties": found,
            "deaths": died,
            "picture": picture.draw(plan.variant, document, plan.bound),
            "cleaned_at": None,
            "late": False,
        }
