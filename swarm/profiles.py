"""Load profiles: how many load users there should be after so many seconds; pure."""

from __future__ import annotations

import math
from typing import Literal, get_args

ProfileName = Literal["steady", "steps", "spike"]
PROFILES: tuple[str, ...] = get_args(ProfileName)
STEPS = 4
SPIKE_BASE = 0.2
SPIKE_FROM, SPIKE_TO = 1 / 3, 2 / 3


def load_users(profile: ProfileName, *, elapsed: float, duration: float, users: int) -> int:
    """Load users wanted at `elapsed` of `duration` seconds; 0 once it is over, else at least 1.

    `steady`: all from the start. `steps`: a quarter more in each quarter of the time. `spike`: a fifth, and all of
    them during the middle third.
    """
    share = elapsed / duration
    if share >= 1:
        return 0
    if profile == "steps":
        return max(1, math.ceil(users * (math.floor(share * STEPS) + 1) / STEPS))
    if profile == "spike" and not SPIKE_FROM <= share < SPIKE_TO:
        return max(1, math.ceil(users * SPIKE_BASE))
    return users
