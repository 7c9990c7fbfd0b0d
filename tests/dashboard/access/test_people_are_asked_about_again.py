"""While a session is used the cluster is asked at least once a minute; refused ends it, silence ends it a minute on."""

from __future__ import annotations

import time
from threading import Thread
from typing import Any

from dashboard.access.capabilities import Capability
from dashboard.kube.errors import Unreachable

HERE = {"REMOTE_ADDR": "10.0.0.1"}


def use_for(house: Any, seconds: float, *secrets: str) -> None:
    """A page that is looked at, with the ticker going."""
    end = house.clock.now + seconds
    while house.clock.now < end:
        house.clock.now += house.rechecks.tick_s / 2
        for secret in secrets:
            house.sessions.find(secret)
        house.rechecks.tick()


def test_it_asks_at_least_once_a_minute(house: Any) -> None:
    _, secret = house.door.by_token("t-ada", HERE)
    house.cluster.asked.clear()
    use_for(house, 600, secret)
    assert 10 <= house.cluster.asked.count("whose") <= 13


def test_a_right_taken_away_is_gone_within_a_minute_and_one_given_is_there(house: Any) -> None:
    session, secret = house.door.by_token("t-ada", HERE)
    house.cluster.rights["ada"] = frozenset({"list pods flask", "create jobs load"})
    use_for(house, 60, secret)
    assert Capability.APPLY not in session.capabilities
    assert Capability.LOADTEST in session.capabilities
    assert "patch deployments" in session.lacking[Capability.APPLY]
    house.cluster.rights["ada"] = frozenset({"list pods flask", "patch deployments flask"})
    use_for(house, 60, secret)
    assert Capability.APPLY in session.capabilities


def test_a_revoked_token_ends_the_session_within_a_minute(house: Any) -> None:
    session, secret = house.door.by_token("t-ada", HERE)
    closed: list[str] = []
    house.sessions.on_close(closed.append)
    del house.cluster.people["t-ada"]
    use_for(house, 60, secret)
    assert closed == [session.id]
    assert session.held.read() is None
    assert house.ended == [("ada", "its token is no longer accepted")]


def test_who_may_no_longer_view_is_out(house: Any) -> None:
    _, secret = house.door.by_token("t-ada", HERE)
    house.cluster.rights["ada"] = frozenset({"patch deployments flask"})
    use_for(house, 60, secret)
    assert house.sessions.find(secret) is None


def test_a_cluster_that_is_away_is_waited_for_a_minute_more_and_no_longer(house: Any) -> None:
    session, secret = house.door.by_token("t-ada", HERE)
    house.cluster.break_down()
    use_for(house, 110, secret)
    assert house.rechecks.is_good(session)
    use_for(house, 20, secret)
    assert not house.sessions.is_open(session.id)
    assert session.held.read() is None


def test_a_cluster_that_comes_back_in_time_ends_nothing(house: Any) -> None:
    session, secret = house.door.by_token("t-ada", HERE)
    house.cluster.break_down()
    use_for(house, 90, secret)
    house.cluster.down = None
    use_for(house, 300, secret)
    assert house.sessions.is_open(session.id)
    assert not session.doubted


def test_a_cluster_that_is_away_is_asked_once_a_round_not_once_a_session(house: Any) -> None:
    opened = [house.door.by_token("t-ada", HERE)[1] for _ in range(15)]
    house.clock.now += 55
    for secret in opened:
        house.sessions.find(secret)
    house.cluster.break_down()
    house.cluster.asked.clear()
    house.rechecks.tick()
    assert len(house.cluster.asked) == 1


def test_one_person_without_an_answer_keeps_nobody_else_from_theirs(house: Any) -> None:
    _, hers = house.door.by_token("t-ada", HERE)
    session, secret = house.door.by_token("t-bo", HERE)
    real = house.cluster.whose

    def whose(token: str) -> Any:
        if token == "t-ada":
            raise Unreachable("it takes too long to find out about ada")
        return real(token)

    house.cluster.whose = whose
    use_for(house, 200, hers, secret)
    assert house.sessions.is_open(session.id)
    assert not session.doubted


def test_a_session_that_nobody_uses_is_not_asked_about_but_before_its_next_use(house: Any) -> None:
    session, secret = house.door.by_token("t-ada", HERE)
    use_for(house, 300)
    house.cluster.asked.clear()
    use_for(house, 300)
    assert house.cluster.asked == []
    del house.cluster.people["t-ada"]
    found = house.sessions.find(secret)
    assert found is session
    assert not house.rechecks.is_good(found)


def test_a_session_taken_up_again_while_the_cluster_is_away_is_not_good(house: Any) -> None:
    session, _ = house.door.by_token("t-ada", HERE)
    use_for(house, 600)
    house.cluster.break_down()
    assert not house.rechecks.is_good(session)


def test_a_token_that_is_another_persons_now_ends_it(house: Any) -> None:
    session, secret = house.door.by_token("t-ada", HERE)
    house.cluster.people["t-ada"] = "bo"
    use_for(house, 60, secret)
    assert not house.sessions.is_open(session.id)


def test_it_can_be_asked_at_once_when_there_is_a_doubt(house: Any) -> None:
    session, _ = house.door.by_token("t-ada", HERE)
    del house.cluster.people["t-ada"]
    house.rechecks.review(session)
    assert not house.sessions.is_open(session.id)


def test_several_who_doubt_at_once_ask_once(house: Any) -> None:
    session, _ = house.door.by_token("t-ada", HERE)
    house.clock.now += 1
    house.cluster.asked.clear()
    other, real, turn = (
        Thread(target=house.rechecks.review, args=(session,)),
        house.cluster.whose,
        house.rechecks._turns,
    )

    def whose(token: str) -> Any:
        if other.ident is None:
            other.start()
            while other.is_alive() and turn._turns[session.id].users < 2:
                time.sleep(0.001)  # until the other one waits for its turn
        return real(token)

    house.cluster.whose = whose
    house.rechecks.review(session)
    other.join()
    assert house.cluster.asked.count("whose") == 1


def test_the_person_at_this_machine_is_asked_about_nowhere(house: Any) -> None:
    session, secret = house.sessions.open(by="operator")
    use_for(house, 600, secret)
    assert house.rechecks.is_good(session)
    assert house.cluster.asked == []


def test_what_goes_wrong_with_one_session_keeps_no_other_from_its_review(house: Any, caplog: Any) -> None:
    broken, hers = house.door.by_token("t-ada", HERE)
    session, secret = house.door.by_token("t-bo", HERE)
    real = house.cluster.whose

    def whose(token: str) -> Any:
        if token == "t-ada":
            raise RuntimeError("nobody thought of this")
        return real(token)

    house.cluster.whose = whose
    house.cluster.rights["bo"] = frozenset({"list pods flask", "create jobs load"})
    use_for(house, 70, hers, secret)
    assert Capability.LOADTEST in session.capabilities
    assert "could not be reviewed" in caplog.text
    assert house.sessions.is_open(broken.id)
    use_for(house, 60, hers, secret)
    assert not house.sessions.is_open(broken.id)
    assert house.sessions.is_open(session.id)
