"""What a person may ask of a swarm, and the ceilings no configuration can lift (TRUST L4). Pure.

The same ceilings stand in `swarm/ceilings.py`, so that a master refuses too; a test holds the two equal.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from dashboard.errors import Refused

PROFILES = ("steady", "steps", "spike", "double wave", "soak", "ceiling")
USERS_MAX = 500
SPAWN_RATE_MAX = 50
DURATION_MIN_S, DURATION_MAX_S = 10, 900
WORKERS_MAX = 50
REQUESTS_PER_S_MAX = 1000
"""All workers together; held by the workers themselves, told by the plan."""
P95_LIMIT_MIN_MS, P95_LIMIT_MAX_MS = 10, 10_000
FAILED_LIMIT_MIN_PERCENT, FAILED_LIMIT_MAX_PERCENT = 0.1, 50.0
NOTE_MAX = 200
GUESTBOOK = "guestbook"
"""The scenario that comes with the swarm; every other name is a file of the configured folder."""

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class SwarmRequest:
    """One swarm: `users` load users on `target` (an id of the settings) for `duration_s` seconds.

    `spawn_rate`: load users started per second. `keep_alive`: False opens a new connection for each request.
    `p95_limit_ms`, `failed_limit_percent`: where the profile `ceiling` turns back. `note`: why, in one line.
    Raises Refused when a value is outside its ceiling.
    """

    target: str = "guestbook"
    users: int = 60
    spawn_rate: int = 10
    duration_s: int = 180
    profile: str = "steady"
    workers: int = 1
    keep_alive: bool = True
    scenario: str = GUESTBOOK
    p95_limit_ms: int = 1000
    failed_limit_percent: float = 1.0
    note: str = ""

    def __post_init__(self) -> None:
        _between("load users", self.users, 1, USERS_MAX)
        _between("load users started per second", self.spawn_rate, 1, SPAWN_RATE_MAX)
        _between("seconds", self.duration_s, DURATION_MIN_S, DURATION_MAX_S)
        _between("workers", self.workers, 1, WORKERS_MAX)
        _between("ms as the limit of p95", self.p95_limit_ms, P95_LIMIT_MIN_MS, P95_LIMIT_MAX_MS)
        failed = self.failed_limit_percent
        _between("percent as the limit of failures", failed, FAILED_LIMIT_MIN_PERCENT, FAILED_LIMIT_MAX_PERCENT)
        if self.profile not in PROFILES:
            raise Refused(f"There is no profile {self.profile!r}; there are {', '.join(PROFILES)}.", status=422)
        if not re.fullmatch(r"[a-z0-9-]{1,63}", self.target):
            raise Refused("The target must be one of the listed Services.", status=422)
        if not _LABEL.fullmatch(self.scenario):
            raise Refused("The scenario must be one of the listed ones.", status=422)
        if len(self.note) > NOTE_MAX or not self.note.isprintable():
            raise Refused(f"The note takes one line of {NOTE_MAX} characters at most.", status=422)


def users_and_rate(users: int, spawn_rate: float) -> None:
    """Raises Refused unless a running swarm may be changed to these."""
    _between("load users", users, 1, USERS_MAX)
    _between("load users started per second", spawn_rate, 1, SPAWN_RATE_MAX)


def _between(what: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise Refused(f"{value} {what}: allowed are {low} to {high}.", status=422)
