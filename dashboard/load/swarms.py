"""One swarm at a time: creates its workloads, follows it every second, stops it for certain, removes it.

What a browser sees of it is the row `current` of the view `swarm`. Stop is verified: the swarm counts as stopped
only when it has no load users and sends no requests, or when its pods are gone. Where our own account changes nothing
it is changed in the name of those who asked for it. While none of them is signed in it is only looked at, and one that
has to end is left to its own switch: it is ended by being asked no more.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.kube.credential import acting_as, writing_as
from dashboard.kube.lending import Lent
from dashboard.load import adoption, looking, outcome, row
from dashboard.load.control import Control
from dashboard.load.creation import Creation
from dashboard.load.guard import GUARD, Guard
from dashboard.load.outcome import Outcome
from dashboard.load.refusals import asking
from dashboard.load.request import users_and_rate
from dashboard.load.row import NONE
from dashboard.load.swarm import Swarm, left, unread
from dashboard.settings import Target

log = logging.getLogger(__name__)

ACTIVE = frozenset({"starting", "running", "stopping"})
START_DEADLINE_S = 120
STOP_DEADLINE_S = 15
SILENCE_S = 20
"""Seconds without an answer from the master after which a running swarm counts as lost."""
DOUBT_S = 2
"""Seconds without an answer after which the master's Job is asked whether it is over."""

AFTER_ITS_TIME = "the duration is over"
"""The master's reason for an end that nobody asked for."""


