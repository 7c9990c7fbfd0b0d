"""What a person may ask of a swarm, and the ceilings no configuration can lift (TRUST L4). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashboard.errors import Refused

PROFILES = ("steady", "steps", "spike")
USERS_MAX = 500
SPAWN_RATE_MAX = 50
DURATION_MAX_S = 900
WORKERS_MAX = 4


@dataclass(frozen=True, slots=True)
class SwarmRequest:
    """One swarm: `users` load users on `target` (an id of the settings) for `duration_s` seconds.

    `spawn_rate`: load users started per second. Raises Refused when a value is outside its ceiling.
    """

    target: str = "guestbook"
    users: int = 60
    spawn_rate: int = 10
    duration_s: int = 180
    profile: str = "steady"
    workers: int = 1

    def __post_init__(self) -> None:
        _between("load users", self.users, 1, USERS_MAX)
        _between("load users started per second", self.spawn_rate, 1, SPAWN_RATE_MAX)
        _between("seconds", self.duration_s, 10, DURATION_MAX_S)
        _between("workers", self.workers, 1, WORKERS_MAX)
        if self.profile not in PROFILES:
            raise Refused(f"There is no profile {self.profile!r}; there are {', '.join(PROFILES)}.", status=422)
        if not re.fullmatch(r"[a-z0-9-]{1,63}", self.target):
            raise Refused("The target must be one of the listed Services.", status=422)


def _between(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise Refused(f"{value} {what}: allowed are {low} to {high}.", status=422)
