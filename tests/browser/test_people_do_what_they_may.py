"""In a real browser: what a person may not do is in reach and says why, and does nothing; rights change meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.capabilities import Capability

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
VIEW, LOADTEST, APPLY = Capability.VIEW, Capability.LOADTEST, Capability.APPLY
LOAD = "create jobs in namespace load"
DEPLOY = "patch deployments in namespace flask"
CONTROLS = [
    ("/", "#open-deploy", DEPLOY),
    ("/", "#open-swarm", LOAD),
    ("/deploy/flask/teardown", "#teardown-form button[type='submit']", DEPLOY),
    ("/deploy/plan?bundle=flask", "input[name='take_over']", DEPLOY),
    ("/load", "#load-plan", LOAD),
    ("/data", "#kill-plan", DEPLOY),
    ("/limits", "#blast-form button[type='submit']", LOAD),
    ("/runs/{run}", "#delete-run", LOAD),
]
ASKED_ONLY_TO_LOOK = {"plan", "app", "removal", "history", "drift", "evidence", "plan_back"}


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def changed(stand: Any) -> list[Any]:
    return [each for each in stand.actions.asked if each[0] not in ASKED_ONLY_TO_LOOK]


def calm(stand: Any) -> None:
    """Nothing runs, and everything could be begun."""
    stand.script.everything()
    stand.views.put("swarm", "current", {"id": None, "state": "none"})
    stand.views.put("data", "set", {"why_no_kill": ""})


@pytest.mark.parametrize(("path", "control", "right"), CONTROLS, ids=[path + at for path, at, _ in CONTROLS])
def test_a_viewer_finds_every_control_off_with_its_reason(
    stand: Any, open_page: Open, recorded: Callable[..., str], until: Any, path: str, control: str, right: str
) -> None:
    calm(stand)
    stand.become(VIEW)
    page = open_page()
    page.goto(stand.url + path.format(run=recorded()))
    page.wait_for_selector("#connection[data-tone='live']")
    found = page.locator(control).first
    until(page, f"document.querySelector(`{control}`)?.getAttribute('aria-disabled') === 'true'")
    assert right in found.get_attribute("title")
    until(page, f"!document.querySelector(`{control}`).matches(':disabled')")
    found.focus()
    page.keyboard.press("Space")
    toast = page.wait_for_selector(".toast[data-tone='bad']")
    assert f"It needs the right to {right}, which you do not have." in toast.inner_text()
    assert page.locator("dialog[open]").count() == 0
    assert not found.is_checked() if control.startswith("input") else True
    assert changed(stand) == []


def test_the_stop_on_every_page_is_for_whoever_may_start_load(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    stand.become(VIEW)
    page = open_page()
    page.goto(f"{stand.url}/story")
    page.wait_for_selector("#connection[data-tone='live']")
    assert LOAD in page.inner_text("#stop-swarm-why")
    page.click("#stop-swarm", force=True)
    page.wait_for_selector(".toast[data-tone='bad']")
    assert changed(stand) == []
    stand.become(LOADTEST)
    page.reload()
    page.wait_for_selector("#connection[data-tone='live']")
    assert page.is_hidden("#stop-swarm-why")
    page.click("#stop-swarm")
    page.wait_for_selector(".toast[data-tone='good']")
    assert [name for name, _ in changed(stand)] == ["stop_swarm"]


def test_a_forged_request_of_a_viewer_is_refused(stand: Any, open_page: Open) -> None:
    calm(stand)
    stand.become(VIEW)
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    for path in ("/deploy", "/teardown", "/deploy/cancel", "/load/plan", "/swarm/start", "/swarm/stop", "/swarm/users",
                 "/data/kill-primary/plan", "/limits/blast/plan", "/limits/blast/stop"):  # fmt: skip
        status = page.evaluate(
            """path => fetch(path, {method: "POST", headers: {"HX-Request": "true"},
                                    body: new URLSearchParams({bundle: "flask", confirm: "flask", users: "1"})})
                       .then(answer => answer.status)""",
            path,
        )
        assert status == 403, path
    assert changed(stand) == []


def test_a_right_that_is_taken_away_is_known_when_it_is_used(stand: Any, open_page: Open, until: Any) -> None:
    calm(stand)
    stand.become(APPLY)
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    page.click("#open-deploy")
    stand.become(LOADTEST)
    page.click("#deploy-form button[type='submit']")
    until(page, "document.querySelector('#open-deploy').getAttribute('aria-disabled') === 'true'")
    told = f"You may not deploy any more. It needs the right to {DEPLOY}"
    until(page, f"[...document.querySelectorAll('.toast')].some(each => each.innerText.includes('{told}'))")
    assert page.get_attribute("#open-swarm", "aria-disabled") is None
    assert page.is_visible("#deploy-form-why")
    assert page.inner_text("[data-f='can']") == "can start load"
    assert changed(stand) == []


def test_an_open_page_asks_for_its_rights_three_times_a_minute_while_it_is_seen(
    stand: Any, open_page: Open, until: Any
) -> None:
    calm(stand)
    stand.become(APPLY)
    page = open_page()
    page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => window.isAway === true})")
    page.clock.install()
    page.reload()
    page.wait_for_selector("#connection[data-tone='live']")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/api/v1/me") else None)
    stand.become(LOADTEST)
    page.evaluate("window.isAway = true")
    page.clock.fast_forward(21_000)
    page.wait_for_timeout(500)
    assert asked == []
    page.evaluate("window.isAway = false")
    page.clock.fast_forward(20_000)
    until(page, "document.querySelector('#open-deploy').getAttribute('aria-disabled') === 'true'")
    with page.expect_request("**/api/v1/me"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_control_is_described_by_its_reason_while_the_right_is_missing_alone(
    stand: Any, open_page: Open, until: Any
) -> None:
    calm(stand)
    stand.become(APPLY)
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    button = "#deploy-form button[type='submit']"
    assert page.get_attribute(button, "aria-describedby") is None
    stand.become(LOADTEST)
    stand.cut()
    until(page, f"document.querySelector(`{button}`).getAttribute('aria-describedby') === 'deploy-form-why'")
    stand.become(APPLY)
    stand.cut()
    until(page, f"document.querySelector(`{button}`).getAttribute('aria-describedby') === null")


def test_rights_are_asked_for_again_with_every_new_socket(stand: Any, open_page: Open, until: Any) -> None:
    calm(stand)
    stand.become(VIEW)
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    stand.become(APPLY)
    stand.cut()
    until(page, "document.querySelector('#open-deploy').getAttribute('aria-disabled') === null")
    toast = page.wait_for_selector(".toast[data-tone='good']")
    assert "You may deploy now." in toast.inner_text()
    page.click("#open-deploy")
    assert page.is_visible("#deploy-dialog")


def test_a_session_that_has_ended_says_so_and_leads_back(stand: Any, open_page: Open, until: Any) -> None:
    calm(stand)
    stand.become(APPLY)
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    sockets: list[Any] = []
    page.on("websocket", lambda opened: sockets.append(opened))
    for session in stand.access.sessions.open_now():
        stand.access.sessions.close(session.id)
    stand.cut()
    page.wait_for_selector("#sign-in-again")
    assert "Signed out: this session has ended." in page.inner_text("#notice")
    assert page.inner_text("#connection") == "signed out"
    assert page.is_hidden("#who")
    assert page.get_attribute("#open-deploy", "aria-disabled") == "true"
    tried = len(sockets)
    page.wait_for_timeout(5000)  # longer than any pause between two tries
    assert len(sockets) == tried
    page.click("#sign-in-again")
    page.wait_for_selector("h1:has-text('You are not signed in')")


def test_the_card_opens_and_closes_by_keyboard(stand: Any, open_page: Open, until: Any) -> None:
    calm(stand)
    stand.become(VIEW, until=time.time() + 300)
    page = open_page(width=390, height=844)
    page.wait_for_selector("#connection[data-tone='live']")
    until(page, "document.querySelector('.who-soon').innerText.includes('min left')")
    page.focus("#who > summary")
    page.keyboard.press("Enter")
    page.wait_for_selector(".who-card")
    assert "in 5 min" in page.inner_text(".who-until")
    assert LOAD in page.inner_text(".who-rights")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "sign-out"
    page.keyboard.press("Escape")
    page.wait_for_selector(".who-card", state="hidden")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize("width", [390, 1440])
def test_a_hostile_name_is_text_and_fits(stand: Any, open_page: Open, until: Any, width: int) -> None:
    name = '"><img src=x onerror=document.title=1>\u202eevil\u2069'.ljust(253, "W")
    stand.script.everything()
    stand.views.put("swarm", "current", {**stand.script.swarm("running"), "started_by": name, "by": name})
    stand.become(VIEW, by=name)
    page = open_page(width=width)
    for path in ("/", "/load", "/story"):
        page.goto(stand.url + path)
        page.wait_for_selector("#connection[data-tone='live']")
        page.click("#who > summary")
        assert page.inner_text(".who-whole") == name
        assert page.locator("img[src='x']").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate("document.querySelector('.who-card').scrollWidth <= innerWidth"), path


def test_a_viewer_sees_the_framed_app(stand: Any, open_page: Open) -> None:
    calm(stand)
    stand.become(VIEW)
    page = open_page()
    page.frame_locator("#app-frame").locator("h1").wait_for()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_viewer_who_signs_the_framed_app_is_told_and_keeps_it_in_view(
    stand: Any, open_page: Open, width: int
) -> None:
    calm(stand)
    stand.become(VIEW)
    stand.actions.app_unwritten = "The cluster denies it: needs create services/proxy guestbook:80 in namespace flask."
    page = open_page(width=width)
    frame = page.frame_locator("#app-frame")
    frame.locator("h1").wait_for()
    frame.locator("form button").first.click()
    words = frame.locator("[role='alert']")
    words.wait_for()
    keep(page, f"app-unwritten-{width}")
    assert "Writing is not allowed for this account." in words.inner_text()
    assert "needs create services/proxy" in words.inner_text()
    assert frame.locator("h1").inner_text() == "Guestbook"
    assert frame.locator("body").evaluate("it => it.scrollWidth <= innerWidth")
    words.locator("a").click()
    words.wait_for(state="detached")
    assert frame.locator("h1").inner_text() == "Guestbook"


def test_a_viewer_and_an_operator_are_told_apart_on_the_bar(stand: Any, open_page: Open) -> None:
    """At its fullest: beside both buttons of the Stage, at any width of a laptop."""
    calm(stand)
    for most, name in ((VIEW, "viewer"), (APPLY, "operator")):
        whole = f"system:serviceaccount:surgeboard:surgeboard-{name}"
        stand.become(most, by=whole, until=time.time() + 300)
        for width in (1024, 1280, 1440):
            page = open_page(width=width)
            page.wait_for_selector("#connection[data-tone='live']")
            keep(page, f"bar-{name}-{width}")
            shown = page.locator(".who-name")
            assert shown.inner_text() == name
            assert page.get_attribute("#who > summary", "title") == whole
            assert shown.evaluate("it => it.scrollWidth <= it.clientWidth"), width
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
            page.context.close()


def test_a_longer_name_has_the_room_before_the_lesser_signs(stand: Any, open_page: Open) -> None:
    calm(stand)
    stand.become(LOADTEST, by="ada.lovelace@example.com")
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    keep(page, "bar-longer-1440")
    shown = page.locator(".who-name")
    assert page.is_visible("#open-swarm")
    assert shown.evaluate("it => it.clientWidth >= 140")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
