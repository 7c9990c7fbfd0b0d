"""Sessions end by idleness, by age, by sign-out, and take their sockets with them."""

from __future__ import annotations

from dashboard.access.sessions import SESSIONS_MAX, Sessions


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


def test_it_gives_the_place_of_the_longest_unused_session_to_a_new_one() -> None:
    sessions, clock, closed = made()
    first, _ = sessions.open(by="operator")
    for _ in range(SESSIONS_MAX):
        clock.now += 0.01
        sessions.open(by="operator")
    assert closed == [first.id]
