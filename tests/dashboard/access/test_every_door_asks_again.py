"""A page, the frame and a socket are each asked about: whoever is not good any more gets in by none of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.guard import Access
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.sessions import Standing

HERE = {"REMOTE_ADDR": "10.0.0.1"}
OURS = {"HTTP_HOST": "localhost:8080", "HTTP_ORIGIN": "http://localhost:8080"}


class Person:
    """Somebody who signed in by token, and the three ways in."""

    def __init__(self, house: Any, folder: Path) -> None:
        self.access = Access(
            sessions=house.sessions, links=SignInLinks("x", folder), origins=Origins.loopback(8080), port=8080,
            door=house.door,
        )  # fmt: skip
        self.session, secret = house.door.by_token("t-ada", HERE)
        self.environ: dict[str, Any] = {**OURS, "HTTP_COOKIE": f"surgeboard-8080={secret}"}

    def page(self) -> Any:
        return self.access.session_of(self.environ)

    def frame(self) -> Any:
        return self.access.session_of_frame(self.session.frame_key)

    def socket(self) -> Any:
        return self.access.authorize(self.environ)


WAYS: dict[str, Callable[[Person], Any]] = {"page": Person.page, "frame": Person.frame, "socket": Person.socket}


@pytest.fixture
def person(house: Any, tmp_path: Path) -> Person:
    return Person(house, tmp_path)


@pytest.mark.parametrize("way", WAYS)
def test_who_has_lost_the_right_while_nobody_looked_is_stopped_there(house: Any, person: Person, way: str) -> None:
    assert WAYS[way](person) is person.session
    house.clock.now += 3600  # nothing was used and so nobody was asked about
    house.cluster.rights["ada"] = frozenset()
    assert WAYS[way](person) is None
    assert house.sessions.open_now() == []


def test_an_open_socket_is_asked_about_each_time_and_not_only_when_it_is_opened(house: Any, person: Person) -> None:
    assert person.socket() is person.session
    house.clock.now += 3600
    house.cluster.people.clear()
    assert person.socket() is None


def test_a_socket_stays_with_the_session_that_it_was_opened_with(house: Any, person: Person) -> None:
    """Signed out, and in again in the same browser: what was open does not become the new session's."""
    assert person.socket() is person.session
    house.sessions.close(person.session.id)
    _, secret = house.door.by_token("t-bo", HERE)
    person.environ["HTTP_COOKIE"] = f"surgeboard-8080={secret}"
    assert person.page().by == "bo"
    assert person.socket() is None


def test_who_may_nothing_gets_no_socket(house: Any, person: Person) -> None:
    house.sessions.close(person.session.id)
    _, secret = house.sessions.open(standing=Standing("eve", frozenset()))
    person.environ["HTTP_COOKIE"] = f"surgeboard-8080={secret}"
    assert person.page().by == "eve"
    assert person.socket() is None
