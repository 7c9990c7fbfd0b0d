"""The Limits page through a real browser: both paints alike, live, worked by keyboard, whole on a phone.

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
ROWS = json.loads((Path(__file__).resolve().parents[1] / "dashboard" / "fixtures" / "limits-rows.json").read_text())
TEXT = "(document.querySelector('%s')?.innerText ?? '').includes(%s)"
RULE = {"sentence": "needs list resourcequotas in namespace shop", "yaml": "kind: Role\n"}
SECONDS = 30


@pytest.fixture
def filled(stand: Any) -> Any:
    stand.script.connect()
    for read in ("pods", "replicasets", "statefulsets", "jobs", "events"):
        stand.views.put("connection", read, {"state": "live", "since": None, "detail": None})
    stand.views.put("stack", "health", {"state": "ok", "healthy": 8, "total": 8, "sentence": "stack healthy · 8 of 8"})
    now = datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for view, found in ROWS.items():
        stand.views.replace(view, found)
    for uid in ROWS["memory"]:
        stand.views.put("pods", uid, {"uid": uid, "metrics_at": now})
    return stand


@pytest.fixture
def go(filled: Any, open_page: Open) -> Callable[..., Any]:
    def open_at(**more: Any) -> Any:
        page = open_page(**more)
        page.goto(f"{filled.url}/limits")
        if more.get("java_script_enabled", True):
            page.wait_for_selector("#connection[data-tone='live']")
        return page

    return open_at


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"limits-{name}.png"), full_page=True)


def says(part: str, words: str) -> str:
    return TEXT % (part, json.dumps(words))


def words_of(page: Any) -> list[str]:
    """Everything the page says, save what differs by clock: ages and times of day."""
    script = """[...document.querySelectorAll('#limits *')].filter((e) => !e.children.length && e.checkVisibility()
        && !e.closest('time, noscript, .mem-age')).map((e) => e.textContent.trim()).filter(Boolean)"""
    found: list[str] = page.evaluate(script)
    return found


def test_the_first_paint_and_the_live_one_say_the_same(go: Callable[..., Any]) -> None:
    still = words_of(go(java_script_enabled=False))
    page = go()
    page.wait_for_timeout(500)
    assert words_of(page) == still
    keep(page, "light")


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "running", "phase": "taken up from another dashboard; it leaks", "lesson": ""},
        {"state": "cleaning", "phase": "over; everything is being removed", "late": True},
        {"state": "failed", "reason": "the prober has not answered for 12 s"},
        {"state": "done"},
    ],
    ids=lambda changes: changes["state"],
)
def test_an_experiment_is_told_alike_by_both_paints(
    filled: Any, go: Callable[..., Any], changes: dict[str, Any]
) -> None:
    filled.views.replace("blast", {"current": {**ROWS["blast"]["own"], "late": False, **changes}})
    still = words_of(go(java_script_enabled=False))
    page = go()
    page.wait_for_timeout(500)
    assert words_of(page) == still


def test_a_result_tells_its_day(go: Callable[..., Any]) -> None:
    started = ROWS["blast"]["own"]["started_at"]
    first = go(java_script_enabled=False).inner_text("#blast-results time >> nth=0")
    assert first == f"{int(started[8:10])} Nov {started[11:19]} UTC"
    live = go().inner_text("#blast-results time >> nth=0")
    assert live.startswith(f"{int(started[8:10])} Nov ")


def test_only_the_end_of_an_experiment_is_said_aloud(
    filled: Any, go: Callable[..., Any], until: Callable[..., None]
) -> None:
    row = {**ROWS["blast"]["own"], "state": "running", "phase": "it leaks", "lesson": ""}
    filled.views.replace("blast", {"current": row})
    page = go()
    until(page, says("#blast-phase", "It leaks."), seconds=SECONDS)
    loud = page.evaluate("[...document.querySelectorAll('#blast [role=status]')].map((e) => e.textContent.trim())")
    assert loud == ["running", "It leaks.", ""]
    filled.views.put("blast", "current", {**row, "state": "done", "lesson": "So it is."})
    until(page, says("#blast-said", f"{row['sentence']} So it is."), seconds=SECONDS)


def test_rows_that_come_are_painted(filled: Any, go: Callable[..., Any], until: Callable[..., None]) -> None:
    page = go(width=390, height=844)
    row = ROWS["limits"]["shop"]
    quota = {
        **row["quotas"][0],
        "bars": [{**row["quotas"][0]["bars"][0], "used": "3", "word": "near full", "tone": "near"}],
    }
    filled.views.put("limits", "shop", {**row, "quotas": [quota], "tone": "near", "sentence": "Near the end: pods."})
    until(page, says("#namespaces", "Near the end: pods."), seconds=SECONDS)
    assert page.locator("[data-key='shop'] .bar").count() == 1
    filled.views.replace("blocked", {})
    until(page, says("#blocked", "No quota refuses a pod now"), seconds=SECONDS)
    kill = next(iter(ROWS["oom"].values()))
    filled.views.put(
        "oom", "k", {**kill, "id": "k", "at": "2026-11-23T23:00:00Z", "pod": "just-killed", "exit_code": 137}
    )
    until(page, says("#oom-list tr:first-child", "just-killed"), seconds=SECONDS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    keep(page, "phone")


def test_a_denied_quota_and_a_stale_one_are_told(
    filled: Any, go: Callable[..., Any], until: Callable[..., None]
) -> None:
    page = go(dark=True)
    row = ROWS["limits"]["shop"]
    denied = {**row, "state": "forbidden", "known": False, "quotas": [], "tone": "unknown", "rule": RULE,
              "sentence": "Its quotas may not be read, so what bounds it is unknown."}  # fmt: skip
    filled.views.put("limits", "shop", denied)
    until(page, says("[data-key=shop]", "needs list resourcequotas in namespace shop"), seconds=SECONDS)
    filled.views.put("limits", "flask", {**ROWS["limits"]["flask"], "state": "stale", "since": "2026-11-23T12:00:00Z"})
    until(page, says("[data-key=flask]", "the cluster does not answer"), seconds=SECONDS)
    keep(page, "dark-denied-stale")


def test_an_experiment_is_planned_started_followed_and_stopped(
    filled: Any, go: Callable[..., Any], until: Callable[..., None]
) -> None:
    page = go()
    page.focus("input[name='variant']")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    until(page, says("#blast-plan-or-refusal", "This will be done"), seconds=SECONDS)
    assert "without a limit of its own" in page.inner_text("#blast-plan-or-refusal")
    page.click("#confirm-blast")
    until(page, "!document.querySelector('#blast-plan-or-refusal').firstElementChild", seconds=SECONDS)
    current = {**ROWS["blast"]["shared"], "state": "running", "phase": "it leaks", "lesson": ""}
    filled.views.put("blast", "current", current)
    until(page, says("#blast-phase", "It leaks."), seconds=SECONDS)
    assert page.locator("#blast-now .span-failed").count() == 2
    assert not page.is_visible("#blast-form")
    keep(page, "running")
    page.click("#blast-stop button")
    until(page, says("#toasts", "Stopping the experiment."), seconds=SECONDS)
    filled.views.put("blast", "current", {**current, "state": "stopped", "reason": "stopped by operator"})
    until(page, says("#blast-phase", "stopped by operator"), seconds=SECONDS)
    assert page.is_visible("#blast-form")
    assert [name for name, _ in filled.actions.asked] == ["plan_blast", "start_blast", "stop_blast"]


def test_a_running_experiment_is_seen_and_stopped_on_every_page(
    filled: Any, open_page: Open, until: Callable[..., None]
) -> None:
    row = {**ROWS["blast"]["own"], "state": "running", "phase": "it leaks", "ends_at": "2026-11-23T14:03:20.000Z"}
    filled.views.put("blast", "current", row)
    first = open_page(java_script_enabled=False)
    first.goto(f"{filled.url}/story")
    still = first.inner_text("#blast-banner [data-f='text']")
    page = open_page(width=390, height=844)
    page.goto(f"{filled.url}/story")
    page.wait_for_selector("#connection[data-tone='live']")
    filled.views.put("blast", "current", {"state": "none"})
    until(page, "document.querySelector('#blast-banner').hidden", seconds=SECONDS)
    filled.views.put("blast", "current", row)
    until(page, "!document.querySelector('#blast-banner').hidden", seconds=SECONDS)
    assert page.inner_text("#blast-banner [data-f='text']").split(" · ")[0] == still.split(" · ")[0]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    keep(page, "banner-phone")
    page.click("#stop-blast")
    until(page, says("#toasts", "Stopping the experiment."), seconds=SECONDS)
    assert page.url == f"{filled.url}/story"
    filled.views.put("blast", "current", {**row, "state": "cleaning", "phase": "over; everything is being removed"})
    until(page, "document.querySelector('#stop-blast').disabled", seconds=SECONDS)
    assert [name for name, _ in filled.actions.asked] == ["stop_blast"]
    first.click("#stop-blast")
    assert first.url == f"{filled.url}/limits#blast"


@pytest.mark.parametrize("where", ["", "story"])
def test_who_stops_it_by_keyboard_keeps_a_place_on_the_page(
    filled: Any, open_page: Open, until: Callable[..., None], where: str
) -> None:
    row = {**ROWS["blast"]["own"], "state": "running", "phase": "it leaks", "ends_at": "2026-11-23T14:03:20.000Z"}
    filled.views.put("blast", "current", row)
    page = open_page()
    page.goto(f"{filled.url}/{where}")
    page.wait_for_selector("#connection[data-tone='live']")
    page.focus("#stop-blast")
    page.keyboard.press("Enter")
    until(page, says("#toasts", "Stopping the experiment."), seconds=SECONDS)
    filled.views.put("blast", "current", {**row, "state": "cleaning", "phase": "over; everything is being removed"})
    until(page, "document.activeElement.matches('#blast-banner a')", seconds=SECONDS)
    filled.views.put("blast", "current", {**row, "state": "stopped", "reason": "stopped by operator"})
    until(page, "document.activeElement.matches('main')", seconds=SECONDS)


def test_what_a_person_folded_stays_folded(filled: Any, go: Callable[..., Any], until: Callable[..., None]) -> None:
    page = go()
    key, row = next((key, row) for key, row in ROWS["containers"].items() if row["changed"])
    fold = page.locator("#container-list details").first
    assert fold.evaluate("fold => fold.open")
    fold.locator("summary").click()
    filled.views.put("containers", key, {**row, "count": "9 pods"})
    until(page, says("#container-list", "9 pods"), seconds=SECONDS)
    assert not fold.evaluate("fold => fold.open")
