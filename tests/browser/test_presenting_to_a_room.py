"""Present mode before a room: every state of it is drawn large, it is live, and there is nothing in it to press.

With SURGEBOARD_SCREENSHOTS=<folder> the pictures are kept, to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
SHAPES = {"projector": (1920, 1080), "laptop": (1440, 900), "narrow": (390, 844)}
DARK = [False, True] if os.environ.get("SURGEBOARD_SCREENSHOTS") else [False]
"""Darkness changes colours alone, which only the eye can judge: it is drawn when the pictures are kept."""


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"present-{name}.png", full_page="narrow" in name)


@pytest.fixture
def present(stand: Any, open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Opens Present mode by a share link, in a browser that never signed in."""

    def open_it(**more: Any) -> Any:
        _, token = stand.shares.make(label="the room", hours=8, by="operator")
        page = open_page(signed_in=False, **more)
        page.goto(f"{stand.url}/s/{token}")
        assert page.url == f"{stand.url}/present"
        return page

    return open_it


@pytest.mark.parametrize("dark", DARK, ids=["light", "dark"][: len(DARK)])
@pytest.mark.parametrize("shape", SHAPES)
def test_present_is_drawn_under_load(stand: Any, present: Callable[..., Any], shape: str, dark: bool) -> None:
    stand.script.everything()
    width, height = SHAPES[shape]
    page = present(width=width, height=height, dark=dark)
    page.wait_for_selector("#tide-waiting", state="hidden")
    page.wait_for_timeout(600)
    keep(page, f"live-{shape}-{'dark' if dark else 'light'}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if shape == "projector":
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1"), "a room cannot scroll"


@pytest.mark.parametrize("shape", ["projector", "narrow"])
@pytest.mark.parametrize("state", ["empty", "syncing", "forbidden", "down", "stale"])
def test_every_other_state_says_so(stand: Any, present: Callable[..., Any], until: Any, state: str, shape: str) -> None:
    words = {
        "empty": "Nothing is deployed here yet", "syncing": "Reading the cluster", "stale": "has sent nothing",
        "forbidden": "does not let the dashboard read", "down": "does not answer",
    }  # fmt: skip
    if state == "empty":
        stand.script.empty()
    elif state == "syncing":
        stand.script.connect("syncing")
    else:
        stand.script.everything()
        stand.script.connect(state, detail="https://10.9.8.7:6443 said a secret", since=stand.script.clock() - 40)
    width, height = SHAPES[shape]
    page = present(width=width, height=height)
    until(page, f"document.querySelector('#present').innerText.includes({words[state]!r})")
    page.wait_for_timeout(400)
    keep(page, f"{state}-{shape}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "10.9.8.7" not in page.content()


@pytest.mark.parametrize("shape", ["projector", "narrow"])
def test_what_may_not_be_read_is_told_without_the_rule(
    stand: Any, present: Callable[..., Any], until: Any, shape: str
) -> None:
    stand.script.everything()
    for read in ("pods", "horizontalpodautoscalers", "metrics"):
        rule = {"sentence": "needs the right to Canary", "yaml": "Canary"}
        row = {"state": "forbidden", "since": None, "detail": "User Canary may not", "rule": rule}
        stand.views.put("connection", read, row)
    stand.views.replace("pods", {})
    stand.views.replace("hpas", {})
    stand.views.replace("why", {})
    width, height = SHAPES[shape]
    page = present(width=width, height=height, dark=True)
    until(page, "document.querySelector('#connection').dataset.tone === 'live'")
    page.wait_for_timeout(600)
    keep(page, f"denied-{shape}")
    assert page.inner_text("#figures [data-f='cpu']") == "denied"
    assert "may not be seen here" in page.inner_text("#pods")
    assert "cannot be seen" in page.inner_text("#why")
    assert "Canary" not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("shape", ["laptop", "narrow"])
def test_the_links_page_is_drawn_with_a_fresh_link(
    stand: Any, open_page: Callable[..., Any], until: Any, shape: str
) -> None:
    stand.script.everything()
    stand.shares.make(label="Tuesday, the board", hours=24, by="system:serviceaccount:surgeboard:surgeboard-operator")
    width, height = SHAPES[shape]
    page = open_page(width=width, height=height, dark=shape == "laptop")
    page.goto(f"{stand.url}/share")
    page.fill("input[name='label']", "Monday's demo")
    page.click("text=Make the link")
    page.wait_for_selector("#made-url")
    keep(page, f"links-{shape}")
    link = page.input_value("#made-url")
    until(page, "document.activeElement.selectionEnd === document.querySelector('#made-url').value.length")
    assert page.evaluate("document.activeElement.value") == link
    page.reload()
    assert page.locator("#made-url").count() == 0
    assert len(stand.shares.listing()) == 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("tr:has-text('Tuesday') >> text=Revoke")
    page.wait_for_selector("tr:has-text('Tuesday')", state="detached")
    assert [each.label for each in stand.shares.listing()] == ["Monday's demo"]


def test_it_is_live_and_never_shows_what_is_not_shared(stand: Any, present: Callable[..., Any], until: Any) -> None:
    stand.script.everything()
    frames: list[str] = []
    page = present(width=1440, height=900)
    page.on("websocket", lambda socket: socket.on("framereceived", lambda payload: frames.append(str(payload))))
    page.reload()
    page.wait_for_selector("#tide-waiting", state="hidden")
    stand.views.put("brand_new", "a", {"name": "Canary"})
    stand.views.put("deploy", "current", {"state": "failed", "error": "Canary", "steps": []})
    stand.views.put("swarm", "current", {**stand.script.swarm("running"), "users": 77, "started_by": "Canary"})
    stand.script.tell("e99", 230, "stop", "Swarm stopped by Canary.", flag="stop")
    until(page, "document.querySelector('#present-swarm').innerText.includes('77 of')")
    until(page, "document.querySelector('#entries li').innerText.includes('The swarm was stopped.')")
    assert "Canary" not in page.content()
    assert any("77" in frame for frame in frames), "else this proves nothing"
    assert not any("Canary" in frame or "127.0.0.1:6443" in frame for frame in frames)


def test_a_presenter_sees_no_more_than_the_audience(stand: Any, open_page: Callable[..., Any], until: Any) -> None:
    stand.script.everything()
    page = open_page()
    page.keyboard.press("p")
    page.wait_for_url("**/present")
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda payload: frames.append(str(payload))))
    page.reload()
    page.wait_for_selector("#tide-waiting", state="hidden")
    until(page, "document.querySelector('#entries').innerText.includes('120 load users')")
    assert "operator" not in page.inner_text("#present")
    assert any("120 load users" in frame for frame in frames), "else this proves nothing"
    assert not any("started by operator" in frame for frame in frames)
    assert page.query_selector_all("form, [hx-post], [hx-get]") == []
    page.keyboard.press("Escape")
    page.wait_for_url(f"{stand.url}/")


