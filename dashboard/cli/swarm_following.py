"""Follows one swarm to its end: by itself, or beside a dashboard that does, whose record it reads.

Two that follow and clean up would each take the other's end for a loss, so beside a dashboard it only looks. When that
dashboard goes away, it follows by itself from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.core import Core
from dashboard.errors import Refused
from dashboard.kube.errors import ApiError
from dashboard.load import adoption
from dashboard.load.control import Control
from dashboard.load.guard import STOP
from dashboard.load.refusals import asking
from dashboard.load.workloads import NAMESPACE

LOST_S = 30.0
"""Seconds for which it may take to find a swarm that somebody else has followed until now."""
QUIET_S = 40.0
"""Seconds that whoever follows a swarm gets to see its stop through, before this process does."""
OTHERS_S = 8.0
"""The same for a dashboard elsewhere: seldom there is none, for a swarm that nobody follows ends by itself."""
SYNC_S = 60.0
OVER = ("stopped", "failed")

Row = Mapping[str, Any]


@dataclass(slots=True)
class Following:
    """`is_followed`: whether a dashboard follows the swarms of this cluster now."""

    core: Core
    is_followed: Callable[[], bool]
    clock: Callable[[], float]
    sleep: Callable[[float], Any]
    is_own: bool = False
    _lost_since: float | None = field(default=None, init=False)

    def begin(self) -> None:
        """Follows by itself from now on. Raises Refused when the cluster cannot be read."""
        self.is_own = True
        self.core.start()
        began = self.clock()
        while not self.core.watching.has_synced:
            if self.clock() - began > SYNC_S:
                raise Refused(f"The cluster could not be read within {SYNC_S:.0f} s.", status=503)
            self.sleep(0.1)

    def row(self, swarm_id: str) -> Row:
        """The swarm as it is: `state`, figures, `error`, `run_id`, and `is_recorded`: nothing more is to come."""
        if not self.is_own and not self.is_followed():
            self.begin()
        return self._seen(swarm_id) if self.is_own else self._read(swarm_id)

    def stop(self, *, by: str) -> None:
        """Tells the swarm to end; that it did is seen in its row."""
        if self.is_own:
            if self.core.swarms.is_active:
                self.core.swarms.stop(by=by)
            return
        with asking():
            found = adoption.running(self.core.client, self._targets())
            if found is not None:
                self.core.audit.write(STOP, by=by, outcome="begun", swarm=found.id, target=found.asked["target"])
                Control(self.core.client, found.id, found.token).stop()

    def end(self, *, by: str) -> Row | None:
        """Ends whatever swarm runs and returns once it is quiet for certain; None when there is none."""
        with asking():
            found = adoption.running(self.core.client, self._targets())
        if found is None:
            return None
        self.stop(by=by)
        patience = QUIET_S if self.is_followed() else OTHERS_S
        if not self.is_own and self._is_gone(found.id, within=patience):
            return {"id": found.id, "state": "stopped", "error": None}
        with asking():
            self.core.swarms.adopt()
        if self.core.swarms.is_active:
            self.core.swarms.stop(by=by)
        while self.core.swarms.is_active:
            self.core.swarms.tick()
            self.sleep(0.5)
        row = self.core.views.get("swarm", "current") or {}
        return {**row, "id": found.id, "state": row.get("state") or "stopped", "error": row.get("error")}

    def found(self) -> Row | None:
        """The swarm that runs, as its master tells it; None when there is none."""
        with asking():
            found = adoption.running(self.core.client, self._targets())
            if found is None:
                return None
            try:
                told = Control(self.core.client, found.id, found.token).state()
            except ApiError:
                told = None
        return {"id": found.id, **found.asked, **(told or {"state": "starting"})}

    def _seen(self, swarm_id: str) -> Row:
        row = self.core.views.get("swarm", "current") or {}
        run = self.core.archive.of_swarm(swarm_id) or {}
        recording = self.core.views.get("recording", "current") or {}
        added = {"run_id": run.get("run_id"), "is_recorded": recording.get("state") != "recording"}
        if row.get("id") == swarm_id:
            self._lost_since = None
            return {**row, **added}
        self._lost_since = self.clock() if self._lost_since is None else self._lost_since
        if self.clock() - self._lost_since < LOST_S:
            return {"state": "starting", **added}
        return {"state": "failed", "error": "the swarm was lost from sight", **added}

    def _read(self, swarm_id: str) -> Row:
        """From the dashboard's record."""
        run = self.core.archive.of_swarm(swarm_id)
        if run is None:
            return {"state": "starting", "run_id": None, "is_recorded": False}
        whole = self.core.archive.document(run["run_id"])
        sample = whole["samples"][-1] if whole["samples"] else {}
        figures = {name: sample.get(name) for name in ("users", "rps", "p95_ms", "failed_percent")}
        return {
            **figures, "id": swarm_id, "state": whole["swarm_state"] or "starting", "error": whole["swarm_error"],
            "requests": run["requests"], "failures": run["failures"], "totals": whole["totals"],
            "run_id": run["run_id"], "is_recorded": run["state"] != "recording",
        }  # fmt: skip

    def _is_gone(self, swarm_id: str, *, within: float) -> bool:
        """Whether no pod of it is left in time."""
        began = self.clock()
        while self.clock() - began < within:
            with asking():
                query = {"labelSelector": f"surgeboard.dev/swarm={swarm_id}"}
                pods = self.core.client.list(f"/api/v1/namespaces/{NAMESPACE}/pods", query=query)
            if not any(_is_alive(each) for each in pods):
                return True
            self.sleep(0.5)
        return False

    def _targets(self) -> Mapping[str, str]:
        return {each.id: each.url for each in self.core.swarms.targets.values()}


def _is_alive(pod: Row) -> bool:
    return pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")