@dataclass(slots=True)
class Swarms:
    """`publish` takes the row; `note(kind, sentence)` tells the story; `clock` counts seconds; `targets` by id.

    `only_reads`: whether our own account changes nothing.
    """

    cluster: Any
    creation: Creation
    guard: Guard
    targets: Mapping[str, Target]
    publish: Callable[[Mapping[str, Any]], None]
    note: Callable[..., None]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    refused: Callable[[errors.ApiError | None], None] = lambda _error: None
    """Hears whether the swarm's master may be asked."""
    only_reads: bool = False
    _swarm: Swarm | None = None
    _over: str | None = None
    """The last one that was seen to its end and that nobody could remove; its Job may still be there."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(
        self, swarm_id: str, token: str, asked: Mapping[str, Any], *, by: str, create: Callable[[], None]
    ) -> None:
        """Has it created and follows it from then on. Raises Refused while one is active, and what `create` raises."""
        with self._lock:
            self.refuse_if_active()
            create()
            born = {"id": swarm_id, "state": "starting", "started_at": _text(self.now()), "started_by": by, "by": by}
            self._follow(swarm_id, token, {**NONE, **asked, **born}).lent.take()

    def refuse_if_active(self) -> None:
        """Raises Refused while a swarm is followed."""
        swarm = self._swarm
        if swarm is not None:
            by = swarm.row.get("started_by") or "somebody"
            raise Refused(f"A swarm is active already, started by {by}; stop it first.", status=409)

    def stop(self, *, by: str) -> None:
        """Asks the swarm to end; `tick` verifies it. Without a swarm there is nothing to stop (Refused)."""
        swarm = self._swarm
        if swarm is None:
            raise Refused("No swarm is active.", status=409)
        swarm.lent.take()
        self._stop(swarm, by=by, why=None)

    def set_users(self, users: int, spawn_rate: float, *, by: str) -> None:
        """Changes the running swarm. Raises Refused when there is none, past a ceiling, or when it does not answer."""
        users_and_rate(users, spawn_rate)
        swarm = self._swarm
        if swarm is None or swarm.stop_asked is not None or swarm.ending is not None:
            raise Refused("No swarm is active.", status=409)
        with asking():
            if swarm.control.set_users(users, spawn_rate) is None:
                raise Refused("The swarm's master does not answer yet. Try again.", status=503)
        if swarm.lent.credential is None:
            swarm.lent.take()
        self.guard.changed(swarm.row, users=users, spawn_rate=spawn_rate, by=by)
        self.note("swarm", f"{users} load users from now on, set by {by}", by=by)

    def _stop(self, swarm: Swarm, *, by: str, why: str | None) -> None:
        if swarm.stop_asked is None:
            swarm.stop_asked, swarm.stopped_by, swarm.why = self.clock(), by, why
            swarm.row = {**swarm.row, "state": "stopping", "error": why and f"Stopped: {why}"}
            self.publish(swarm.row)
            self.guard.stopping(swarm.row, by=by, why=why)
            self.note("stop", f"Swarm stopped by the {by}: {why}" if why else f"Swarm stopped by {by}", by=by)
        self._tell_to_stop(swarm)

    @property
    def is_active(self) -> bool:
        """Whether a swarm is followed."""
        return self._swarm is not None

    def adopt(self) -> None:
        """Takes up a swarm that another process of the dashboard started; called now and then while there is none.

        Raises ApiError when the Jobs cannot be read.
        """
        if self._swarm is not None:
            return
        with acting_as(None):  # everybody sees it from then on, whoever's request it is
            urls = {target.id: target.url for target in self.targets.values()}
            found = adoption.running(self.cluster, urls, but=self._over)
        with self._lock:
            if found is not None and self._swarm is None:
                row = {**NONE, "id": found.id, "state": "starting", **found.asked}
                swarm = self._follow(found.id, found.token, row)
                if found.token is None:
                    self._leave(swarm, "stopped", *unread(found.denied or "it is denied"))
                    self.publish(swarm.row)

    def tick(self) -> None:
        """One look at the swarm; called every second. Does nothing when there is none."""
        swarm = self._swarm
        if swarm is not None:
            with writing_as(swarm.lent.credential):
                self._look(swarm)

    def _look(self, swarm: Swarm) -> None:
        document = None if swarm.ending else self._ask(swarm)
        if document is not None:
            swarm.heard, swarm.answered = self.clock(), True
            swarm.row = {
                **swarm.row,
                **row.told(document),
                "state": self._state(swarm, document),
            }
            self._look_for_harm(swarm, document)
        elif swarm.answered:
            swarm.row = {**swarm.row, **row.unknown()}
        self._settle(swarm, document)
        self.publish(swarm.row)

    def _look_for_harm(self, swarm: Swarm, document: Mapping[str, Any]) -> None:
        if swarm.stop_asked is None and document["state"] in ("starting", "running"):
            why = self.guard.harm(document)
            if why is not None:
                self._stop(swarm, by=GUARD, why=why)
                if swarm.lent.may_change:  # the master hears only that it is to stop
                    outcome.tell(self.cluster, Outcome(swarm.control.swarm_id, "stopped", f"Stopped: {why}"))

    def _state(self, swarm: Swarm, document: Mapping[str, Any]) -> str:
        state = str(document["state"])
        return "stopping" if swarm.stop_asked is not None and state in ("starting", "running") else state

    def _settle(self, swarm: Swarm, document: Mapping[str, Any] | None) -> None:
        """Ends the following when the swarm is over, lost, or overdue in stopping."""
        now, state = self.clock(), swarm.row["state"]
        if swarm.ending is not None:
            self._remove(swarm)  # again, for the cluster may have been away the first time
            if looking.is_gone(self.cluster, swarm.control.swarm_id, is_removed=swarm.lent.may_change):
                self._finish(swarm, *swarm.ending)
        elif document is not None and state in ("stopped", "failed"):
            self._end_as_told(swarm, document)
        elif document is None and now - swarm.heard > DOUBT_S and self._has_ended_elsewhere(swarm):
            self._give_up(swarm, "stopped", None)
        elif swarm.stop_asked is not None:
            if not swarm.answered:
                self._give_up(swarm, "stopped", None)
            elif now - swarm.stop_asked > STOP_DEADLINE_S:
                deleted = "; its pods were deleted" if swarm.lent.may_change else ""
                self._give_up(swarm, "stopped", f"the master did not confirm in time{deleted}")
            elif document is not None and (swarm.lent.may_change or document["state"] != "stopping"):
                self._tell_to_stop(swarm)
        elif document is None:
            self._settle_silence(swarm, now)

    def _end_as_told(self, swarm: Swarm, document: Mapping[str, Any]) -> None:
        """Once it is quiet."""
        if document.get("users") or document.get("rps"):
            return
        state, reason = document["state"], document.get("reason")
        before = outcome.told(self.cluster, swarm.control.swarm_id)
        error = reason if state == "failed" else before.error if before else None
        if swarm.lent.may_change:
            outcome.tell(self.cluster, Outcome(swarm.control.swarm_id, state, error, reason))
            self._remove(swarm)
        self._finish(swarm, state, error)

    def _settle_silence(self, swarm: Swarm, now: float) -> None:
        if now - swarm.heard > DOUBT_S and looking.master_is_over(self.cluster, swarm.control.swarm_id):
            self._give_up(swarm, "failed", "the master's pod has ended; its log may say why", is_over=True)
        elif not swarm.answered and now - swarm.born > START_DEADLINE_S:
            late = f"the master did not start within {START_DEADLINE_S} s; look at the pods in `load`"
            self._give_up(swarm, "failed", f"the master may not be asked: {swarm.denied}" if swarm.denied else late)
        elif swarm.answered and now - swarm.heard > SILENCE_S:
            self._give_up(swarm, "failed", f"the master has not answered for {SILENCE_S} s")

    def _give_up(self, swarm: Swarm, state: str, error: str | None, *, is_over: bool = False) -> None:
        """Nobody can confirm that it is quiet: its workloads are deleted, and it is over when its pods are gone.

        What another dashboard has told of the end holds here too. `is_over`: it needs nobody to end it.
        """
        ended = outcome.told(self.cluster, swarm.control.swarm_id)
        if ended is None and not is_over and not swarm.lent.may_change:
            self._leave(swarm, state, *left(error))
            return
        if ended is None:
            ended = Outcome(swarm.control.swarm_id, state, error, swarm.row.get("reason"))
            if swarm.lent.may_change:
                outcome.tell(self.cluster, ended)
        swarm.row = {**swarm.row, "reason": ended.reason}
        self._leave(swarm, ended.state, ended.error, ended.error)
        self._remove(swarm)

    def _leave(self, swarm: Swarm, state: str, meanwhile: str | None, error: str | None) -> None:
        """Its master is not asked any more, which ends it, too. `error`: what is told of it once it has ended."""
        swarm.ending = (state, error)
        swarm.row = {**swarm.row, "state": "stopping", "error": meanwhile}

    def _remove(self, swarm: Swarm) -> None:
        """As far as somebody may; the cluster does it where nobody is."""
        if swarm.lent.may_change and not self.creation.remove(swarm.control.swarm_id):
            swarm.lent.is_refused()

    def _has_ended_elsewhere(self, swarm: Swarm) -> bool:
        return outcome.told(self.cluster, swarm.control.swarm_id) is not None

    def _finish(self, swarm: Swarm, state: str, error: str | None) -> None:
        error = error or (swarm.why and f"Stopped: {swarm.why}")
        swarm.row = {**swarm.row, **row.over(state, error, at=_text(self.now()))}
        if swarm.stop_asked is None:
            told = error or swarm.row.get("reason")
            self.note(
                "stop", "Swarm ended after its time" if told in (None, AFTER_ITS_TIME) else f"Swarm ended: {told}"
            )
        self._swarm, self._over = None, None if swarm.lent.may_change else swarm.control.swarm_id
        target = self.targets.get(str(swarm.row.get("target")))
        self.guard.ended(
            swarm.row, target=target, by=swarm.stopped_by, why=error, may_tell=swarm.lent.may_change
        )  # fmt: skip

    def _ask(self, swarm: Swarm) -> dict[str, Any] | None:
        try:
            told = swarm.control.state()
        except errors.ApiError as error:
            self.refused(error)
            swarm.denied = error.rule.sentence if isinstance(error, errors.Forbidden) and error.rule else None
            log.warning("swarm %s does not tell its state: %s", swarm.control.swarm_id, error)
            return None
        self.refused(None)
        swarm.denied = None
        return told

    def _tell_to_stop(self, swarm: Swarm) -> None:
        try:
            if swarm.lent.may_change:
                swarm.control.stop()
        except (errors.Forbidden, errors.Unauthorized) as error:
            swarm.lent.is_refused()
            log.warning("swarm %s may not be told to stop: %s", swarm.control.swarm_id, error)
        except errors.ApiError as error:
            log.warning("swarm %s does not take the stop, asked again next second: %s", swarm.control.swarm_id, error)
        if not swarm.lent.may_change and swarm.ending is None:
            self._give_up(swarm, "stopped", swarm.row.get("error"))

    def _follow(self, swarm_id: str, token: str | None, row: dict[str, Any]) -> Swarm:
        control = Control(self.cluster, swarm_id, token)
        self.guard.watch(row.get("profile"))
        swarm = self._swarm = Swarm(control, row, born=self.clock(), heard=self.clock(), lent=Lent(self.only_reads))
        self.publish(row)
        return swarm


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
