"""Deploy, swarm and the framed app through a real browser: keyboard, refusals in place, toasts, the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


def test_the_first_run_leads_to_a_deploy(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.empty()
    page = open_page()
    assert page.is_disabled("#open-swarm")
    page.click("#first-run .button-main")
    page.click("#deploy-form button[type='submit']")
    page.wait_for_selector("#deploy-progress:not([hidden])")
    assert stand.actions.asked == [("deploy", (("metrics-server", "mongodb", "flask", "load"), "operator"))]
    stand.script.deploying()
    page.wait_for_selector(".step[data-tone='waiting']")
    assert "1 of 3 members ready" in page.inner_text("#deploy-steps")
    assert "StatefulSet mongo: 1 of 3 members ready." in page.inner_text("#deploy-progress [data-f='sentence']")
    page.click("#deploy-progress [data-closes]")
    until(page, "document.querySelector('#open-deploy').textContent === 'Deploying 3 of 6'")
    stand.script.deploying(failed=True)
    until(page, "document.querySelector('#open-deploy').textContent === 'Deploy'")
    page.click("#open-deploy")
    page.wait_for_selector("#deploy-progress [data-f='error']:not([hidden])")
    assert "look at the log of mongo-1" in page.inner_text("#deploy-progress")


def test_a_wait_names_the_trouble_of_the_pods(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    stand.script.deploying()
    row = {"uid": "w", "kind": "StatefulSet", "namespace": "mongodb", "name": "mongo", "replicas": 3}
    trouble = {"state": "failed", "reason": "pod mongo-1: ErrImagePull"}
    for uid, found in stand.views.rows("workloads").items():
        if found["name"] == "mongo":
            stand.views.remove("workloads", uid)
    stand.views.put("workloads", "w", {**row, **trouble})
    page = open_page()
    page.click("#open-deploy")
    sentence = "document.querySelector('#deploy-progress [data-f=sentence]').textContent"
    until(page, f"{sentence}.endsWith('StatefulSet mongo: pod mongo-1: ErrImagePull.')")


def test_an_app_that_is_torn_down_leaves_its_frame(stand: Any, open_page: Open) -> None:
    stand.script.everything()
    page = open_page()
    page.frame_locator("#app-frame").locator("h1").wait_for()
    stand.views.remove("workloads", "uid-flask-guestbook")
    stand.views.put("app", "guestbook", stand.script._app(reachable=False))
    page.wait_for_selector("#app-frame", state="hidden")
    assert "Not there yet" in page.inner_text("#app-away")


def test_a_swarm_is_started_by_keyboard_alone(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    stand.views.put("swarm", "current", stand.script.swarm("stopped"))
    page = open_page()
    page.wait_for_selector("#open-swarm:not([hidden])")
    page.focus("#open-swarm")
    page.keyboard.press("Enter")
    page.wait_for_selector("#swarm-dialog[open]")
    page.focus("#swarm-form input[name='users']")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("40")
    until(page, "document.querySelector('#swarm-says').textContent.startsWith('40 load users')")
    page.keyboard.press("Enter")
    until(page, "document.activeElement?.id === 'confirm-swarm'")
    assert "10.96.0.7" in page.inner_text("#swarm-dialog")
    assert page.is_hidden("#swarm-form")
    page.keyboard.press("Enter")
    page.wait_for_selector("#swarm-dialog", state="hidden")
    page.wait_for_selector(".toast[data-tone='good']")
    name, (request, by) = stand.actions.asked[-2]
    assert (name, request.users, request.duration_s, by) == ("plan_swarm", 40, 180, "operator")
    assert stand.actions.asked[-1] == ("start_swarm", ("nonce-of-the-plan", "operator"))


def test_a_refusal_is_said_in_the_dialog(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    stand.views.put("swarm", "current", stand.script.swarm("stopped"))
    page = open_page()
    page.click("#open-swarm")
    page.fill("#swarm-form input[name='users']", "9000")
    until(page, "document.querySelector('#swarm-says').textContent.includes('from 1 to 500')")
    page.click("#swarm-form button[type='submit']")
    page.wait_for_selector("#swarm-plan-or-refusal .refusal")
    assert "9000 is outside 1 to 500" in page.inner_text("#swarm-plan-or-refusal")
    assert page.is_visible("#swarm-dialog")


def test_stop_is_one_click_and_a_refusal_a_toast(stand: Any, open_page: Open) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#stop-swarm:not([hidden])")
    page.click("#stop-swarm")
    page.wait_for_selector(".toast[data-tone='good']")
    assert stand.actions.asked[-1] == ("stop_swarm", ("operator",))
    stand.actions.conflict = "There is no swarm to stop."
    page.click("#stop-swarm")
    page.wait_for_selector(".toast[data-tone='bad']")
    assert "There is no swarm to stop." in page.inner_text("#toasts")


def test_the_dialog_leads_to_the_deploy_page(stand: Any, open_page: Open) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    page.click("#open-deploy")
    page.click("#deploy-form .dialog-more")
    page.wait_for_selector("#bundles .bundle-card")
    assert page.url == f"{stand.url}/deploy"


def test_the_app_works_in_its_frame_and_cannot_leave_it(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    page = open_page()
    frame = page.frame_locator("#app-frame")
    frame.locator("h1").wait_for()
    frame.locator("input[name='text']").fill("hello")
    with page.expect_response("**/entries"):  # the old page's heading is there until it comes
        frame.locator("button").click()
    frame.locator("h1").wait_for()
    asked = [what for name, what in stand.actions.asked if name == "app"]
    assert ("POST", "entries", b"text=hello") in asked
    border = frame.locator("q").first.evaluate("quote => getComputedStyle(quote).borderLeftColor")
    assert border == "rgb(12, 125, 112)"
    inner = next(each for each in page.frames if "/app/" in each.url)
    assert inner.evaluate("location.origin === 'null' || self.origin === 'null'")
    assert inner.evaluate("fetch('/api/v1/state', {credentials: 'include'}).then(() => 'in', () => 'out')") == "out"
    open_page.complaints[:] = [
        words for words in open_page.complaints if not words.endswith("ERR_FAILED") and "CORS" not in words
    ]


def test_an_app_that_is_away_explains_itself(stand: Any, open_page: Open) -> None:
    stand.script.everything()
    stand.actions.app_away = "No pod of flask/guestbook is ready."
    page = open_page()
    page.frame_locator("#app-frame").locator("h1").wait_for()
    assert "No pod of flask/guestbook is ready." in page.frame_locator("#app-frame").locator("body").inner_text()


def test_signing_out_leads_out(stand: Any, open_page: Open) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    page.click("#sign-out")
    page.wait_for_url("**/signed-out")
    assert page.goto(stand.url).status == 401


def test_everything_can_be_reached_by_tab(stand: Any, open_page: Open) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    reached = []
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"skip", "open-deploy", "stop-swarm", "tide-as-table", "tide-cursor", "story-kind", "story-pause"} <= set(
        reached
    )
