"""Leads one swarm from its first worker to its end: the state machine, moved by `tick`. Knows no Locust, no HTTP.

Every way a swarm can end goes through `stop`, which counts as done only when no load user is left and no request
arrives any more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from swarm.profiles import load_users
from swarm.settings import MasterSettings
from swarm.statistics import Report, Statistics

log = logging.getLogger(__name__)
State = Literal["starting", "running", "stopping", "stopped", "failed"]
STOP_PATIENCE_S = 5.0
"""A worker that still reports users this long after it was told to quit is told again, and the document says so."""
QUIET_S = 1.5
"""Silence of reports after which the rate counts as 0: workers report every second."""


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker as the master sees it."""

    id: str
    state: str
    users: int
    cpu_percent: float | None


class Fleet(Protocol):
    """The workers, behind Locust's runner."""

    def workers(self) -> list[WorkerView]:
        """All that are connected; those that stopped answering have the state `missing`."""
        ...

    def spread(self, users: int, spawn_rate: float) -> None:
        """Brings the number of load users to `users`, evenly over the workers that answer; returns at once."""
        ...

    def quit(self) -> None:
        """Tells every worker to stop its users and to end."""
        ...


class Conductor:
    """One swarm's life. `now`: seconds since the epoch."""

    def __init__(self, settings: MasterSettings, fleet: Fleet, *, now: Callable[[], float]) -> None:
        self._settings = settings
        self._fleet = fleet
        self._now = now
        self._born = self._last_asked = now()
        self._users, self._spawn_rate = settings.users, settings.spawn_rate
        self._by_profile = True
        self._spread_users = 0
        self._missing: frozenset[str] = frozenset()
        self._stop_began: float | None = None
        self._last_request: float | None = None
        self._final_read = False
        self.statistics = Statistics()
        self.state: State = "starting"
        self.reason = ""
        self.started_at: float | None = None
        self.finished_at: float | None = None

    @property
    def ends_at(self) -> float | None:
        """When the swarm ends by itself; None before it runs."""
        return None if self.started_at is None else self.started_at + self._settings.duration

    @property
    def target_users(self) -> int:
        """Load users there should be right now."""
        return self._spread_users

    @property
    def workers(self) -> list[WorkerView]:
        """The workers as they are."""
        return self._fleet.workers()

    @property
    def over(self) -> bool:
        """Whether the process may end: all is quiet, and the last document was read or has waited long enough."""
        if self.finished_at is None:
            return False
        waited = self._now() - self.finished_at
        return waited >= self._settings.linger or (self._final_read and waited >= min(1.0, self._settings.linger))

    def asked(self) -> None:
        """Somebody with the token asked for the state: the swarm is watched."""
        self._last_asked = self._now()
        if self.finished_at is not None and self.reason == "stopped on request":
            self._final_read = True

    def reported(self, reports: Iterable[Report]) -> None:
        """A worker's report arrived."""
        known = list(reports)
        if any(report.requests for report in known):
            self._last_request = self._now()
        self.statistics.add(known, now=self._now())

    def set_users(self, users: int, spawn_rate: float) -> None:
        """Leaves the profile for a steady number; a swarm that is ending stays so."""
        self._users, self._spawn_rate, self._by_profile = users, spawn_rate, False

    def stop(self, reason: str) -> None:
        """Begins the end, once; `tick` sees it through."""
        if self._stop_began is not None:
            return
        log.info("stopping: %s", reason)
        self.state, self.reason, self._stop_began, self._spread_users = "stopping", reason, self._now(), 0
        self._fleet.quit()

    def tick(self) -> None:
        """Takes the next step; called about twice a second."""
        if self.finished_at is not None:
            return
        if self._stop_began is not None:
            self._see_stop_through(self._stop_began)
        elif self._now() - self._last_asked > self._settings.silence:
            self.stop(f"nobody asked for the state for {self._settings.silence:g} s")
        elif self.started_at is None:
            self._start_when_ready()
        elif self._now() >= self.started_at + self._settings.duration:
            self.stop("the duration is over")
        else:
            self._keep_target(self._now() - self.started_at)

    def _start_when_ready(self) -> None:
        present = [worker for worker in self._fleet.workers() if worker.state != "missing"]
        waited = self._now() - self._born
        if len(present) < self._settings.expect_workers and waited < self._settings.worker_patience:
            return
        if not present:
            self._fail(f"no worker came within {self._settings.worker_patience:g} s; look at the worker pods' Events")
            return
        if len(present) < self._settings.expect_workers:
            self.reason = f"{len(present)} of {self._settings.expect_workers} workers came"
            log.warning("starting with less: %s", self.reason)
        self.state, self.started_at = "running", self._now()
        self._keep_target(0.0)

    def _keep_target(self, elapsed: float) -> None:
        workers = self._fleet.workers()
        missing = frozenset(worker.id for worker in workers if worker.state == "missing")
        if len(missing) == len(workers):
            self._fail("all workers are gone; look at the worker pods' Events")
            return
        wanted = self._users
        if self._by_profile:
            duration = self._settings.duration
            wanted = load_users(self._settings.profile, elapsed=elapsed, duration=duration, users=self._users)
        if wanted != self._spread_users or missing - self._missing:
            if missing - self._missing:
                log.warning("%d worker(s) lost; spreading %d load users again", len(missing - self._missing), wanted)
            self._spread_users = wanted
            self._fleet.spread(wanted, self._spawn_rate)
        self._missing = missing

    def _fail(self, reason: str) -> None:
        log.error("failed: %s", reason)
        self._fleet.quit()
        self.state, self.reason, self.finished_at, self._spread_users = "failed", reason, self._now(), 0

    def _see_stop_through(self, began: float) -> None:
        users = sum(worker.users for worker in self._fleet.workers() if worker.state != "missing")
        quiet = self._last_request is None or self._now() - self._last_request >= QUIET_S
        if users == 0 and quiet:
            self.state, self.finished_at = "stopped", self._now()
            log.info("stopped after %.1f s: %s", self._now() - began, self.reason)
        elif self._now() - began > STOP_PATIENCE_S:
            self._stop_began = self._now()
            log.error("%d load users are left %g s after the stop; telling the workers again", users, STOP_PATIENCE_S)
            self._fleet.quit()
