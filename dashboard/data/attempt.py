"""One kill of the primary, from the first test write to the verdict. Whoever starts it has asked every rail before.

It kills once, by the pod's uid, and only after the app has confirmed test writes. Whatever goes wrong afterwards is
told, and nothing more is changed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashboard.data import kill_row, outage, words
from dashboard.data.asking import NAMESPACE
from dashboard.data.kill_plan import KillPlan
from dashboard.data.kill_row import Facts
from dashboard.data.picture import Picture
from dashboard.data.writing import Markers, Writing
from dashboard.errors import Refused
from dashboard.kube import errors

log = logging.getLogger(__name__)

CONFIRMED_FIRST = 20
BASELINE_S = 20.0
CALM_S = 1.5
"""After everything is well again the writes go on so long, so that the end of the outage is not its last moment."""
LOOK_S = 0.4
READ_TRIES = 10
UNEXPECTED = "Something unexpected went wrong in the dashboard; its log has the details. Look at the pods of the set."


@dataclass(slots=True)
class Attempt:
    """`look` asks the agents now; `publish` takes the row; `killed` is told right after the API took the delete.

    `now` is the wall clock, `clock` counts seconds, `sleep` waits.
    """

    plan: KillPlan
    client: Any
    markers: Markers
    writing: Writing
    look: Callable[[], Picture]
    publish: Callable[[Mapping[str, Any]], None]
    killed: Callable[[], None]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    facts: Facts = field(init=False)
    _killed_wall: datetime | None = None

    def __post_init__(self) -> None:
        plan = self.plan
        self.facts = Facts(plan.kill_id, plan.by, plan.pod, "measuring", started_at=_iso(self.now()))

    def run(self) -> Mapping[str, Any]:
        """The row at the end, whatever the end is."""
        self._tell()
        try:
            self._measure()
            self._verify()
            self._tell(state="done")
        except Refused as refusal:
            self._tell(state="failed", error=refusal.sentence)
        except errors.SignInAgain as error:
            self._tell(state="failed", error=error.message)
        except errors.ApiError as error:
            self._tell(state="failed", error=f"The cluster does not answer as it should: {error.message}")
        except Exception:  # the outermost frame of a thread: without this the page would show it under way for ever
            log.exception("the kill of %s did not go to its end", self.plan.pod)
            self._tell(state="failed", error=UNEXPECTED)
        return self._row()

    def _measure(self) -> None:
        self.writing.start()
        try:
            self._baseline()
            self._kill()
            self._recover()
        finally:
            self.writing.stop()

    def _baseline(self) -> None:
        end = self.clock() + BASELINE_S
        while outage.counts(self.writing.written())["confirmed"] < CONFIRMED_FIRST:
            if self.clock() > end:
                counts = outage.counts(self.writing.written())
                raise Refused(
                    f"The app confirmed {counts['confirmed']} of {counts['sent']} test writes within "
                    f"{BASELINE_S:.0f} s, so nothing was killed. Look at the app's pods first.",
                    status=503,
                )
            self.sleep(LOOK_S)
            self._tell()

    def _kill(self) -> None:
        path = f"/api/v1/namespaces/{NAMESPACE}/pods/{self.plan.pod}"
        self._killed_wall = self.now()
        self._tell(state="killing", killed=self.clock(), killed_at=_iso(self._killed_wall))
        try:
            self.client.delete(path, uid=self.plan.uid, grace_period_seconds=0)
        except errors.SignInAgain as error:
            raise self._unkilled(f"{error.message} Nothing was killed.") from error
        except errors.Forbidden as error:
            needs = f" It {error.rule.sentence}." if error.rule else ""
            raise self._unkilled(f"The cluster does not allow killing the pod.{needs}") from error
        except (errors.Conflict, errors.NotFound) as error:
            raise self._unkilled(f"{self.plan.pod} was replaced at this moment, so nothing was killed.") from error
        except errors.ApiError as error:
            told = f"The cluster did not say whether it killed {self.plan.pod}: {error.message}. Look at the pod."
            raise self._unkilled(told) from error
        self.killed()

    def _unkilled(self, sentence: str) -> Refused:
        self.facts = replace(self.facts, killed=None, killed_at=None)
        return Refused(sentence, status=409)

    def _recover(self) -> None:
        """Until there is a primary, writes are confirmed and the killed member is back; or until patience ends."""
        self._tell(state="recovering")
        assert self.facts.killed is not None  # noqa: S101 - the kill set it
        end = self.facts.killed + kill_row.RECOVERY_S
        while self.clock() < end:
            self._notice(self.look())
            self._tell()
            if self.facts.back is not None and self.facts.elected is not None and self._is_writable():
                self.sleep(CALM_S)
                return
            self.sleep(LOOK_S)

    def _is_writable(self) -> bool:
        """The newest answer is a confirmation, and the gap after the kill, if there was one, has ended."""
        writes = self.writing.written()
        found = outage.outage(writes, killed=self.facts.killed or 0.0)
        return bool(writes) and writes[-1].outcome == "confirmed" and (found is None or found.end is not None)

    def _notice(self, seen: Picture) -> None:
        killed = self.facts.killed or 0.0
        primary, member = seen.primary, seen.find(self.plan.pod)
        own = primary.own if primary else None
        if self.facts.elected is None and primary is not None and own is not None and (own.term or 0) > self.plan.term:
            at = own.election.at if own.election else None
            reason = own.election.reason if own.election else None
            self.facts = replace(self.facts, elected=self._since(at), new_primary=primary.name, reason=reason)
        reborn = member is not None and member.pod is not None and member.pod.get("uid") != self.plan.uid
        if self.facts.back is None and reborn and member is not None and member.own and member.state in words.ALIVE:
            self.facts = replace(self.facts, back=self.clock() - killed)

    def _since(self, told: str | None) -> float:
        """Seconds from the kill to what mongod tells the moment of; until now where its clock is not ours."""
        until_now = self.clock() - (self.facts.killed or 0.0)
        moment = words.parsed(told)
        if moment is None or self._killed_wall is None:
            return until_now
        by_mongod = (moment - self._killed_wall).total_seconds()
        return by_mongod if 0 <= by_mongod <= until_now else until_now

    def _verify(self) -> None:
        self._tell(state="verifying")
        for left in reversed(range(READ_TRIES)):
            try:
                stored = self.markers.stored()
                break
            except Refused:
                if not left:
                    raise
                self.sleep(1.0)
        self._tell(verdict=outage.verdict(self.writing.written(), stored))

    def _tell(self, **changes: Any) -> None:
        self.facts = replace(self.facts, **changes, looked=self.clock())
        self.publish(self._row())

    def _row(self) -> dict[str, Any]:
        return kill_row.row(self.facts, self.writing.written())


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
