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
from dashboard.kube.credential import writing_as
from dashboard.kube.lending import Lent
from dashboard.limits.blast import judging
from dashboard.limits.blast.adoption import Found
from dashboard.limits.blast.control import Control
from dashboard.limits.blast.following import Running, row_of
from dashboard.limits.blast.objects import collection, owned_by, path
from dashboard.limits.blast.plan import BlastPlan

log = logging.getLogger(__name__)

START_S = 90.0
"""Seconds for the pods to start and all to answer."""
SILENCE_S = 12.0
NODES_EVERY_S = 5.0
REMOVE_EVERY_S = 5.0
"""Until its pods are gone everything is deleted again, for the cluster may have been away the first time."""
CLEANING_S = 60.0
"""Seconds after which pods that are still there are told of."""
YIELD_S = 4.0
"""For which an experiment that is over is left to the dashboard that started it."""
UNREAD = "the dashboard that followed it went away, so it ended by itself, and its record with it"
NOBODY = "nobody is signed in who may end it, so it ends by itself, and the cluster removes it"
ELSEWHERE = "its pods were removed by somebody else"
NONE: Mapping[str, Any] = {"state": "none"}
Row = dict[str, Any]


@dataclass(slots=True)
class Experiment:
    """`publish(key, row)` shows a row; `ended(plan, row, by)` gives the turn back and keeps the record; `keep` the
    result. `pressed()` names nodes short of memory; `now` an ISO time, `clock` seconds. `only_reads`: our own account
    changes nothing, so while nobody who asked for it is signed in it is only looked at, and ends by itself."""

    cluster: Any
    publish: Callable[[str, Mapping[str, Any]], None]
    keep: Callable[[str, Mapping[str, Any]], None]
    pressed: Callable[[], Any]
    now: Callable[[], str]
    clock: Callable[[], float]
    ended: Callable[[BlastPlan, Mapping[str, Any], str], None] = lambda _plan, _row, _by: None
    only_reads: bool = False
    _running: Running | None = None
    _followed: set[str] = field(default_factory=set)
    """The ids of all that were followed here: what is left of them is not taken up again."""
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
            owner, *others = objects
            try:
                # The first Job is ended and removed by the cluster itself, and whatever else is there goes with it.
                job = self.cluster.create(collection(owner), owner)
                for each in others:
                    self.cluster.create(collection(each), owned_by(job, each))
            except errors.ApiError as error:
                self._delete(objects)  # the one that failed may be there all the same
                status = 401 if isinstance(error, errors.SignInAgain) else 409
                raise Refused(f"The experiment could not be created: {error.message}.", status=status) from error
            now = self.clock()
            running = Running(plan, Control(self.cluster, plan.blast_id, token), objects, now, now)
            running.started_at = self.now()
            self._follow(running)

    @property
    def is_active(self) -> bool:
        """Whether one is followed here."""
        return self._running is not None

    def take_up(self, found: Found, plan: BlastPlan, objects: list[Row], *, age_s: float) -> bool:
        """Follows one that another process of the dashboard started; without its token only its pods are looked at.
        False when one is followed already, or this one was before."""
        with self._lock:
            if self._running is not None or found.id in self._followed:
                return False
            now = self.clock()
            running = Running(plan, Control(self.cluster, found.id, found.token), objects, now - age_s, now)
            running.started_at, running.denied = found.started_at, found.denied
            running.is_taken_up, running.is_spent = True, found.is_over
            self._follow(running)
            return True

    def _follow(self, running: Running) -> None:
        running.lent = Lent(self.only_reads)
        if not running.is_taken_up:
            running.lent.take()
        self._running = running
        self._followed.add(running.plan.blast_id)
        self.publish("current", row_of(running, "starting"))

    def forget(self) -> None:
        """Another cluster answers: what runs in the one before ends by itself, since nobody looks on."""
        self._running = None
        self.publish("current", NONE)

    def stop(self, *, by: str) -> None:
        """Ends it now. Raises Refused when there is none."""
        running = self._running
        if running is None:
            raise Refused("No experiment is running.", status=409)
        running.lent.take()
        self._stop(running, by=by, why=f"stopped by {by}")

    def tick(self) -> None:
        """One look; called every second. Does nothing when there is none."""
        running = self._running
        if running is not None:
            with writing_as(running.lent.credential):
                self._look(running)

    def _look(self, running: Running) -> None:
        seen = self._look_at_pods(running)
        if running.ending is not None:
            if seen:
                self._wait_for_the_end(running)
            return
        if running.stopped_by is not None:
            return  # whoever stops it is just ending it
        document = self._ask(running)
        if document is not None:
            running.document, running.heard = document, self.clock()
        if running.document.get("phase") == "over":
            self._see_its_end(running)
        elif seen and running.are_gone:
            self._leave(running)
        else:
            self._judge(running)

    def _judge(self, running: Running) -> None:
        """Whether one that is not over has to be ended."""
        now, is_waiting = self.clock(), str(running.document.get("phase") or "waiting") == "waiting"
        if judging.has_no_prober(running.pods) or (running.is_spent and not running.pods):
            self._end(running, "failed", UNREAD if running.is_taken_up else "its prober has ended, its record with it")
        elif is_waiting and now - running.born > START_S and not running.denied:
            self._end(running, "failed", f"its pods did not answer within {START_S:.0f} s; look at them in `load`")
        elif running.document and now - running.heard > SILENCE_S:
            self._end(running, "failed", f"the prober has not answered for {SILENCE_S:.0f} s")
        elif self._is_pressed(running, now):
            self._stop(running, by="guard rail", why="a node is short of memory")
        else:
            self.publish("current", row_of(running, "starting" if is_waiting and not running.denied else "running"))

    def _see_its_end(self, running: Running) -> None:
        """One that was taken up may be followed by who started it, too, and that one ends it first."""
        now = self.clock()
        running.over_at = now if running.over_at is None else running.over_at
        if running.is_taken_up and now - running.over_at < YIELD_S and not running.are_gone:
            self.publish("current", row_of(running, "running"))
        elif running.is_taken_up and running.are_gone:
            self._leave(running)
        else:
            self._end(running, judging.end_of(running.document), str(running.document.get("reason") or ""))

    def _leave(self, running: Running) -> None:
        """Its pods are gone, and not by our hand: whoever ended it keeps the record, if it was not ours."""
        whole = running.document.get("phase") == "over"
        state = judging.end_of(running.document) if whole else "stopped"
        reason = str(running.document.get("reason") or "") if whole else ELSEWHERE
        if running.is_taken_up:
            self._running = None
            self._tell(running, {**row_of(running, state, reason), "cleaned_at": self.now()})
        else:
            self._end(running, state, reason)

    def _is_pressed(self, running: Running, now: float) -> bool:
        if now - running.nodes_at < NODES_EVERY_S:
            return False
        running.nodes_at = now
        return bool(self.pressed())

    def _ask(self, running: Running) -> Row | None:
        try:
            return running.control.state()
        except errors.ApiError as error:
            log.warning("experiment %s does not tell its record: %s", running.plan.blast_id, error)
            return None

    def _look_at_pods(self, running: Running) -> bool:
        """Whether they are told; pods that nobody tells of are not gone."""
        try:
            running.pods = running.control.pods()
        except errors.ApiError as error:
            log.warning("the pods of experiment %s are not told: %s", running.plan.blast_id, error)
            return False
        running.has_pods = running.has_pods or bool(running.pods)
        if running.ending is None:  # what ends afterwards is ended by us
            running.died |= {each["key"]: each for each in judging.deaths(running.pods)}
        return True

    def _stop(self, running: Running, *, by: str, why: str) -> None:
        if running.ending is None:
            running.stopped_by = by
            try:
                if running.lent.may_change:
                    running.document = running.control.stop() or running.document
            except errors.ApiError as error:
                log.warning("the prober does not take the stop, its pods are deleted: %s", error)
            finally:
                self._end(running, "stopped", why)

    def _end(self, running: Running, state: str, reason: str | None) -> None:
        """Deletes everything; it is over when its pods are gone."""
        self._remove(running)
        if running.ending is None:  # of two who stop it at once the first one counts
            if not running.lent.may_change and running.document.get("phase") != "over":
                reason = f"{reason}; {NOBODY}"
            running.ended_at = running.removed_at = self.clock()
            running.ending = (state, reason)
            self.publish("current", row_of(running, "cleaning"))

    def _wait_for_the_end(self, running: Running) -> None:
        assert running.ending is not None  # noqa: S101 - the caller looked
        if running.pods:
            now = self.clock()
            if now - running.removed_at >= REMOVE_EVERY_S:
                running.removed_at = now
                self._remove(running)
            late = now - running.ended_at > CLEANING_S
            self.publish("current", {**row_of(running, "cleaning"), "late": late})
            return
        state, reason = running.ending
        row = {**row_of(running, state, reason), "cleaned_at": self.now()}
        self._running = None
        self._tell(running, row)
        self.ended(running.plan, row, running.stopped_by or "nobody")

    def _tell(self, running: Running, row: Row) -> None:
        """The last row of one, which is kept as its variant's result when it ran its course."""
        self.publish("current", row)
        if row["state"] == "done":
            self.publish(running.plan.variant.id, row)
            self.keep(running.plan.variant.id, row)

    def _remove(self, running: Running) -> None:
        """As far as somebody may; the cluster does it where nobody is."""
        if running.lent.may_change and not self._delete(running.objects):
            running.lent.is_refused()

    def _delete(self, objects: list[Row]) -> bool:
        """False: whoever it is done for may not."""
        is_allowed = True
        for each in reversed(objects):
            try:
                self.cluster.delete(path(each))
            except errors.NotFound:
                continue
            except errors.ApiError as error:
                is_allowed = is_allowed and not isinstance(error, errors.Forbidden | errors.Unauthorized)
                log.warning("%s is left, its deadline ends it: %s", path(each), error)
        return is_allowed
