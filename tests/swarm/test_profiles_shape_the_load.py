"""Load users by elapsed time."""

from __future__ import annotations

import pytest

from swarm.profiles import PROFILES, load_users


@pytest.mark.parametrize(
    ("profile", "shape"),
    [
        ("steady", [60, 60, 60, 60, 60, 60]),
        ("steps", [15, 15, 30, 45, 60, 60]),
        ("spike", [12, 12, 60, 60, 12, 12]),
        ("double wave", [6, 47, 33, 10, 57, 7]),
        ("soak", [12, 60, 60, 60, 60, 60]),
        ("ceiling", [6, 18, 36, 48, 60, 60]),
    ],
)
def test_each_profile_has_its_shape(profile: str, shape: list[int]) -> None:
    moments = [0, 20, 45, 65, 95, 119.9]
    found = [load_users(profile, elapsed=moment, duration=120, users=60) for moment in moments]  # type: ignore[arg-type]
    assert found == shape


@pytest.mark.parametrize("profile", PROFILES)
def test_nobody_is_left_at_the_end_and_never_more_than_asked(profile: str) -> None:
    assert load_users(profile, elapsed=120, duration=120, users=60) == 0  # type: ignore[arg-type]
    for users in (1, 7, 500):
        found = [load_users(profile, elapsed=second, duration=60, users=users) for second in range(60)]  # type: ignore[arg-type]
        assert min(found) >= 1
        assert max(found) == users
