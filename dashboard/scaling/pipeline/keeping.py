"""Keeps the view `pipeline` true: a row for each HPA by its uid, and the row `metrics` of the one Stage is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.scaling.pipeline.chain import Pipeline, judge
from dashboard.scaling.pipeline.facts import Facts, Reader, Row
from dashboard.scaling.pipeline.reading import Reading
from dashboard.store.denied import denied
from dashboard.store.views import Views

VIEW = "pipeline"
KEY = "metrics"
WELL_S = 9.0
"""How often the API is asked again while all is well; otherwise, and while a deploy is under way, at every call."""

NOT_READ = frozenset({None, "requests", "hpa"})
"""No fault, or one that the views tell of by themselves: asking the API more often would not show its end sooner."""

BUSY = frozenset({"planning", "applying", "waiting", "pruning", "deleting"})

_Key = tuple[Any, Any, Any]


@dataclass(slots=True)
class Pipelines:
    """`focus()`: the HPA the Stage is about, None while there is none. `clock` counts seconds, `now` is the time."""

    views: Views
    reading: Reading
    focus: Callable[[], Row | None]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    _facts: Facts | None = None
    _read_at: float = 0.0
    _was_well: bool = False
    _well_since: dict[str, float] = field(default_factory=dict)

    def tick(self) -> None:
        """Reads what is due and judges anew; called every few seconds."""
        facts = self._read()
        hpas, pods = self.views.rows("hpas"), self._pods()
        rows = {uid: self._judged(facts, hpa, uid, pods.get(_scaled(hpa), [])) for uid, hpa in hpas.items()}
        focus = self.focus()
        rows[KEY] = rows[focus["uid"]] if focus and focus["uid"] in rows else self._judged(facts, None, "", [])
        self._was_well = all(row.fault in NOT_READ and _is_known(row) for row in rows.values())
        self._well_since = {key: at for key, at in self._well_since.items() if key in hpas}
        self.views.replace(VIEW, {key: row.row() for key, row in rows.items()})

    def forget(self) -> None:
        """Another cluster answers."""
        self._facts = None
        self._well_since.clear()

    def _read(self) -> Facts:
        is_fresh = self._was_well and self.clock() - self._read_at < WELL_S
        if self._facts is None or not is_fresh or self._is_busy():
            self._facts, self._read_at = self.reading.facts(), self.clock()
        return self._facts

    def _judged(self, facts: Facts, hpa: Row | None, uid: str, pods: Sequence[Row]) -> Pipeline:
        refused = denied(self.views.rows("connection"))
        reader = Reader(hpa, pods, self.now(), refused, self._well_for(uid))
        found = judge(facts, reader)
        if all(each.state == "ok" for each in found.links if each.id not in ("hpa", "requests")):
            self._well_since.setdefault(uid, self.clock())
        else:
            self._well_since.pop(uid, None)
        return found

    def _well_for(self, uid: str) -> float:
        since = self._well_since.get(uid)
        return 0.0 if since is None else self.clock() - since

    def _pods(self) -> dict[_Key, list[Row]]:
        """By what they belong to, without those on their way out."""
        found: dict[_Key, list[Row]] = defaultdict(list)
        for row in self.views.rows("pods").values():
            if not row["deleted_at"]:
                found[_owner(row)].append(row)
        return found

    def _is_busy(self) -> bool:
        return (self.views.get("deploy", "current") or {}).get("state") in BUSY


def deployments_in(views: Views) -> Callable[[str, str], Row | None]:
    """Finds the row of a Deployment by namespace and name."""

    def find(namespace: str, name: str) -> Row | None:
        wanted = ("Deployment", namespace, name)
        rows = views.rows("workloads").values()
        return next((row for row in rows if (row["kind"], row["namespace"], row["name"]) == wanted), None)

    return find


def _scaled(hpa: Row) -> _Key:
    return hpa["namespace"], hpa["target"]["kind"], hpa["target"]["name"]


def _owner(pod: Row) -> _Key:
    workload = pod.get("workload") or {}
    return pod["namespace"], workload.get("kind"), workload.get("name")


def _is_known(row: Pipeline) -> bool:
    return all(
        each.state in ("ok", "denied") for each in row.links if each.id in ("api_service", "available", "endpoints")
    )
