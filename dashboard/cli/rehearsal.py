"""The demonstration as a list of acts, each ended by a condition that is awaited: deploy, load, scale, stop, fall."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.core import Core
from dashboard.load.request import SwarmRequest

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
    say: Callable[[str], None]
    clock: Callable[[], float]
    sleep: Callable[[float], Any]
    _swarm_id: str = field(default="", init=False)

    def play(self) -> dict[str, Any]:
        """Plays every act; returns the run's document. Raises Failed."""
        self._until("the cluster was read", lambda: self.core.watching.has_synced, within=60)
        self._deploy()
        self._until("the HPA has CPU figures", self._has_figures, within=180)
        self._load()
        self._until(f"{READY_WANTED} replicas are ready", lambda: self._ready() >= READY_WANTED, within=180)
        self._stop()
        lowest = (self.core.sampler.hpa() or {}).get("min") or 1
        self._until(f"{lowest} ready of {lowest} again", lambda: self._is_back(lowest), within=300)
        self._until("the run is recorded", lambda: self._run()["state"] != "recording", within=30)
        return self.core.archive.document(self._run()["run_id"])

    def _deploy(self) -> None:
        self.say("deploying the bundles")
        self.core.stack.deploy(self.core.stack.names(), by=BY)
        self._until("every bundle is deployed", self._is_deployed, within=400)

    def _is_deployed(self) -> bool:
        row = self.core.views.get("deploy", "current") or {}
        if row.get("state") in ("failed", "cancelled"):
            raise Failed(f"deploying failed: {row.get('error')}")
        return row.get("state") == "done"

    def _load(self) -> None:
        self.say(f"starting a swarm of {self.request.users} load users")
        plan = self.core.starting.plan(self.request, by=BY, session=BY)
        self.core.starting.start(plan.nonce, by=BY, session=BY)
        self._swarm_id = plan.swarm_id

    def _stop(self) -> None:
        self.say("stopping the swarm")
        if self.core.swarms.is_active:
            self.core.swarms.stop(by=BY)
        self._until("the swarm has stopped", lambda: self._swarm().get("state") == "stopped", within=30)

    def _until(self, what: str, condition: Callable[[], bool], *, within: float) -> None:
        """Waits, and says how long it took."""
        began = self.clock()
        while not condition():
            if self.clock() - began > within:
                raise Failed(f"waited {within:.0f} s in vain until {what}; last seen: {self._last_seen()}")
            self.sleep(0.25)
        self.say(f"{what} ({self.clock() - began:.1f} s)")

    def _run(self) -> Mapping[str, Any]:
        """What the archive holds of it. Raises Failed when it is not recorded to its end."""
        told = self.core.views.get("recording", "current") or {}
        found = self.core.archive.of_swarm(self._swarm_id)
        if found is None or found["state"] not in ("recording", "complete"):
            raise Failed(f"the run was not recorded: {told.get('sentence') or (found or {}).get('error')}")
        return found

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

    def _is_back(self, lowest: int) -> bool:
        sample = self.core.sampler.sample()
        return bool(sample["ready"] == sample["replicas"] == lowest)

    def _swarm(self) -> Mapping[str, Any]:
        return self.core.views.get("swarm", "current") or {}

    def _rows(self, view: str) -> list[Mapping[str, Any]]:
        return list(self.core.views.rows(view).values())
