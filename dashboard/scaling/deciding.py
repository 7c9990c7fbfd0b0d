"""Keeps the view `decisions`: each change of an HPA target's replicas with who made it, and each change of the reason.

It watches the rows of workloads, HPAs and explanations once a second, and hears of the rescales that Events tell.
What was before it began is told as far as Events and managedFields still know it. Reads only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.scaling import decision_rows, past
from dashboard.scaling.kept_decisions import Kept
from dashboard.scaling.managers import Author, author
from dashboard.scaling.rescales import Rescaled, Resized
from dashboard.store.times import seconds
from dashboard.store.views import Views

HEARD_MOST = 1000
"""Events that may wait for a tick; older ones are dropped."""
LASTING_S = 3.0
"""A reason that does not last as long is no moment of its own."""
TOLD_BY_A_CHANGE = frozenset({"scaling_up", "scaling_down", "manual_scale"})
"""States that come with a change of the replicas, which has a row already."""
LATE_S = 20.0
"""For so long after a change its explanation may come."""
PATIENCE_S = 60.0
"""For so long after the start the HPA of an Event may still have to be read."""
NEW_S = 5.0
"""A workload is made with its first number of replicas; that is no change of them."""

Row = Mapping[str, Any]
_Key = tuple[Any, Any, Any]


@dataclass(slots=True)
class _Known:
    """What an HPA's target and its explanation were at the last tick."""

    workload: str
    replicas: int
    state: str | None = None
    candidate: dict[str, Any] | None = None
    since: float = 0.0


