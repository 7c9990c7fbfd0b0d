"""The Scaling page through a real browser: painted live, stepped through by keyboard, asked what if, whole on a phone.

With SURGEBOARD_SCREENSHOTS=<folder> the pictures are kept, to be looked at.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
Go = Callable[..., Any]
ROWS = json.loads((Path(__file__).resolve().parents[1] / "dashboard" / "fixtures" / "scaling-rows.json").read_text())
MOMENTS = ("at", "t", "ends_at", "metrics_at")
SHAPES = {"wide": (1440, 1000), "narrow": (390, 844)}
HPA = {"namespace": "flask", "name": "guestbook", "uid": "uid-hpa"}


def dated(value: Any, now: float) -> Any:
    """The fixture's seconds from now as times."""
    if isinstance(value, list):
        return [dated(each, now) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: datetime.fromtimestamp(now + each, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if key in MOMENTS and isinstance(each, int)
        else dated(each, now)
        for key, each in value.items()
    }


def tell(stand: Any, why: str = "why", **changes: Any) -> None:
    stand.views.put("why", "uid-hpa", {**dated(ROWS[why], time.time()), **changes})


@pytest.fixture
def filled(stand: Any) -> Any:
    stand.script.everything()
    tell(stand)
    for row in dated(ROWS["decisions"], time.time()):
        stand.views.put("decisions", row["id"], {**row, "hpa": HPA})
    return stand


@pytest.fixture
def go(stand: Any, open_page: Open) -> Go:
    def open_at(path: str = "/scaling", **more: Any) -> Any:
        page = open_page(**more)
        page.goto(stand.url + path)
        if more.get("java_script_enabled", True):
            page.wait_for_selector("#connection[data-tone]:not([data-tone='syncing'])")
        return page

    return open_at


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"scaling-{name}.png", full_page=True)


def words(text: str) -> list[str]:
    """Without the seconds that pass between two looks."""
    return [word for word in text.split() if not word.isdigit()]


def cursor(page: Any) -> str:
    return str(page.get_attribute("#tide-cursor", "aria-valuetext"))


def test_the_first_paint_and_the_live_page_say_the_same(filled: Any, go: Go, until: Any) -> None:
    still, live = go(java_script_enabled=False, timezone_id="UTC"), go(timezone_id="UTC")
    live.wait_for_selector("#decision-tools:not([hidden])")
    for why in ("why", "no_metrics"):
        tell(filled, why)
        until(live, f"document.querySelector('#now .state-word').textContent.trim() === '{ROWS[why]['word']}'")
        still.reload()
        for part in (".scaling-head", "#now", "#sum", "#evidence", "#decision-list"):
            assert words(live.inner_text(part)) == words(still.inner_text(part)), part
        assert live.get_attribute("#now .gauge", "aria-label") == still.get_attribute("#now .gauge", "aria-label")


def test_it_follows_the_autoscaler_and_the_clock(filled: Any, go: Go, until: Any) -> None:
    soon = datetime.fromtimestamp(time.time() + 2, UTC).isoformat()
    tell(
        filled,
        countdowns=[
            {**ROWS["why"]["countdowns"][0], "ends_at": soon},
            *dated(ROWS["why"], time.time())["countdowns"][1:],
        ],
    )
    page = go()
    assert page.inner_text("#now [data-kind='policy'] .wait-left") == "in 5 min"
    until(page, "document.querySelector('#now [data-kind=sync] .wait-left').textContent === 'now'")
    tell(filled, "no_metrics")
    until(page, "document.querySelector('#now .state-word').textContent.trim() === 'No metrics API'")
    assert page.get_attribute("#now .gauge", "data-unknown") == ""
    assert page.inner_text("#now [data-f='gauge_ratio']") == "CPU not known"
    assert page.query_selector("#now .wait") is None
    tell(filled)
    page.wait_for_selector("#now .wait")
    filled.cut(refuse=True)
    page.wait_for_selector("#connection[data-tone='stale']")
    until(page, "document.querySelector('#now .wait') === null")  # a countdown on old news would be an invention
    until(page, "Number(getComputedStyle(document.querySelector('#now .gauge')).opacity) < 1")
    filled.refuse_sockets = False
    page.wait_for_selector("#connection[data-tone='live']")


