"""Ten failures in fifteen minutes for each address, then nothing is even looked at; nobody else is held up."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.access.attempts import ADDRESSES_MAX, MOST, WINDOW_S, Attempts
from dashboard.access.door import NotLetIn
from dashboard.kube.errors import Unreachable

HERE, THERE = {"REMOTE_ADDR": "10.0.0.1"}, {"REMOTE_ADDR": "10.0.0.2"}


def fail(house: Any, environ: dict[str, str]) -> int:
    with pytest.raises(NotLetIn) as told:
        house.door.by_token("wrong", environ)
    return told.value.status


def test_the_eleventh_failure_is_not_even_asked_about(house: Any) -> None:
    assert [fail(house, HERE) for _ in range(MOST)] == [403] * MOST
    asked = len(house.cluster.asked)
    assert fail(house, HERE) == 429
    assert len(house.cluster.asked) == asked


def test_not_even_the_right_token_comes_in_then(house: Any) -> None:
    for _ in range(MOST):
        fail(house, HERE)
    with pytest.raises(NotLetIn) as told:
        house.door.by_token("t-ada", HERE)
    assert told.value.status == 429
    assert 0 < told.value.retry_after <= WINDOW_S


def test_another_address_is_not_held_up(house: Any) -> None:
    for _ in range(MOST + 1):
        fail(house, HERE)
    assert house.door.by_token("t-ada", THERE)[0].by == "ada"


def test_it_is_over_after_the_window(house: Any) -> None:
    for _ in range(MOST):
        fail(house, HERE)
    house.clock.now += WINDOW_S
    assert house.door.by_token("t-ada", HERE)[0].by == "ada"


def test_a_success_takes_back_no_failure(house: Any) -> None:
    for _ in range(MOST - 1):
        fail(house, HERE)
    for _ in range(5):
        house.door.by_token("t-ada", HERE)
    assert fail(house, HERE) == 403
    assert fail(house, HERE) == 429


def test_many_at_once_gain_nothing() -> None:
    attempts = Attempts(lambda: 0.0)
    begun = [attempts.begin("a") for _ in range(50)]  # none of them has an answer yet
    assert begun.count(0.0) == MOST


def test_a_cluster_that_does_not_answer_counts_against_nobody(house: Any) -> None:
    house.cluster.down = Unreachable("away")
    assert [fail(house, HERE) for _ in range(MOST + 5)] == [503] * (MOST + 5)
    house.cluster.down = None
    assert house.door.by_token("t-ada", HERE)[0].by == "ada"


def test_one_household_of_ipv6_is_one_address(house: Any) -> None:
    for each in range(MOST):
        fail(house, {"REMOTE_ADDR": f"2001:db8::{each + 1:x}"})
    assert fail(house, {"REMOTE_ADDR": "2001:db8::ffff"}) == 429


def test_its_memory_is_bounded() -> None:
    attempts = Attempts(lambda: 0.0)
    for each in range(ADDRESSES_MAX + 100):
        attempts.begin(str(each))
    assert len(attempts) == ADDRESSES_MAX


def test_who_did_not_fail_is_not_remembered(house: Any) -> None:
    house.door.by_token("t-ada", HERE)
    assert len(house.attempts) == 0