@dataclass(slots=True)
class Decisions:
    """`now`: the wall clock."""

    views: Views
    now: Callable[[], datetime]
    _kept: Kept = field(init=False)
    _known: dict[str, _Known] = field(default_factory=dict)
    _unexplained: dict[str, int] = field(default_factory=dict)
    _heard: deque[tuple[str, Rescaled | Resized]] = field(default_factory=lambda: deque(maxlen=HEARD_MOST))
    _events: dict[str, None] = field(default_factory=dict)
    _resized: deque[Resized] = field(default_factory=lambda: deque(maxlen=HEARD_MOST))
    _epoch: str = ""
    _began: float = 0.0

    def __post_init__(self) -> None:
        self._kept = Kept(self.views)

    def hear(self, event: Rescaled | Resized) -> None:
        """What an Event tells of; taken in at the next tick, unless it is then of another cluster."""
        self._heard.append((self.views.epoch, event))

    def tick(self) -> None:
        """What the last second brought; called every second, after the explanations."""
        if self._epoch != self.views.epoch:  # another cluster has another past
            self._forget()
        now, hpas, whys = self.now().timestamp(), self.views.rows("hpas"), self.views.rows("why")
        self._began = self._began or now
        targets = _targets(self.views.rows("workloads").values())
        for uid, hpa in hpas.items():
            workload = targets.get(_key(hpa))
            if workload is not None and workload.get("replicas") is not None:
                self._look(uid, hpa, workload, whys.get(uid, {}), now=now)
        self._explain(hpas, whys, now=now)
        self._take_events(hpas, targets, now=now)
        for uid in [uid for uid in self._known if uid not in hpas]:
            del self._known[uid]

    def changed_by(self, uid: str) -> Row | None:
        """Who changed the replicas of an HPA's target last: {by, manager, before, after, at}."""
        changes = [row for row in self._kept.of(uid) if row["before"] != row["after"]]
        if not changes:
            return None
        last = max(changes, key=lambda row: str(row["t"]))
        return {**{name: last[name] for name in ("by", "manager", "before", "after")}, "at": last["t"]}

    def _look(self, uid: str, hpa: Row, workload: Row, why: Row, *, now: float) -> None:
        known, replicas = self._known.get(uid), int(workload["replicas"])
        if known is None or known.workload != workload["uid"]:
            self._known[uid] = _Known(workload["uid"], replicas, why.get("state"))
            self._take_past(hpa, workload)
            return
        if replicas != known.replicas:
            made = author(workload, hpa, at=now)
            at = self._moment(hpa, made, after=replicas, now=now)
            self._put_change(
                decision_rows.change(hpa, t=at, before=known.replicas, after=replicas, author=made, why=why)
            )
            known.replicas = replicas
        self._look_at_reason(known, hpa, why, now=now)

    def _moment(self, hpa: Row, made: Author, *, after: int, now: float) -> float:
        """When it was changed: just now, or, where nobody could watch for a while, when the API says it was."""
        last = max((seconds(row["t"]) or 0.0 for row in self._kept.of(str(hpa.get("uid")))), default=0.0)
        at = made.at
        if at is None and made.by == "hpa" and hpa.get("desired") == after:
            at = seconds(hpa.get("last_scale_at"))
        return at if at is not None and last < at <= now else now

    def _look_at_reason(self, known: _Known, hpa: Row, why: Row, *, now: float) -> None:
        """Another reason that has lasted is a moment of its own."""
        state = why.get("state")
        if state is None or state == known.state:
            known.candidate = None
            return
        if known.candidate is None or known.candidate["state"] != state:
            known.candidate = decision_rows.moment(hpa, t=now, replicas=known.replicas, why=why)
            known.since = now
        if now - known.since >= LASTING_S:
            if known.state is not None and state not in TOLD_BY_A_CHANGE:
                self._kept.put(known.candidate)
            known.state, known.candidate = state, None

    def _take_past(self, hpa: Row, workload: Row) -> None:
        """Who set the replicas before anybody watched, where it was not the HPA and managedFields say when."""
        made = author(workload, hpa, at=0.0)
        created = seconds(workload.get("created_at"))
        if made.by == "hpa" or made.manager is None or made.at is None or created is None or made.at < created + NEW_S:
            return
        after = int(workload["replicas"])
        self._kept.put(decision_rows.change(hpa, t=made.at, before=None, after=after, author=made, why={}, live=False))

    def _put_change(self, row: dict[str, Any]) -> None:
        """Its Event may have been faster; then this is that row with all that was missing."""
        twin = self._kept.twin(row["hpa"], after=row["after"], t=seconds(row["t"]) or 0.0)
        if twin is not None and twin["sum"] is None and row["by"] == "hpa":
            heard = [each for each in twin["evidence"] if each["kind"] == "Event"]
            row = {**decision_rows.with_evidence(row, heard), "id": twin["id"], "t": twin["t"]}
        self._kept.put(row)
        if row["by"] == "hpa":
            self._unexplained[row["id"]] = 2

    def _explain(self, hpas: Mapping[str, Row], whys: Mapping[str, Row], *, now: float) -> None:
        """The HPA writes its status after the change. Looked at twice, for the explanation comes after the status."""
        for key, left in list(self._unexplained.items()):
            row = self._kept.rows.get(key)
            hpa = hpas.get(row["hpa"]["uid"]) if row is not None else None
            if row is None or left <= 0 or now - (seconds(row["t"]) or 0.0) > LATE_S:
                del self._unexplained[key]
            elif hpa is not None and decision_rows.is_of_the_moment(hpa, row):
                self._kept.put(decision_rows.explained(row, hpa, whys.get(row["hpa"]["uid"], {})))
                self._unexplained[key] = left - 1

    def _take_events(self, hpas: Mapping[str, Row], targets: Mapping[_Key, Row], *, now: float) -> None:
        """In the order in which they happened. Of an HPA that is not there yet they are taken a little later."""
        rescaled: list[Rescaled] = []
        is_resized = False
        by_name = {(hpa.get("namespace"), hpa.get("name")): hpa for hpa in hpas.values()}
        for _ in range(len(self._heard)):
            epoch, event = self._heard.popleft()
            if epoch != self._epoch or event.key in self._events:
                continue
            if (
                isinstance(event, Rescaled)
                and (event.namespace, event.name) not in by_name
                and now < self._began + PATIENCE_S
            ):
                self._heard.append((epoch, event))
                continue
            self._events[event.key] = None
            if isinstance(event, Rescaled):
                rescaled.append(event)
            else:
                self._resized.append(event)
                is_resized = True
        for each in sorted(rescaled, key=lambda each: each.at):
            self._take_event(each, by_name.get((each.namespace, each.name)))
        if rescaled or is_resized:
            self._take_resized(hpas, targets)
        for key in list(self._events)[:-HEARD_MOST]:
            del self._events[key]

    def _take_resized(self, hpas: Mapping[str, Row], targets: Mapping[_Key, Row]) -> None:
        """What was done before anybody watched, and not by the HPA."""
        for uid, hpa in hpas.items():
            for row in self._kept.of(uid):
                before = self._size_before(hpa, row["after"], seconds(row["t"]) or 0.0)
                # By hand and by the HPA within a second looks like one change; the Deployment tells them apart.
                is_known_better = row["before"] is None or (row["by"] != "hpa" and row["before"] != row["after"])
                if is_known_better and before not in (None, row["before"]):
                    self._kept.put(decision_rows.corrected(row, before=before))
            workload = targets.get(_key(hpa), {})
            for each in past.by_others(hpa, self._kept.of(uid), self._resized, until=self._began):
                made = past.author_of(each, hpa=hpa, workload=workload, rows=self._kept.of(uid))
                self._kept.put(decision_rows.guessed(hpa, each, made))

    def _take_event(self, event: Rescaled, hpa: Row | None) -> None:
        about = {"namespace": event.namespace, "name": event.name}
        twin = self._kept.twin(about, after=event.size, t=event.at)
        if twin is not None:
            row = twin if twin["by"] == "hpa" else decision_rows.told(event, hpa=hpa, before=twin["before"])
            kept = {name: twin[name] for name in ("id", "t", "manager")}
            row = {**row, **kept, "evidence": twin["evidence"]}
            self._kept.put(decision_rows.with_evidence(row, [decision_rows.heard(event)]))
            return
        before = self._size_before(hpa or {}, event.size, event.at)
        if before is None:
            before = self._kept.size_at(event.at, about)
        self._kept.put(decision_rows.told(event, hpa=hpa, before=None if before == event.size else before))

    def _size_before(self, hpa: Row, after: int, at: float) -> int | None:
        target = hpa.get("target") or {}
        return past.size_before(
            after, at=at, namespace=hpa.get("namespace"), target=target.get("name"), resized=self._resized
        )

    def _forget(self) -> None:
        for gone in (self._kept.rows, self._known, self._unexplained, self._events, self._resized):
            gone.clear()
        self._epoch, self._began = self.views.epoch, 0.0


def _key(hpa: Row) -> _Key:
    """Of what an HPA scales."""
    target = hpa.get("target") or {}
    return hpa.get("namespace"), target.get("kind"), target.get("name")


def _targets(workloads: Iterable[Row]) -> dict[_Key, Row]:
    return {(row.get("namespace"), row.get("kind"), row.get("name")): row for row in workloads}