def test_p_is_a_letter_where_somebody_writes(stand: Any, open_page: Callable[..., Any]) -> None:
    stand.script.everything()
    stand.views.put("swarm", "current", stand.script.swarm("stopped"))
    page = open_page()
    page.click("#open-swarm")
    page.focus("#swarm-form input[name='users']")
    page.keyboard.press("p")
    page.keyboard.press("Escape")
    page.focus("#story-kind")
    page.keyboard.press("p")
    page.keyboard.press("Control+p")
    page.wait_for_timeout(300)
    assert page.url == f"{stand.url}/"
    with page.expect_navigation(url="**/present"):
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("p")


def test_a_revoked_link_closes_what_is_open_and_says_so(stand: Any, present: Callable[..., Any], until: Any) -> None:
    stand.script.everything()
    stand.shares.when_revoked = stand.sockets.look_again
    page = present(width=1440, height=900)
    page.wait_for_selector("#connection[data-tone='live']")
    assert stand.sockets.admission.of_share(stand.shares.listing()[0].id) == 1
    stand.shares.revoke(stand.shares.listing()[0].id, by="operator")
    until(page, "document.querySelector('#notice').innerText.includes('This link has ended')")
    keep(page, "ended-laptop")
    stand.views.put("swarm", "current", {**stand.script.swarm("running"), "users": 77})
    page.wait_for_timeout(500)
    assert "77 of" not in page.inner_text("#present")
    assert stand.sockets.hub.count == 0


def test_a_link_in_a_mail_leads_in_although_the_mail_is_another_site(stand: Any, open_page: Callable[..., Any]) -> None:
    """A strict cookie would be left out after a redirection that another site began."""
    stand.script.everything()
    _, token = stand.shares.make(label="mailed", hours=1, by="operator")
    page = open_page(signed_in=False)
    page.goto(f"data:text/html,<a href='{stand.url}/s/{token}'>look</a>")
    page.click("a")
    page.wait_for_selector("#present")
    assert page.url == f"{stand.url}/present"


def test_the_whole_screen_is_taken_and_given_back(stand: Any, present: Callable[..., Any], until: Any) -> None:
    stand.script.everything()
    page = present(width=1440, height=900)
    page.click("#full-screen")
    until(page, "document.fullscreenElement !== null")
    until(page, "document.querySelector('#full-screen').textContent === 'Leave full screen'")
    page.keyboard.press("f")
    until(page, "document.fullscreenElement === null")


def test_what_can_be_pressed_hides_while_nobody_moves(stand: Any, present: Callable[..., Any], until: Any) -> None:
    stand.script.everything()
    page = present(width=1440, height=900, reduced_motion="reduce")
    page.mouse.move(5, 5)
    until(page, "document.body.hasAttribute('data-still')")
    assert page.evaluate("getComputedStyle(document.querySelector('.present-doings')).opacity") == "0"
    page.mouse.move(60, 60)
    until(page, "getComputedStyle(document.querySelector('.present-doings')).opacity === '1'")
    page.focus("#full-screen")
    until(page, "document.body.hasAttribute('data-still')")
    assert page.evaluate("getComputedStyle(document.querySelector('.present-doings')).opacity") == "1"


@pytest.mark.parametrize("rows", ["everything", "empty"])
def test_both_paints_say_the_same(stand: Any, present: Callable[..., Any], chromium: Any, rows: str) -> None:
    getattr(stand.script, rows)()
    page = present(width=1440, height=900)
    page.wait_for_selector("#connection[data-tone='live']")
    page.wait_for_timeout(600)
    context = chromium.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    still = context.new_page()
    still.goto(f"{stand.url}/present")
    for part in ("#figures", "#groups", "#why .why-sentence", "#why .pairs", "#present-empty", "#connection"):
        assert page.text_content(part).split() == still.text_content(part).split(), part
    texts = "[...document.querySelectorAll('#entries .words')].map((each) => each.textContent.trim())"
    assert page.evaluate(texts) == still.evaluate(texts)
    context.close()
