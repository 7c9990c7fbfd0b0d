"""The most a swarm may ever be, whatever is configured. Asking for more is refused, never cut down silently; pure.

The dashboard knows the same numbers (`dashboard/load/request.py`), held equal by a test.
"""

from __future__ import annotations

import math

MAX_USERS = 500
MAX_SPAWN_RATE = 50.0
MAX_DURATION_S = 900.0
MAX_WORKERS = 50
MAX_REQUESTS_PER_S = 1000.0
"""All workers together; the master gives each its share, and a worker holds back what goes beyond it."""
MIN_P95_LIMIT_MS, MAX_P95_LIMIT_MS = 10, 10_000
MIN_FAILED_LIMIT_PERCENT, MAX_FAILED_LIMIT_PERCENT = 0.1, 50.0
MAX_SILENCE_S = 25.0
"""Longest time without a question for the state before the swarm ends by itself."""
MAX_LINGER_S = 30.0
"""Longest time the final document stays readable."""


class Refused(ValueError):
    """A value outside its ceiling; the text names the value, the bounds and the way out."""


def users(value: float) -> int:
    """Load users, whole."""
    whole = within("users", value, least=1, most=MAX_USERS)
    if not whole.is_integer():
        raise Refused(f"users is {value:g}: give a whole number")
    return int(whole)


def spawn_rate(value: float) -> float:
    """Load users started per second."""
    return within("spawn rate", value, least=0.1, most=MAX_SPAWN_RATE)


def within(name: str, value: float, *, least: float, most: float) -> float:
    """`value` if it lies in the range; Refused otherwise."""
    if not math.isfinite(value) or not least <= value <= most:
        raise Refused(f"{name} is {value:g}: give a number from {least:g} to {most:g}")
    return value
