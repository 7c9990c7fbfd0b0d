"""Signing in by token in a real browser: without script, on a phone, back to where one was going, and out again."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.attempts import Attempts
from dashboard.access.door import Door
from dashboard.access.people import People
from dashboard.access.rechecks import Rechecks
from dashboard.access.rights import Rights
from dashboard.kube.reviews import Person

pytestmark = pytest.mark.browser


class Cluster:
    """Knows two people, of whom one may not view."""

    people = {"t-ada": "ada", "t-eve": "system:serviceaccount:demo:eve"}  # noqa: RUF012 - nobody changes it

    def whose(self, token: str) -> Person | None:
        return Person(self.people[token]) if token in self.people else None

    def may(self, person: Person, _right: Any) -> bool:
        return person.name == "ada"

    def may_with(self, _credential: Any, _right: Any) -> bool:
        return True


@pytest.fixture
def door(stand: Any) -> Any:
    people = People(Cluster(), Rights("flask", ("flask",)), time.time)
    sessions = stand.access.sessions
    rechecks = Rechecks(sessions, people, time.time)
    stand.access.door = Door(sessions, people, Attempts(time.monotonic), rechecks, lambda *_what, **_more: None)
    return stand.access.door


def keep(page: Any, name: str) -> None:
    """A picture for people, where one is asked for."""
    folder = os.environ.get("SURGEBOARD_SCREENS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def paste(page: Any, token: str) -> None:
    page.fill("input[name=token]", token)
    page.click("form button")
    page.wait_for_load_state()


def wait_for_browsers(stand: Any, page: Any, count: int) -> None:
    end = time.monotonic() + 30
    while stand.sockets.hub.count != count:
        assert time.monotonic() < end
        page.wait_for_timeout(100)


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_one_signs_in_without_a_script_and_comes_back_to_where_one_was_going(
    stand: Any, door: Any, open_page: Any
) -> None:
    page = open_page(signed_in=False, java_script_enabled=False)
    page.goto(f"{stand.url}/scaling")
    assert page.inner_text("h1") == "Sign in"
    assert page.get_attribute("input[name=token]", "type") == "password"
    paste(page, "t-ada")
    assert page.url == f"{stand.url}/scaling"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_door_fits_and_says_why_not(stand: Any, door: Any, open_page: Any, *, dark: bool, width: int) -> None:
    page = open_page(signed_in=False, width=width, height=900, dark=dark)
    name = f"sign-in-{'dark' if dark else 'light'}-{width}"
    assert fits(page)
    keep(page, name)
    paste(page, "of-nobody")
    assert "was not accepted" in page.inner_text("[role=alert]")
    assert page.input_value("input[name=token]") == ""
    assert fits(page)
    keep(page, f"{name}-refused")
    paste(page, "t-eve")
    assert "needs list pods in namespace flask" in page.inner_text("[role=alert]")
    assert "kind: RoleBinding" in page.inner_text("pre.sign-in-rule")
    assert fits(page)
    keep(page, f"{name}-without-the-right")


def test_the_token_is_in_no_address_and_no_history(stand: Any, door: Any, open_page: Any) -> None:
    page = open_page(signed_in=False)
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    paste(page, "t-ada")
    assert page.url == f"{stand.url}/"
    assert not [url for url in seen if "t-ada" in url]
    (session,) = stand.access.sessions.open_now()
    assert session.by == "ada"


def test_an_open_page_learns_at_once_that_its_session_was_ended(stand: Any, door: Any, open_page: Any) -> None:
    stand.access.sessions.on_close(lambda _session: stand.sockets.look_again())
    page = open_page(signed_in=False)
    paste(page, "t-ada")
    wait_for_browsers(stand, page, 1)
    (session,) = stand.access.sessions.open_now()
    stand.access.sessions.close(session.id)
    wait_for_browsers(stand, page, 0)
    page.reload()
    assert page.inner_text("h1") == "Sign in"
