"""What a person sees change without reloading: tiles, figures, story, buttons, freshness."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


def text(page: Any, selector: str) -> str:
    return str(page.inner_text(selector)).strip()


def test_tiles_come_and_go_without_reloading(stand: Any, open_page: Open) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    page.evaluate("window.sameDocument = true")
    owner = stand.views.get("workloads", "uid-flask-guestbook")
    stand.script.pod("guestbook-7d9f-newp0", owner, 239, ready=False, ready_at=None)
    new = page.wait_for_selector(".tile[data-key='uid-guestbook-7d9f-newp0']")
    assert new.get_attribute("data-tone") == "starting"
    stand.script.pod("guestbook-7d9f-newp0", owner, 239, cpu_percent=77.0)
    page.wait_for_selector(".tile[data-key='uid-guestbook-7d9f-newp0'][data-tone='ready']")
    stand.views.remove("pods", "uid-guestbook-7d9f-newp0")
    page.wait_for_selector(".tile[data-key='uid-guestbook-7d9f-newp0']", state="detached")
    assert page.evaluate("window.sameDocument")


def test_the_first_paint_and_the_live_page_say_the_same(stand: Any, open_page: Open) -> None:
    stand.script.everything()
    page = open_page(java_script_enabled=False)
    parts = ("#figures", "#groups", "#why .pairs", "#why .why-head", "#links", "#stack", "#open-deploy", "#stop-swarm")
    first = {part: text(page, part) for part in parts}
    sentences = page.locator(".entry .words").all_inner_texts()
    live = open_page()
    live.wait_for_selector("#connection[data-tone='live']")
    live.wait_for_selector("#tide-waiting", state="hidden")
    assert {part: text(live, part) for part in parts} == first
    assert live.locator(".entry .words").all_inner_texts() == sentences


def test_several_browsers_see_the_same(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    pages = [open_page(), open_page(width=390, height=844)]
    for page in pages:
        until(page, "document.querySelector('#viewers').textContent.includes('2 viewers')")
    stand.script.tell("new", 240, "scaled", "guestbook 5 → 6 replicas")
    for page in pages:
        page.wait_for_selector(".entry[data-key='new']")


def test_a_lost_connection_is_said_and_mended(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    stand.cut(refuse=True)
    page.wait_for_selector("#connection[data-tone='stale']")
    assert "stale since" in text(page, "#connection")
    assert "as of" in text(page, "#notice")
    until(page, "document.querySelector('#why .wait') === null")
    stand.script.tell("missed", 241, "ready", "this was told while the page was away")
    stand.refuse_sockets = False
    page.wait_for_selector("#connection[data-tone='live']")
    page.wait_for_selector(".entry[data-key='missed']")
    assert page.is_hidden("#notice")


def test_the_tab_shows_the_worst_of_it(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    assert page.title() == "Stage · Surgeboard"
    stand.views.put("stack", "health", {"state": "failed", "sentence": "Deployment guestbook: no", "total": 8})
    until(page, "document.title === 'trouble · Stage · Surgeboard'")
    stand.script.connect("down", detail="https://127.0.0.1:6443 refused the connection.")
    until(page, "document.title === 'cluster away · Stage · Surgeboard'")
    assert page.evaluate("document.querySelector('link[rel=icon]').href").endswith("mark-trouble.svg")
    until(page, "Number(getComputedStyle(document.querySelector('.tide-figure')).opacity) < 1")
    stand.script.everything()
    until(page, "document.title === 'Stage · Surgeboard'")
    assert page.evaluate("document.querySelector('link[rel=icon]').href").endswith("mark.svg")


def test_an_ended_session_says_so(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    for session in list(stand.access.sessions._by_secret.values()):
        stand.access.sessions.close(session.id)
    until(page, "document.querySelector('#connection').textContent.includes('signed out')")
    assert "surgeboard url" in text(page, "#notice")


def test_another_cluster_replaces_everything(stand: Any, open_page: Open) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector(".tile")
    stand.views.renew()
    stand.script.empty()
    page.wait_for_selector("#first-run:not([hidden])")
    assert page.query_selector_all(".tile") == []


def test_the_story_is_filtered_and_paused(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#story-kind option[value='scaled']", state="attached")
    page.select_option("#story-kind", "scaled")
    until(page, "document.querySelectorAll('.entry').length === 2")
    page.select_option("#story-kind", "all")
    page.wait_for_selector(".entry[data-key='s0']")
    page.select_option("#story-kind", "")
    page.wait_for_selector(".entry[data-key='s0']", state="detached")
    page.click("#story-pause")
    stand.script.tell("later", 242, "ready", "one more")
    until(page, "document.querySelector('#story-pause').textContent === 'Resume · 1 new'")
    assert page.query_selector(".entry[data-key='later']") is None
    page.click("#story-pause")
    first = page.wait_for_selector(".entry[data-key='later']")
    assert first.evaluate("element => element.parentElement.firstElementChild === element")


def test_what_an_attacker_may_name_stays_text(stand: Any, open_page: Open) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    stand.script.tell("evil", 243, "warning", "<img src=x onerror=window.broken=1>", flag="<b>x</b>")
    entry = page.wait_for_selector(".entry[data-key='evil']")
    assert "<img src=x" in entry.inner_text()
    assert page.query_selector(".entry img") is None
    assert page.evaluate("window.broken === undefined")