def test_decisions_are_stepped_through_by_keyboard(filled: Any, go: Go, until: Any) -> None:
    page = go()
    page.wait_for_selector("#tide-waiting", state="hidden")
    page.focus("#decision-earlier")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    until(page, "document.querySelector('#decision-place').textContent === '2 of 4'")
    assert page.locator(".decision[open]").count() == 1
    opened = page.inner_text(".decision[open]")
    assert "2 → 5" in opened
    assert "decides" in opened
    until(page, "document.querySelector('#tide-cursor').getAttribute('aria-valuetext').includes('2 → 5')")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("ArrowLeft")
    until(page, "document.querySelector('#tide-cursor').getAttribute('aria-valuetext').includes('by hand')")
    assert "by a person, with kubectl" in page.inner_text(".decision[open]")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    until(page, "document.querySelector('#decision-place').textContent === '4 of 4'")
    assert page.is_disabled("#decision-earlier")
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('#decision-place').textContent === '3 of 4'")
    row = {**dated(ROWS["decisions"][2], time.time()), "id": "d9", "t": "2026-01-01T00:00:00Z"}
    filled.views.put("decisions", "d9", {**row, "hpa": HPA})
    until(page, "document.querySelector('#decision-place').textContent === '3 of 5'")
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    until(page, "document.querySelector('#decision-place').textContent === '5 in all'")
    assert cursor(page) == "No cursor"
    page.locator(".decision summary").last.click()
    until(page, "document.querySelector('#decision-place').textContent.includes('before the chart begins')")
    assert cursor(page) == "No cursor"


def test_what_if_is_answered_as_it_is_typed_and_changes_nothing(filled: Any, go: Go, until: Any, recorded: Any) -> None:
    run = recorded()
    page = go()
    page.wait_for_selector("#what-if-answer .what-if-chart .uplot")
    asked = list(filled.actions.asked)
    page.fill("#what-if-form input[name='target']", "70")
    until(page, "document.querySelector('#what-if-answer').innerText.includes('With a target of 70 %')")
    assert page.input_value("[data-slides='target']") == "70"
    page.focus("[data-slides='max']")
    page.keyboard.press("ArrowLeft")
    until(page, "document.querySelector('#what-if-answer').innerText.includes('a maximum of 7')")
    assert page.input_value("#what-if-form input[name='max']") == "7"
    page.fill("#what-if-form input[name='min']", "9")
    page.wait_for_selector("#what-if-answer .refusal")
    assert "9 is more than the most, 7" in page.inner_text("#what-if-answer")
    page.click("#what-if-reset")
    page.wait_for_selector("#what-if-answer .what-if-chart .uplot")
    assert page.input_value("[data-slides='min']") == "1"
    page.select_option("#what-if-form select", run)
    until(page, "document.querySelector('#what-if-answer').innerText.includes('What this cannot know')")
    page.click(".what-if-table summary")
    assert page.locator(".what-if-table tbody tr").count() >= 2
    assert filled.actions.asked == asked


def test_a_phone_shows_all_of_it(filled: Any, go: Go) -> None:
    page = go(width=390, height=844)
    page.wait_for_selector("#what-if-answer .uplot")
    page.click("#tide-as-table")
    page.locator(".decision summary").first.click()
    page.wait_for_selector("#tide-table tbody tr")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_why_there_is_none_is_told_and_ends_by_itself(stand: Any, go: Go, until: Any) -> None:
    stand.script.connect()
    rule = {"sentence": "needs list and watch horizontalpodautoscalers in every namespace", "yaml": "kind: ClusterRole"}
    row = {"state": "forbidden", "since": None, "detail": "no", "rule": rule}
    stand.views.put("connection", "horizontalpodautoscalers", row)
    page = go()
    page.wait_for_selector("#absence[data-kind='forbidden']")
    assert "needs list and watch horizontalpodautoscalers" in page.inner_text("#absence")
    assert page.is_hidden("#now")
    stand.views.put("connection", "horizontalpodautoscalers", {"state": "live", "since": None, "detail": None})
    page.wait_for_selector("#absence[data-kind='none']")
    assert page.is_visible("#absence a[href='/deploy']")
    stand.script.everything()
    tell(stand)
    page.wait_for_selector("#now")
    assert page.is_hidden("#absence")


def test_another_autoscaler_has_its_own_story_and_its_name_stays_text(filled: Any, go: Go, until: Any) -> None:
    evil = "<img src=x onerror=window.broken=1>"
    other = {"uid": "u2", "namespace": "shop", "name": evil, "target": {"kind": "Deployment", "name": "web"}, "max": 4}
    page = go()
    filled.views.put("hpas", "u2", other)
    filled.views.put("why", "u2", {"state": "at_min", "sentence": evil, "hpa": {"namespace": "shop", "name": evil}})
    page.wait_for_selector("#hpa-choices")
    page.locator(".hpa-choice a").last.click()
    page.wait_for_selector("#history-note:not([hidden])")
    assert page.inner_text("#now [data-f='sentence']") == evil
    assert page.is_visible("#decisions-empty")
    assert page.evaluate("window.broken === undefined && !document.querySelector('main img')")
    assert page.get_attribute(".hpa-choice a[aria-current]", "href") is not None


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_drawn(filled: Any, go: Go, shape: str) -> None:
    width, height = SHAPES[shape]
    page = go(width=width, height=height)
    page.wait_for_selector("#what-if-answer .uplot")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        keep(page, f"live-{shape}-{scheme}")
    tell(filled, "no_metrics")
    page.wait_for_selector("#now .gauge[data-unknown]")
    keep(page, f"no-metrics-{shape}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
