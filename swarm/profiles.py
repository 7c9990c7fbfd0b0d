"""Load profiles: how many load users there should be after so many seconds; pure.

The dashboard draws its preview with the same numbers (`dashboard/load/preview.py`), held equal by a test.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

ProfileName = Literal["steady", "steps", "spike", "double wave", "soak", "ceiling"]
PROFILES: tuple[str, ...] = get_args(ProfileName)
STEPS = 4
SPIKE_BASE = 0.2
SPIKE_FROM, SPIKE_TO = 1 / 3, 2 / 3
WAVE_BASE = 0.1
WAVE_MOMENTS = 48
"""The waves are drawn in so many steps: each change of the number is a message to every worker."""
SOAK_RAMP = 0.1
SOAK_MOMENTS = 50
CEILING_LEVELS = 10
CEILING_CLIMB = 0.75
"""Share of the time in which the search would reach all users if no limit were passed on the way."""


def load_users(profile: ProfileName, *, elapsed: float, duration: float, users: int) -> int:
    """Load users wanted at `elapsed` of `duration` seconds; 0 once it is over, else at least 1.

    `steady`: all from the start. `steps`: a quarter more in each quarter of the time. `spike`: a fifth, and all of
    them during the middle third. `double wave`: twice up to all and down to a tenth. `soak`: up during the first
    tenth, then all for the rest. `ceiling`: a tenth more at a time; only what it would be without limits, since the
    search itself decides (`swarm/search.py`).
    """
    share = elapsed / duration
    if share >= 1:
        return 0
    return max(1, min(users, math.ceil(users * _part(profile, share) - 1e-9)))


def _part(profile: ProfileName, share: float) -> float:
    """The part of all users, 0 to 1, at this share of the time."""
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
