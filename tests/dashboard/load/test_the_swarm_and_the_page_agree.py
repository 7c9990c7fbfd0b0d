"""Two programs that import nothing of each other know the same ceilings and draw the same profiles."""

from __future__ import annotations

import pytest

from dashboard.load import preview, request, swarm
from swarm import ceilings, profiles


def test_the_ceilings_are_the_same() -> None:
    assert (
        request.USERS_MAX, request.SPAWN_RATE_MAX, request.DURATION_MAX_S, request.WORKERS_MAX,
        request.REQUESTS_PER_S_MAX, request.P95_LIMIT_MIN_MS, request.P95_LIMIT_MAX_MS,
        request.FAILED_LIMIT_MIN_PERCENT, request.FAILED_LIMIT_MAX_PERCENT,
    ) == (
        ceilings.MAX_USERS, ceilings.MAX_SPAWN_RATE, ceilings.MAX_DURATION_S, ceilings.MAX_WORKERS,
        ceilings.MAX_REQUESTS_PER_S, ceilings.MIN_P95_LIMIT_MS, ceilings.MAX_P95_LIMIT_MS,
        ceilings.MIN_FAILED_LIMIT_PERCENT, ceilings.MAX_FAILED_LIMIT_PERCENT,
    )  # fmt: skip


def test_the_switch_of_a_master_that_nobody_asks_is_told_as_it_is() -> None:
    assert swarm.SWITCH_S == ceilings.MAX_SILENCE_S


def test_the_profiles_are_the_same() -> None:
    assert request.PROFILES == profiles.PROFILES == tuple(preview.TEXTS)


@pytest.mark.parametrize("profile", profiles.PROFILES)
@pytest.mark.parametrize(("duration", "users"), [(10, 1), (60, 7), (180, 60), (437, 500), (900, 333)])
def test_the_preview_is_what_the_master_will_do(profile: str, duration: int, users: int) -> None:
    for tenth in range(10 * duration + 20):
        told = preview.load_users(profile, elapsed=tenth / 10, duration=duration, users=users)
        done = profiles.load_users(profile, elapsed=tenth / 10, duration=duration, users=users)  # type: ignore[arg-type]
        assert told == done, (profile, tenth)


@pytest.mark.parametrize("profile", profiles.PROFILES)
def test_points_begin_at_once_reach_all_and_end_at_nobody(profile: str) -> None:
    drawn = preview.points(profile, duration=180, users=60)
    assert (drawn[0][0], drawn[-1]) == (0.0, (180.0, 0))
    assert max(users for _, users in drawn) == 60


def test_points_climb_as_fast_as_users_are_started() -> None:
    drawn = dict(preview.points("steady", duration=240, users=60, spawn_rate=2))
    assert (drawn[0.0], drawn[15.0], drawn[30.0], drawn[120.0]) == (0, 30, 60, 60)
