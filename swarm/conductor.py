"""Leads one swarm from its first worker to its end: the state machine, moved by `tick`. Knows no Locust, no HTTP.

Every way a swarm can end goes through `stop`, which counts as done only when no load user is left and no request
arrives any more.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Literal, Protocol

from swarm import ceilings
from swarm.crew import Crew, WorkerView
from swarm.profiles import load_users
from swarm.reports import Told
from swarm.search import WINDOW_S, Ceiling, Limits, Sample, Search
from swarm.settings import MasterSettings
from swarm.statistics import Statistics
from swarm.tallies import Failure, Failures, Shares

log = logging.getLogger(__name__)
State = Literal["starting", "running", "stopping", "stopped", "failed"]
STOP_PATIENCE_S = 5.0
"""A worker that still reports users this long after it was told to quit is told again, and the document says so."""
QUIET_S = 1.5
"""Silence of reports after which the rate counts as 0: workers report every second."""
STRAY_S = 15.0
"""A worker that was lost may go on for so long: meanwhile nobody gets its share of the requests."""
HELD_WINDOW_S = 3.0


class Fleet(Protocol):
    """The workers, behind Locust's runner."""

    def workers(self) -> list[WorkerView]:
        """All that are connected; those that stopped answering have the state `missing`."""
        ...

    def spread(self, users: int, spawn_rate: float) -> None:
        """Brings the number of load users to `users`, evenly over the workers that answer; returns at once."""
        ...

    def share(self, per_second: float) -> None:
        """Tells each worker how many requests a second it may make."""
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
        self._users, self.spawn_rate = settings.users, settings.spawn_rate
        self._by_profile = True
        self._search = _search_of(settings)
        self._looked = 0.0
        self._spread: tuple[int, float] | None = None
        self._share: float | None = None
        self._crew = Crew()
        self._stop_began: float | None = None
        self._last_request: float | None = None
        self._at_stop: set[str] = set()
        self._farewells: set[str] = set()
        self._cut: dict[str, int] = {}
        self._held: deque[tuple[float, int]] = deque()
        self._final_read = False
        self.statistics, self.failures, self.shares = Statistics(), Failures(), Shares()
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
        return self._spread[0] if self._spread and self._stop_began is None and self.finished_at is None else 0

    @property
    def workers(self) -> list[WorkerView]:
        """The workers as they are, and those that were lost."""
        if self.finished_at is None:
            self._crew.look(self._fleet.workers(), now=self._now(), ending=self._stop_began is not None)
        return self._crew.all

    @property
    def worn(self) -> str | None:
        """Why the figures are not the target's alone; None while they are."""
        return self._crew.sentence() if self.state == "running" else None

    @property
    def limited(self) -> str | None:
        """That requests are held back at the ceiling; None while they are not."""
        while self._held and self._held[0][0] <= self._now() - HELD_WINDOW_S:
            self._held.popleft()
        held = sum(count for _, count in self._held)
        # A single one that waited for a moment is the spacing between requests, not the ceiling.
        if self.state != "running" or held < self._rate_ceiling * HELD_WINDOW_S / 20:
            return None
        return (
            f"The load is held back at {self._rate_ceiling:g} requests a second, the most a swarm may make: "
            "the target might serve more."
        )

    @property
    def ceiling(self) -> Ceiling | None:
        """What the search found, once it is over."""
        if self._search is None or not self._by_profile or (self.started_at is None or self._stop_began is None):
            return None
        return self._search.ceiling()

    @property
    def exactness(self) -> dict[str, Any]:
        """Whether the totals hold each request that the target may have counted."""
        cut = sum(self._cut.values())
        lost = {one.id for one in self._crew.all if not one.present}
        told = lost | self._at_stop <= self._farewells
        exact = told and cut == 0 and self.finished_at is not None
        return {"exact": exact, "cut_off": cut, "workers_lost": len(lost)}

    @property
    def over(self) -> bool:
        """Whether the process may end: all is quiet, and the last document was read or has waited long enough."""
        if self.finished_at is None:
            return False
        waited = self._now() - self.finished_at
        return waited >= self._settings.linger or (self._final_read and waited >= min(1.0, self._settings.linger))

    @property
    def _rate_ceiling(self) -> float:
        return ceilings.MAX_REQUESTS_PER_S

    def asked(self) -> None:
        """Somebody with the token asked for the state: the swarm is watched."""
        self._last_asked = self._now()
        if self.finished_at is not None and self.reason == "stopped on request":
            self._final_read = True

    def reported(self, told: Told) -> None:
        """A worker's report arrived."""
        now = self._now()
        if any(report.requests for report in told.reports):
            self._last_request = now
        self.statistics.add(told.reports, now=now)
        self.failures.add(told.failures, now=now)
        self.shares.add(told.pods, now=now)
        if told.held_back:
            self._held.append((now, told.held_back))
        if told.cut:
            self._cut[told.worker] = told.cut
        if told.final:
            self._farewells.add(told.worker)

    def task_failed(self, text: str) -> None:
        """A load user's task raised something that was no failed request."""
        self.failures.add([Failure("", "a task of the scenario", text, 1)], now=self._now())

    def set_users(self, users: int, spawn_rate: float) -> None:
        """Leaves the profile for a steady number; a swarm that is ending stays so."""
        self._users, self.spawn_rate, self._by_profile = users, spawn_rate, False

    def stop(self, reason: str) -> None:
        """Begins the end, once; `tick` sees it through."""
        if self._stop_began is not None or self.finished_at is not None:
            return
        log.info("stopping: %s", reason)
        self._crew.look(self._fleet.workers(), now=self._now())
        self._at_stop = {one.id for one in self._crew.present}
        self.state, self.reason, self._stop_began = "stopping", reason, self._now()
        self._fleet.quit()

    def fail(self, reason: str) -> None:
        """Ends the swarm at once: there is nobody, or nothing, to carry it."""
        log.error("failed: %s", reason)
        self._fleet.quit()
        self.state, self.reason, self.finished_at = "failed", reason, self._now()

    def tick(self) -> None:
        """Takes the next step; called a few times a second."""
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
        self._crew.look(self._fleet.workers(), now=self._now())
        present, waited = len(self._crew.present), self._now() - self._born
        if present < self._settings.expect_workers and waited < self._settings.worker_patience:
            return
        if not present:
            self.fail(f"no worker came within {self._settings.worker_patience:g} s; look at the worker pods' Events")
            return
        self.state, self.started_at = "running", self._now()
        if present < self._settings.expect_workers:
            log.warning("starting with %d of %d workers", present, self._settings.expect_workers)
        self._keep_target(0.0)

    def _keep_target(self, elapsed: float) -> None:
        self._crew.look(self._fleet.workers(), now=self._now())
        changed = self._crew.take_changed()
        present = len(self._crew.present)
        if not present:
            self.fail("all workers are gone; look at the worker pods' Events")
            return
        self.reason = self._strength(present)
        self._share_out(present, changed=changed)
        wanted = self._wanted(elapsed)
        if wanted is None:
            self.stop("the ceiling is found")
        elif (wanted, self.spawn_rate) != self._spread or changed:
            self._spread = (wanted, self.spawn_rate)
            self._fleet.spread(wanted, self.spawn_rate)

    def _strength(self, present: int) -> str:
        expected, lost = self._settings.expect_workers, self._crew.lost
        if present >= expected:
            return ""
        return f"{present} of {expected} workers {'are left' if lost else 'came'}; they carry all load users"

    def _share_out(self, present: int, *, changed: bool) -> None:
        strays = self._crew.lost_within(STRAY_S, now=self._now())
        share = self._rate_ceiling / (present + strays)
        if share != self._share or changed:
            self._share = share
            self._fleet.share(share)

    def _wanted(self, elapsed: float) -> int | None:
        """Load users there should be; None when the search has found what it looked for."""
        if not self._by_profile:
            return self._users
        if self._search is None:
            duration = self._settings.duration
            return load_users(self._settings.profile, elapsed=elapsed, duration=duration, users=self._users)
        if elapsed - self._looked >= 1.0:
            self._looked = elapsed
            self._search.look(self._sample(elapsed))
        return None if self._search.done else self._search.wanted

    def _sample(self, elapsed: float) -> Sample:
        figures = self.statistics.overall(now=self._now(), window=WINDOW_S)
        users = sum(worker.users for worker in self._crew.present)
        own = "the load generator itself" if self.worn else "the requests a second that a swarm may make"
        generator = own if self.worn or self.limited else None
        return Sample(elapsed, users, figures.rps, figures.p95_ms, figures.failed_percent, generator)

    def _see_stop_through(self, began: float) -> None:
        self._crew.look(self._fleet.workers(), now=self._now(), ending=True)
        users = sum(worker.users for worker in self._crew.present)
        quiet = self._last_request is None or self._now() - self._last_request >= QUIET_S
        if users == 0 and (quiet or self._all_said_farewell()):
            self.state, self.finished_at = "stopped", self._now()
            log.info("stopped after %.1f s: %s", self._now() - began, self.reason)
        elif self._now() - began > STOP_PATIENCE_S:
            self._stop_began = self._now()
            log.error("%d load users are left %g s after the stop; telling the workers again", users, STOP_PATIENCE_S)
            self._fleet.quit()

    def _all_said_farewell(self) -> bool:
        strays = self._crew.lost_within(STRAY_S, now=self._now())
        return bool(self._at_stop) and self._at_stop <= self._farewells and not strays


def _search_of(settings: MasterSettings) -> Search | None:
    if settings.profile != "ceiling":
        return None
    return Search(
        users=settings.users, spawn_rate=settings.spawn_rate, duration=settings.duration,
        limits=Limits(settings.p95_limit_ms, settings.failed_limit_percent),
    )  # fmt: skip
