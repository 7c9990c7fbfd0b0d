"""Keeps the view `why` true: one explanation an HPA, told anew when what it is made of changes or a countdown ends."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashboard.scaling.explanation import explain, row_of, unexplained
from dashboard.scaling.moment import PERIOD_S, Moment, Seen
from dashboard.scaling.observing import observe
from dashboard.scaling.recent_events import RecentEvents
from dashboard.store.denied import is_denied
from dashboard.store.views import Views

log = logging.getLogger(__name__)

Row = Mapping[str, Any]
_Key = tuple[Any, Any, Any]


@dataclass(slots=True)
class _Told:
    """What was told last of one HPA, what it was made of, and when time alone changes it."""

    made_of: tuple[Any, ...]
    row: Row
    seen: Seen
    until: float


@dataclass(slots=True)
class Reasons:
    """`changed_by(uid of an HPA)`: {by, manager, before, after, at} of the last change of its target's size."""

    views: Views
    now: Callable[[], datetime]
    events: RecentEvents | None = None
    changed_by: Callable[[str], Row | None] = lambda _uid: None
    _told: dict[str, _Told] = field(default_factory=dict)

    def tick(self) -> None:
        """Explains anew what has changed; called every second."""
        # What was read before it was refused may be long gone, and a countdown on it would be an invention.
        unseen = is_denied(self.views.rows("connection"), "horizontalpodautoscalers")
        hpas = {} if unseen else self.views.rows("hpas")
        if not hpas and not self._told:
            return
        targets, pods = self._targets(), self._pods()
        told = {uid: self._explained(uid, hpa, targets, pods) for uid, hpa in hpas.items()}
        self._told = told
        self.views.replace("why", {uid: each.row for uid, each in told.items()})

    def _targets(self) -> dict[_Key, Row]:
        return {(row["namespace"], row["kind"], row["name"]): row for row in self.views.rows("workloads").values()}

    def _pods(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.views.rows("pods").values():
            if row["workload"]:
                found[row["workload"]["uid"]].append(row)
        return found

    def _explained(self, uid: str, hpa: Row, targets: Mapping[_Key, Row], pods: Mapping[str, list[Row]]) -> _Told:
        scaled = hpa["target"]
        target = targets.get((hpa["namespace"], scaled["kind"], scaled["name"]))
        own = tuple(pods.get(target["uid"], ())) if target is not None else ()
        changed = self.changed_by(uid)
        revision = self.events.revision.get(hpa["namespace"], 0) if self.events else 0
        made_of = (hpa, target, own, changed, revision)
        before, now = self._told.get(uid), self.now().timestamp()
        if before is not None and _same(before.made_of, made_of) and now < before.until:
            return before
        moment = Moment(
            hpa, now, target, own, self._events(hpa, own), changed, before.seen if before is not None else Seen()
        )  # fmt: skip
        try:
            return _tell(moment, made_of)
        except Exception as error:  # of one HPA; it must not take the explanations of the others along
            log.exception("the HPA %s/%s cannot be explained", hpa["namespace"], hpa["name"])
            row = {**row_of(hpa, unexplained(error)), "metrics_at": None}
            return _Told(made_of, row, moment.seen, now + PERIOD_S)

    def _events(self, hpa: Row, pods: tuple[Row, ...]) -> tuple[Row, ...]:
        if self.events is None:
            return ()
        target = hpa["target"]
        waiting = [("Pod", pod["name"]) for pod in pods if pod.get("unschedulable")]
        named = [("HorizontalPodAutoscaler", hpa["name"]), (target["kind"], target["name"]), *waiting]
        return self.events.about(hpa["namespace"], *named)


def _tell(moment: Moment, made_of: tuple[Any, ...]) -> _Told:
    seen = observe(moment)
    found = explain(replace(moment, seen=seen))
    times = [pod["metrics_at"] for pod in moment.pods if pod.get("metrics_at") and not pod.get("deleted_at")]
    row = {**row_of(moment.hpa, found), "metrics_at": max(times, default=None)}
    until = found.changes_at if found.changes_at is not None else moment.now + PERIOD_S
    return _Told(made_of, row, seen, until)


def _same(before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    """Rows are replaced, never changed, so an equal row is the same one; that spares comparing them."""
    hpa, target, pods, changed, revision = after
    return (
        before[0] is hpa
        and before[1] is target
        and len(before[2]) == len(pods)
        and all(one is other for one, other in zip(before[2], pods, strict=True))
        and before[3] == changed
        and before[4] == revision
    )
