"""Behind a trusted proxy: with an access token as with a token of their own, without one to look at most."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import pytest

from dashboard.access.attempts import PAUSE_S
from dashboard.access.capabilities import Capability, up_to
from dashboard.access.door import ACCEPTED_S, DENIED_S, PASSED_ON_MOST, NotLetIn
from dashboard.access.forwarded import SAID, Said


def named(house: Any, user: str, *groups: str, token: str | None = None) -> Any:
    house.door.by_proxy = True
    return house.door.named({"REMOTE_ADDR": "10.1.2.3", SAID: Said(user, groups, token)})


def test_with_a_token_they_are_who_the_cluster_says(house: Any) -> None:
    session = named(house, "ada@example.com", token="t-ada")
    assert session.by == "ada"
    assert session.capabilities == up_to(Capability.APPLY)
    assert session.credential.header() == "Bearer t-ada"


def test_without_one_they_look_at_most_and_are_told_why(house: Any) -> None:
    session = named(house, "ada", "dev")
    assert session.capabilities == up_to(Capability.VIEW)
    assert session.credential is None
    assert "passes on who you are but no token" in session.lacking[Capability.APPLY]


def test_a_name_is_one_session_and_another_name_another(house: Any) -> None:
    first = named(house, "ada")
    asked = len(house.cluster.asked)
    assert named(house, "ada") is first
    assert len(house.cluster.asked) == asked
    assert named(house, "bo").id != first.id


def test_no_cookie_opens_a_session_of_the_proxy(house: Any) -> None:
    session = named(house, "ada")
    for guess in ("ada", session.id, session.frame_key, "ada\0"):
        assert house.sessions.find(guess) is None


@pytest.mark.parametrize("name", ["system:admin", "system:serviceaccount:kube-system:x", "system:anonymous"])
def test_a_proxy_names_nobody_of_the_system(house: Any, name: str) -> None:
    house.cluster.rights[name] = house.cluster.rights["ada"]
    with pytest.raises(NotLetIn):
        named(house, name)


def test_groups_of_the_system_are_left_out(house: Any) -> None:
    asked = []
    real = house.cluster.may
    house.cluster.may = lambda person, right: asked.append(person.groups) or real(person, right)
    named(house, "ada", "dev", "system:masters")
    assert asked == [("dev", "system:authenticated")]


def test_who_may_not_view_is_told_and_not_asked_about_sixty_times(house: Any) -> None:
    for _ in range(60):
        with pytest.raises(NotLetIn) as told:
            named(house, "eve")
    assert told.value.rule is not None
    assert len(house.cluster.asked) == 1
    assert len([each for each in house.record if each["outcome"] == "refused"]) == 1
    house.clock.now += 10
    house.cluster.rights["eve"] = house.cluster.rights["bo"]
    assert named(house, "eve").by == "eve"


def test_a_refreshed_token_goes_on_with_the_session(house: Any) -> None:
    session = named(house, "ada", token="t-ada")
    house.cluster.people["t-ada-2"] = "ada"
    assert named(house, "ada", token="t-ada-2") is session
    assert session.credential.header() == "Bearer t-ada-2"


def test_a_token_of_another_person_is_another_session(house: Any) -> None:
    session = named(house, "shared-name", token="t-ada")
    other = named(house, "shared-name", token="t-bo")
    assert (other.by, other.id != session.id) == ("bo", True)
    assert session.held.read() is None


def test_a_refused_token_is_no_word_about_whose_it_was(house: Any) -> None:
    """What stands beside a token is not believed, not even in the record."""
    with pytest.raises(NotLetIn):
        named(house, "ada", token="t-nobody")
    assert [each["by"] for each in house.record if each["outcome"] == "refused"] == ["unknown"]


def test_a_token_that_is_no_longer_passed_on_is_no_longer_used(house: Any) -> None:
    session = named(house, "ada", token="t-ada")
    later = named(house, "ada")
    assert later.credential is None
    assert session.held.read() is None


def test_other_groups_are_asked_about_anew(house: Any) -> None:
    first = named(house, "ada", "dev")
    assert named(house, "ada", "ops").id != first.id


def test_somebody_named_is_reviewed_like_everybody(house: Any) -> None:
    session = named(house, "ada")
    house.cluster.rights["ada"] = frozenset()
    house.rechecks.review(session)
    assert not house.sessions.is_open(session.id)


def test_nobody_named_is_nobody(house: Any) -> None:
    house.door.by_proxy = True
    assert house.door.named({"REMOTE_ADDR": "10.1.2.3"}) is None


def test_two_browsers_of_one_person_are_asked_about_once_a_minute_each(house: Any) -> None:
    house.cluster.people["t-ada-2"] = "ada"
    session = named(house, "ada", token="t-ada")
    named(house, "ada", token="t-ada-2")
    house.cluster.asked.clear()
    for _ in range(50):
        assert named(house, "ada", token="t-ada") is session
        assert named(house, "ada", token="t-ada-2") is session
    assert house.cluster.asked == []
    house.clock.now += ACCEPTED_S
    named(house, "ada", token="t-ada")
    assert house.cluster.asked.count("whose") == 1


def test_a_token_that_was_accepted_opens_nothing_once_its_session_has_ended(house: Any) -> None:
    house.cluster.people["t-ada-2"] = "ada"
    named(house, "ada", token="t-ada")
    session = named(house, "ada", token="t-ada-2")
    house.sessions.close(session.id)
    del house.cluster.people["t-ada"]
    with pytest.raises(NotLetIn):
        named(house, "ada", token="t-ada")


def test_a_refusal_that_is_told_again_is_a_new_one_and_keeps_no_token(house: Any) -> None:
    told = []
    for _ in range(3):
        with pytest.raises(NotLetIn) as refusal:
            named(house, "ada", token="".join(["t-", "stolen"]))
        told.append(refusal.value)
    assert len({id(each) for each in told}) == 3
    assert len({len(_frames(each)) for each in told[1:]}) == 1
    assert {(each.sentence, each.status) for each in told} == {(told[0].sentence, 403)}
    gone = [weakref.ref(each) for each in told]
    del told, refusal
    gc.collect()
    assert [each() for each in gone] == [None] * 3


def test_refusals_that_have_expired_are_dropped(house: Any) -> None:
    for number in range(20):
        with pytest.raises(NotLetIn):
            named(house, f"eve-{number}", token="wrong")
    house.clock.now += DENIED_S
    with pytest.raises(NotLetIn):
        named(house, "eve", token="wrong")
    assert len(house.door._denied) == 1


@pytest.mark.parametrize("name", ["eve", "eve-{}"])
def test_bad_tokens_that_a_proxy_passes_on_are_asked_about_ever_more_slowly(house: Any, name: str) -> None:
    told = []
    for number in range(PASSED_ON_MOST + 20):
        with pytest.raises(NotLetIn) as refusal:
            named(house, name.format(number), token=f"wrong-{number}")
        told.append(refusal.value.status)
    assert told == [403] * PASSED_ON_MOST + [429] * 20
    assert refusal.value.retry_after == PAUSE_S
    assert len(house.cluster.asked) == PASSED_ON_MOST
    house.clock.now += PAUSE_S
    assert named(house, "ada", token="t-ada").by == "ada"


def test_names_that_may_not_come_in_hold_up_nobody_else(house: Any) -> None:
    for number in range(PASSED_ON_MOST + 20):
        with pytest.raises(NotLetIn):
            named(house, "eve", f"group-{number}")
    assert len(house.cluster.asked) == PASSED_ON_MOST
    assert named(house, "ada").by == "ada"


def test_nobody_waits_for_the_answer_about_somebody_else(house: Any) -> None:
    asked, answer = threading.Event(), threading.Event()
    real = house.cluster.whose

    def whose(token: str) -> Any:
        if token == "t-ada":
            asked.set()
            assert answer.wait(30)
        return real(token)

    house.cluster.whose = whose
    waiting = threading.Thread(target=lambda: named(house, "ada", token="t-ada"))
    waiting.start()
    assert asked.wait(30)
    other = threading.Thread(target=lambda: named(house, "bo", token="t-bo"))
    other.start()
    other.join(30)
    is_in = not other.is_alive()
    answer.set()
    waiting.join(30)
    other.join(30)
    assert is_in
    assert len(house.door._turns) == 0


def _frames(problem: BaseException) -> list[Any]:
    found, at = [], problem.__traceback__
    while at is not None:
        found.append(at)
        at = at.tb_next
    return found
