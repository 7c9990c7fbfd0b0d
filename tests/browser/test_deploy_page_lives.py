"""The Deploy page through a real browser: it is live, keeps the focus, works by keyboard and without script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
CARD = "#bundles [data-key='flask']"


@pytest.fixture
def filled(stand: Any) -> Any:
    stand.script.everything()
    stand.script.bundles(stand.actions.documents["rows"])
    return stand


@pytest.fixture
def go(filled: Any, open_page: Open) -> Callable[..., Any]:
    def open_at(path: str, **more: Any) -> Any:
        page = open_page(**more)
        page.goto(filled.url + path)
        if more.get("java_script_enabled", True):
            page.wait_for_selector("#connection[data-tone='live']")
        return page

    return open_at


def test_the_first_paint_and_the_live_page_say_the_same(filled: Any, go: Callable[..., Any]) -> None:
    filled.views.put("deploy", "current", filled.actions.documents["deploy"])
    for path, parts in (("/deploy", ("#bundles", "#deploy-progress")), ("/deploy/flask", ("#bundle", "#objects"))):
        still, live = go(path, java_script_enabled=False, timezone_id="UTC"), go(path, timezone_id="UTC")
        live.wait_for_timeout(300)
        for part in parts:
            assert words(live.inner_text(part)) == words(still.inner_text(part)), part


def words(text: str) -> list[str]:
    """Without what a script says otherwise: times, and where there is none, that progress is on a page of its own."""
    kept = text.replace("Follow the progress", "").replace("23 Nov 08:12 UTC", "").split()
    return [word for word in kept if word not in ("23", "Nov", "Nov,", "08:12")]


def test_a_bundle_gets_well_without_reloading_and_keeps_the_focus(filled: Any, go: Callable[..., Any]) -> None:
    page = go("/deploy")
    page.focus(f"{CARD} .trouble a")
    row = filled.actions.documents["rows"]["flask"]
    objects = [{**each, "sentence": "still so"} if each["state"] == "failed" else each for each in row["objects"]]
    filled.views.put("bundles", "flask", {**row, "objects": objects})
    page.wait_for_selector(f"{CARD} .trouble :text('still so')")
    assert page.evaluate("document.activeElement.matches('.trouble a')")
    well = [{**each, "state": "ok", "sentence": ""} for each in objects]
    fine = {"state": "ok", "ok": 7, "objects": well, "folder_changed": False, "sentence": "All 7 objects are well."}
    filled.views.put("bundles", "flask", {**row, **fine})
    page.wait_for_selector(f"{CARD}[data-tone='ok']")
    assert page.query_selector_all(f"{CARD} .trouble") == []
    assert "healthy" in page.inner_text(CARD)
    assert page.is_hidden(f"{CARD} [data-f='changed']")


def test_a_plan_is_chosen_and_applied_by_keyboard_alone(filled: Any, go: Callable[..., Any], until: Any) -> None:
    page = go("/deploy")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "flask":
            break
    page.keyboard.press("Space")
    until(page, "document.querySelector('#plan-button').textContent === 'Plan 1 of 4'")
    page.keyboard.press("Enter")
    page.wait_for_selector("#apply-form")
    assert filled.actions.asked[-1] == ("plan", (("flask",), frozenset()))
    until(page, "document.querySelector('#apply-why').dataset.tone === 'blocked'")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        now = page.evaluate("document.activeElement.name || document.activeElement.id")
        if now == "take_over":
            page.keyboard.press("Space")
        reached.add(now)
        if now == "apply-button":
            break
    assert {"take_over", "remove", "plan-again", "apply-button"} <= reached
    page.keyboard.press("Enter")
    page.wait_for_url("**/deploy")
    assert filled.actions.asked[-1] == ("deploy", (("flask",), "operator"))
    take_over, expect, remove = filled.actions.agreed
    assert take_over == ("Deployment.apps/flask/guestbook",)
    assert (expect, remove) == ({"flask": "4f2ab09c1d2e"}, ("ConfigMap/flask/guestbook-old",))


def test_what_no_tick_can_lift_keeps_the_button_off(filled: Any, go: Callable[..., Any], until: Any) -> None:
    filled.actions.planned = "blocked"
    page = go("/deploy/plan?bundle=flask")
    until(page, "document.querySelector('#apply-why').dataset.tone === 'blocked'")
    assert page.is_disabled("#apply-button")
    assert "2 things the plan needs are missing" in page.inner_text("#apply-why")


def test_a_refused_apply_is_said_beside_the_button(filled: Any, go: Callable[..., Any]) -> None:
    filled.actions.planned = "same"
    page = go("/deploy/plan?bundle=flask")
    filled.actions.conflict = "flask has changed since it was planned; look at the plan again."
    page.click("#apply-button")
    page.wait_for_selector("#apply-refusal .refusal")
    assert "changed since it was planned" in page.inner_text("#apply-refusal")


def test_planning_again_takes_the_ticks_along(filled: Any, go: Callable[..., Any]) -> None:
    page = go("/deploy/plan?bundle=flask")
    page.check("input[name='take_over']")
    page.click("#plan-again")
    page.wait_for_selector("#apply-form")
    assert filled.actions.asked[-1] == ("plan", (("flask",), frozenset({"Deployment.apps/flask/guestbook"})))


def test_progress_is_followed_stopped_and_folded(filled: Any, go: Callable[..., Any], until: Any) -> None:
    page = go("/deploy")
    assert page.is_hidden("#deploy-progress")
    row = filled.actions.documents["deploy"]
    filled.views.put("deploy", "current", row)
    page.wait_for_selector("#deploy-progress .step[data-tone='waiting']")
    page.click("#deploy-cancel")
    page.wait_for_selector(".toast[data-tone='good']")
    assert filled.actions.asked[-1] == ("cancel_deploy", ())
    steps = [{**step, "result": "ready", "detail": None} for step in row["steps"]]
    filled.views.put("deploy", "current", {**row, "state": "done", "steps": steps, "finished_at": row["started_at"]})
    until(page, "document.querySelector('#deploy-progress [data-f=sentence]').textContent.startsWith('Deployed: 5')")
    assert page.is_hidden("#deploy-steps")
    assert page.is_hidden("#deploy-cancel")
    page.click("#deploy-progress summary")
    page.wait_for_selector("#deploy-steps .step")


def test_parts_that_are_asked_for_take_the_focus(filled: Any, go: Callable[..., Any], until: Any) -> None:
    page = go("/deploy/flask")
    page.focus("#look-for-drift")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.classList.contains('drift')")
    assert "kubectl-edit" in page.inner_text(".drift")
    page.focus("#open-teardown")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.id === 'teardown-form'")
    page.check("input[name='also'][value^='Secret']")
    page.fill("#teardown-form input[name='confirm']", "flask")
    page.keyboard.press("Enter")
    page.wait_for_url("**/deploy")
    assert filled.actions.asked[-1] == ("teardown", ("flask", "operator", "Secret/flask/guestbook-database"))


def test_other_bundles_in_the_folder_are_noticed(filled: Any, go: Callable[..., Any]) -> None:
    page = go("/deploy")
    assert page.is_hidden("#bundles-moved")
    filled.views.put("bundles", "shop", {**filled.actions.documents["rows"]["load"], "name": "shop"})
    page.wait_for_selector("#bundles-moved:not([hidden])")


def test_without_a_script_everything_can_be_read_and_planned(filled: Any, go: Callable[..., Any]) -> None:
    filled.views.put("deploy", "current", filled.actions.documents["deploy"])
    page = go("/deploy", java_script_enabled=False)
    assert "Everything can be read without scripts." in page.inner_text("main")
    page.check("input[value='flask']")
    page.click("#plan-button")
    assert filled.actions.asked[-1] == ("plan", (("flask",), frozenset()))
    assert page.is_disabled("#apply-button")
    page.check("input[name='take_over']")
    page.click("#apply-form noscript button")
    assert filled.actions.asked[-1] == ("plan", (("flask",), frozenset({"Deployment.apps/flask/guestbook"})))
    page.goto(f"{filled.url}/deploy/flask")
    page.click("#look-for-drift")
    assert "kubectl-edit" in page.inner_text("main")
    page.goto(f"{filled.url}/deploy")
    page.click("#deploy-progress noscript a")
    assert "Waiting until flask is ready" in page.inner_text("main")


def test_what_an_attacker_may_name_stays_text(filled: Any, go: Callable[..., Any]) -> None:
    page = go("/deploy")
    row = filled.actions.documents["rows"]["flask"]
    evil = {**row["objects"][5], "name": "<img src=x onerror=window.broken=1>", "sentence": "<b>no</b>"}
    filled.views.put("bundles", "flask", {**row, "objects": [evil]})
    page.wait_for_selector(f"{CARD} .trouble :text('<b>no</b>')")
    assert page.query_selector(f"{CARD} img") is None
    assert page.evaluate("window.broken === undefined")
