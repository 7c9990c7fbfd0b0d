"""The demonstration as a list of acts, each ended by a condition that is awaited: deploy, load, scale, stop, fall."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.core import Core
from dashboard.load.request import SwarmRequest
from dashboard.runs.record import Record

READY_WANTED = 3
"""Ready replicas that show that it scaled."""

BY = "rehearsal"


class Failed(Exception):
    """An act did not come to its end; the text says which and what was seen last."""


@dataclass(slots=True)
class Rehearsal:
    """`say` tells progress; `clock` counts seconds; `sleep` waits; `now` is the wall clock."""

    core: Core
    request: SwarmRequest
    run_id: str
    say: Callable[[str], None]
    clock: Callable[[], float]
    sleep: Callable[[float], Any]
    now: Callable[[], datetime]
    _record: Record | None = field(default=None, init=False)
    _sampled: int = field(default=0, init=False)
    _explained: str | None = field(default=None, init=False)

    def play(self) -> dict[str, Any]:
        """Plays every act; returns the run's document. Raises Failed."""
        self._until("the cluster was read", lambda: self.core.watching.has_synced, within=60)
        self._deploy()
        self._until("the HPA has CPU figures", self._has_figures, within=180)
        record = self._load()
        self._until(f"{READY_WANTED} replicas are ready", lambda: self._ready() >= READY_WANTED, within=180)
        self._stop(record)
        lowest = (self.core.sampler.hpa() or {}).get("min") or 1
        self._until(f"{lowest} ready of {lowest} again", lambda: self._is_back(record, lowest), within=300)
        record.finished = self.now()
        views = self.core.views
        return record.document(flags=self._rows("flags"), spans=self._spans(views.rows("pod_spans")))

    def _deploy(self) -> None:
        self.say("deploying the bundles")
        self.core.stack.deploy(self.core.stack.names(), by=BY)
        self._until("every bundle is deployed", self._is_deployed, within=400)

    def _is_deployed(self) -> bool:
        row = self.core.views.get("deploy", "current") or {}
        if row.get("state") in ("failed", "cancelled"):
            raise Failed(f"deploying failed: {row.get('error')}")
        return row.get("state") == "done"

    def _load(self) -> Record:
        self.say(f"starting a swarm of {self.request.users} load users")
        self._record = Record(self.run_id, self.request.target, self.request.profile, self.now())
        self._sampled = round(self.now().timestamp() * 1000)
        self.core.swarms.start(self.request, by=BY)
        return self._record

    def _stop(self, record: Record) -> None:
        self.say("stopping the swarm")
        if self.core.swarms.is_active:
            self.core.swarms.stop(by=BY)
        record.stopped = self.now()
        self._until("the swarm has stopped", lambda: self._swarm().get("state") == "stopped", within=30)

    def _until(self, what: str, condition: Callable[[], bool], *, within: float) -> None:
        """Waits, keeping the record meanwhile."""
        began = self.clock()
        while not condition():
            if self.clock() - began > within:
                raise Failed(f"waited {within:.0f} s in vain until {what}; last seen: {self._last_seen()}")
            self._keep_record()
            self.sleep(0.25)
        self._keep_record()
        self.say(f"{what} ({self.clock() - began:.1f} s)")

    def _keep_record(self) -> None:
        record = self._record
        if record is None:
            return
        for sample in sorted(self._rows("samples"), key=lambda row: int(row["t"])):
            if sample["t"] > self._sampled:
                self._sampled = sample["t"]
                record.sample(sample)
        record.totals(self._swarm())
        for why in self._rows("why"):
            if why["hpa"]["name"] == self.core.target.service and why["sentence"] != self._explained:
                self._explained = why["sentence"]
                record.explain(why, at=self.now())

    def _last_seen(self) -> str:
        sample = self.core.sampler.sample()
        why = ", ".join(str(row["sentence"]) for row in self._rows("why"))
        swarm = self._swarm()
        return f"{sample}; swarm {swarm.get('state')} {swarm.get('error') or ''}; {why}"

    def _has_figures(self) -> bool:
        hpa = self.core.sampler.hpa()
        return self.core.sampler.sample()["cpu_percent"] is not None and bool(hpa and hpa["cpu_percent"] is not None)

    def _ready(self) -> int:
        return (self.core.sampler.workload() or {}).get("ready") or 0

    def _is_back(self, record: Record, lowest: int) -> bool:
        """Only what a sample shows counts, so that the record shows the fall too."""
        last = record.samples[-1] if record.samples else {}
        return last.get("ready") == last.get("replicas") == lowest

    def _swarm(self) -> Mapping[str, Any]:
        return self.core.views.get("swarm", "current") or {}

    def _rows(self, view: str) -> list[Mapping[str, Any]]:
        return list(self.core.views.rows(view).values())

    def _spans(self, rows: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        workload = (self.core.sampler.workload() or {}).get("uid")
        return [row for row in rows.values() if row["workload"] == workload]
