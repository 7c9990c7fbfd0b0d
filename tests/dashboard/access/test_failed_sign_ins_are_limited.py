"""Ten failures for each address; then links are not looked at for a quarter of an hour, and tokens ever so slowly.

Nobody at another address is held up.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.access.attempts import ADDRESSES_MAX, MOST, PAUSE_S, WINDOW_S, Attempts, Pacing
from dashboard.access.door import NotLetIn
from dashboard.access.guard import Access
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.sessions import Sessions
from dashboard.access.share_links import ShareLinks
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


def test_a_token_of_somebody_who_may_not_view_counts_too(house: Any) -> None:
    house.cluster.rights["ada"] = frozenset()
    told = []
    for _ in range(MOST + 1):
        with pytest.raises(NotLetIn) as refused:
            house.door.by_token("t-ada", HERE)
        told.append(refused.value.status)
    assert told == [403] * MOST + [429]


def test_the_right_token_waits_for_seconds_and_never_longer(house: Any) -> None:
    for _ in range(MOST):
        fail(house, HERE)
    with pytest.raises(NotLetIn) as told:
        house.door.by_token("t-ada", HERE)
    assert told.value.status == 429
    assert 0 < told.value.retry_after <= PAUSE_S
    house.clock.now += told.value.retry_after
    assert house.door.by_token("t-ada", HERE)[0].by == "ada"


def test_what_is_refused_unasked_keeps_nobody_out_for_longer(house: Any) -> None:
    for _ in range(MOST + 500):
        fail(house, HERE)
    house.clock.now += PAUSE_S
    assert house.door.by_token("t-ada", HERE)[0].by == "ada"


def test_after_the_first_failures_one_more_is_asked_about_in_each_pause(house: Any) -> None:
    for _ in range(MOST):
        fail(house, HERE)
    told = []
    for _ in range(100):
        house.clock.now += PAUSE_S / 10
        told.append(fail(house, HERE))
    assert told.count(403) == 10


def test_another_address_is_not_held_up(house: Any) -> None:
    for _ in range(MOST + 1):
        fail(house, HERE)
    assert house.door.by_token("t-ada", THERE)[0].by == "ada"


def test_guessed_links_are_shut_out_for_the_whole_window() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    assert [attempts.begin("a") for _ in range(MOST)] == [0.0] * MOST
    now[0] += WINDOW_S - 1
    assert attempts.begin("a") == 1.0
    now[0] += 1
    assert attempts.begin("a") == 0.0


def test_failed_share_links_keep_nobody_from_signing_in_nor_the_other_way_about(tmp_path: Path) -> None:
    links = SignInLinks("http://x", tmp_path)
    shares = ShareLinks(tmp_path)
    access = Access(
        sessions=Sessions(lambda: 0.0), links=links, origins=Origins.loopback(8080), port=8080, shares=shares,
    )  # fmt: skip
    for _ in range(MOST):
        assert access.enter_by_link("wrong", HERE) is None
    with pytest.raises(NotLetIn):
        access.enter_by_link("wrong", HERE)
    assert access.sign_in(links.renew().partition("token=")[2], HERE) is not None
    for _ in range(MOST):
        assert access.sign_in("wrong", THERE) is None
    with pytest.raises(NotLetIn):
        access.sign_in("wrong", THERE)
    assert access.enter_by_link("wrong", THERE) is None


def test_a_success_takes_back_no_failure(house: Any) -> None:
    for _ in range(MOST - 1):
        fail(house, HERE)
    for _ in range(5):
        house.door.by_token("t-ada", HERE)
    assert fail(house, HERE) == 403
    assert fail(house, HERE) == 429


@pytest.mark.parametrize("kind", [Attempts, Pacing])
def test_many_at_once_gain_nothing(kind: Any) -> None:
    attempts = kind(lambda: 0.0)
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


@pytest.mark.parametrize("kind", [Attempts, Pacing])
def test_its_memory_is_bounded(kind: Any) -> None:
    attempts = kind(lambda: 0.0)
    for each in range(ADDRESSES_MAX + 100):
        attempts.begin(str(each))
    assert len(attempts) == ADDRESSES_MAX


def test_who_did_not_fail_is_not_remembered(house: Any) -> None:
    house.door.by_token("t-ada", HERE)
    assert len(house.attempts) == 0


def test_a_clock_that_is_set_back_makes_nobody_wait_for_longer() -> None:
    now = [7200.0]
    attempts = Pacing(lambda: now[0])
    for _ in range(MOST):
        attempts.begin("a")
    now[0] = 0.0
    assert attempts.begin("a") == PAUSE_S
