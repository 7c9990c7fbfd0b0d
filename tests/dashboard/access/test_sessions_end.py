"""Sessions end by idleness, by age, by sign-out, and take their sockets with them."""

from __future__ import annotations

from dashboard.access.held import HeldToken
from dashboard.access.sessions import SESSIONS_MAX, TOKEN_MAX, Sessions, Standing


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def made() -> tuple[Sessions, Clock, list[str]]:
    clock, closed = Clock(), []
    sessions = Sessions(clock, idle_s=60, absolute_s=600)
    sessions.on_close(closed.append)
    return sessions, clock, closed


def test_it_finds_a_session_by_its_cookie_alone() -> None:
    sessions, _, _ = made()
    session, secret = sessions.open(by="operator")
    assert sessions.find(secret) is session
    assert sessions.find(session.id) is None
    assert sessions.find(session.frame_key) is None


def test_nobody_guesses_what_opens_a_session_or_its_frame() -> None:
    sessions, _, _ = made()
    opened = [sessions.open(by="operator") for _ in range(3)]
    assert all(len(secret) >= 43 and len(session.frame_key) >= 32 for session, secret in opened)
    assert len({secret for _, secret in opened} | {session.frame_key for session, _ in opened}) == 6


def test_it_keeps_no_secret_in_memory() -> None:
    sessions, _, _ = made()
    _, secret = sessions.open(by="operator")
    assert secret not in repr(vars(sessions))


def test_it_ends_an_idle_session_and_says_so() -> None:
    sessions, clock, closed = made()
    session, secret = sessions.open(by="operator")
    clock.now += 59
    assert sessions.find(secret)
    clock.now += 61
    assert sessions.find(secret) is None
    assert closed == [session.id]


def test_it_ends_a_busy_session_at_its_age() -> None:
    sessions, clock, _ = made()
    session, secret = sessions.open(by="operator")
    for _ in range(13):
        clock.now += 50
        sessions.find(secret)
    assert sessions.find(secret) is None
    assert not sessions.is_open(session.id)


def test_it_closes_the_frame_with_the_session() -> None:
    sessions, _, closed = made()
    session, _ = sessions.open(by="operator")
    assert sessions.find_frame(session.frame_key) is session
    sessions.close(session.id)
    assert sessions.find_frame(session.frame_key) is None
    assert closed == [session.id]


def test_the_frame_of_a_session_that_is_over_is_closed_though_nobody_has_swept() -> None:
    sessions, clock, _ = made()
    session, _ = sessions.open(by="operator")
    clock.now += 61
    assert sessions.find_frame(session.frame_key) is None


def test_it_gives_the_place_of_the_longest_unused_session_to_a_new_one() -> None:
    sessions, clock, closed = made()
    first, _ = sessions.open(by="operator")
    for _ in range(SESSIONS_MAX):
        clock.now += 0.01
        sessions.open(by="operator")
    assert closed == [first.id]


def test_many_sign_in_as_one_service_account_and_nobody_ends_another_ones_session() -> None:
    sessions, clock, closed = made()
    for number in range(2 * TOKEN_MAX):
        clock.now += 0.01
        held = HeldToken(f"token-{number}", clock)
        sessions.open(standing=Standing("system:serviceaccount:surgeboard:viewer", held=held), most=TOKEN_MAX)
    assert closed == []
    for _ in range(TOKEN_MAX):
        held = HeldToken("token-0", clock)
        sessions.open(standing=Standing("system:serviceaccount:surgeboard:viewer", held=held), most=TOKEN_MAX)
    assert len(closed) == 1


def test_when_all_places_are_taken_whoever_has_the_most_gives_one_up() -> None:
    sessions, clock, closed = made()
    alone, _ = sessions.open(by="ada")
    first = None
    for number in range(SESSIONS_MAX + 30):
        clock.now += 0.01
        held = HeldToken(f"token-{number}", clock)
        opened, _ = sessions.open(standing=Standing("shared", held=held), most=TOKEN_MAX)
        first = first or opened
    assert sessions.is_open(alone.id)
    assert first is not None
    assert (closed[0], len(closed), len(sessions.open_now())) == (first.id, 31, SESSIONS_MAX)
