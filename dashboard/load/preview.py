"""The shape of each load profile, for drawing it before a swarm starts. Pure.

The numbers are those of `swarm/profiles.py`, which this package must not import; a test holds the two equal.
"""

from __future__ import annotations

import math

STEPS = 4
SPIKE_BASE = 0.2
SPIKE_FROM, SPIKE_TO = 1 / 3, 2 / 3
WAVE_BASE = 0.1
WAVE_MOMENTS = 48
SOAK_RAMP = 0.1
SOAK_MOMENTS = 50
CEILING_LEVELS = 10
CEILING_CLIMB = 0.75
POINTS = 240

TEXTS = {
    "steady": "climb, then hold",
    "steps": "a quarter more at a time",
    "spike": "a low base, one sudden peak",
    "double wave": "up and down, twice",
    "soak": "a slow climb, then a long hold",
    "ceiling": "more and more, until a limit is passed",
}
"""What the page says of each, in the order of the page."""


def load_users(profile: str, *, elapsed: float, duration: float, users: int) -> int:
    """Load users wanted after `elapsed` of `duration` seconds; for `ceiling`, if no limit is passed on the way."""
    share = elapsed / duration
    if share >= 1:
        return 0
    return max(1, min(users, math.ceil(users * _part(profile, share) - 1e-9)))


def points(profile: str, *, duration: float, users: int, spawn_rate: float | None = None) -> list[tuple[float, int]]:
    """(second, load users) over the whole time, the last one being 0.

    With `spawn_rate` (load users a second) they come and go as fast as that, as they really will.
    """
    step = duration / POINTS
    found: list[tuple[float, int]] = []
    present = 0.0 if spawn_rate else None
    for index in range(POINTS):
        wanted = load_users(profile, elapsed=index * step, duration=duration, users=users)
        if present is not None and spawn_rate is not None:
            most = spawn_rate * step if index else 0.0
            present += max(-most, min(most, wanted - present))
            wanted = round(present)
        found.append((round(index * step, 3), wanted))
    return [*found, (float(duration), 0)]


def _part(profile: str, share: float) -> float:
    if profile == "steps":
        return (math.floor(share * STEPS) + 1) / STEPS
    if profile == "spike":
        return 1.0 if SPIKE_FROM <= share < SPIKE_TO else SPIKE_BASE
    if profile == "double wave":
        moment = math.floor(share * WAVE_MOMENTS + 1e-9) / WAVE_MOMENTS
        return WAVE_BASE + (1 - WAVE_BASE) * (1 - math.cos(4 * math.pi * moment)) / 2
    if profile == "soak":
        return min(1.0, (math.floor(share * SOAK_MOMENTS + 1e-9) + 1) / (SOAK_RAMP * SOAK_MOMENTS))
    if profile == "ceiling":
        return min(1.0, (math.floor(share / CEILING_CLIMB * CEILING_LEVELS + 1e-9) + 1) / CEILING_LEVELS)
    return 1.0
