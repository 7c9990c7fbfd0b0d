"""The Data page through a real browser: painted live, killed by keyboard in two steps, whole on a phone.

With SURGEBOARD_SCREENSHOTS=<folder> the pictures are kept, to be looked at.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
ROWS = json.loads((Path(__file__).resolve().parents[1] / "dashboard" / "fixtures" / "data-rows.json").read_text())
NONE = {"id": None, "state": "none", "active": False}
SHAPES = {"wide": (1440, 1000), "narrow": (390, 844)}
PARTS = ("#set", "#kill-result", "#elections", "#chains", "#volumes")
PATIENCE = 30
LONG = "mongo-1 is not there: without mongo-0 there would be 1 of the 2 votes that a new primary needs."


@pytest.fixture
def put(stand: Any) -> Callable[..., None]:
    """The rows of a real cluster after a kill, with changes to rows of the view `data` and to each member."""

    def rows(member: dict[str, dict[str, Any]] | None = None, **data: Any) -> None:
        found = copy.deepcopy(ROWS)
        for key, changes in data.items():
            found["data"][key] = {**found["data"][key], **changes}
        for row in found["members"].values():
            row.update((member or {}).get(row["name"], {}))
        for view, content in found.items():
            stand.views.replace(view, content)

    stand.script.connect()
    rows()
    return rows


@pytest.fixture
def go(stand: Any, open_page: Open, until: Any) -> Callable[..., Any]:
    def open_at(**more: Any) -> Any:
        page = open_page(**more)
        page.goto(stand.url + "/data")
        if more.get("java_script_enabled", True):
            page.wait_for_selector("#connection[data-tone='live']", timeout=1000 * PATIENCE)
        return page

    return open_at


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"data-{name}.png", full_page=True)


def test_the_first_paint_and_the_live_page_say_the_same(put: Any, go: Any, until: Any, stand: Any) -> None:
    still, live = go(java_script_enabled=False, timezone_id="UTC"), go(timezone_id="UTC")
    stand.views.put("data", "set", {**ROWS["data"]["set"], "sentence": "painted anew"})
    until(live, "document.getElementById('set').innerText.includes('painted anew')", seconds=PATIENCE)
    put()
    until(live, "!document.getElementById('set').innerText.includes('painted anew')", seconds=PATIENCE)
    for part in PARTS:
        told = still.inner_text(part).replace(" UTC", "")  # a browser tells its own time, and this one lives there
        assert live.inner_text(part).split() == told.split(), part
    assert live.locator("#kill-chart rect").count() == 2 * len(ROWS["data"]["kill"]["buckets"]) + 1
    assert numbers(live.inner_html("#kill-chart svg")) == numbers(still.inner_html("#kill-chart svg"))


def test_times_are_the_readers_own_and_say_utc_without_script(put: Any, go: Any, until: Any) -> None:
    still, live = go(java_script_enabled=False), go(timezone_id="Asia/Kolkata")
    assert "23 Nov 12:57:51 UTC" in still.inner_text("#elections")
    assert "until 23 Nov 12:57:56 UTC." in still.inner_text("#chains")
    until(live, "document.querySelector('#elections time').textContent === '23 Nov 18:27:51'", seconds=PATIENCE)
    assert "until 23 Nov 18:27:56." in live.inner_text("#chains")


def test_elections_of_a_set_that_may_not_be_asked_are_told_as_denied(put: Any, go: Any, until: Any, stand: Any) -> None:
    put(elections={"rows": []})
    page = go()
    assert page.is_visible("#elections [data-f='none']")
    stand.views.put("connection", "agents", {"state": "forbidden", "since": "2026-11-23T12:00:00Z", "detail": "no"})
    until(page, "!document.querySelector('#elections [data-f=denied]').hidden", seconds=PATIENCE)
    assert page.is_hidden("#elections [data-f='none']")


def numbers(markup: str) -> list[float]:
    """Every coordinate, in whatever order it is written."""
    return sorted(float(each) for each in markup.replace('"', " ").split() if each.replace(".", "", 1).isdecimal())


def test_a_failover_is_seen_as_it_happens(put: Any, go: Any, until: Any) -> None:
    page = go()
    assert page.inner_text(".member[data-primary] [data-f='name']") == "mongo-0"
    gone = {"mongo-0": {"state": "DOWN", "word": "down", "tone": "trouble", "star": False, "trouble": "No pod."}}
    put(gone, set={"state": "no_primary", "tone": "failed", "word": "no primary", "sentence": "There is no primary.",
                   "primary": None, "why_no_kill": LONG})  # fmt: skip
    until(page, "document.querySelector('#set-title').innerText.includes('o primary')", seconds=PATIENCE)
    assert page.locator(".member[data-primary]").count() == 0
    assert page.locator(".member[data-tone='trouble'] .member-trouble").inner_text() == "No pod."
    assert page.is_disabled("#kill-plan")
    assert LONG in page.inner_text("#kill-form")
    hostile = {"mongo-2": {"trouble": "<img src=x onerror=alert(1)>"}}
    put({"mongo-1": {"star": True, "word": "primary"}, **gone, **hostile}, kill={"sentence": "<b>bold</b>"})
    until(page, "document.querySelectorAll('.member[data-primary]').length === 1", seconds=PATIENCE)
    assert page.inner_text(".member[data-primary] [data-f='name']") == "mongo-1"
    until(page, "document.getElementById('kill').innerText.includes('<b>bold</b>')", seconds=PATIENCE)
    assert page.locator("#data img, #data b").count() == 0


def test_the_primary_is_killed_by_keyboard_in_two_steps(put: Any, go: Any, until: Any, stand: Any) -> None:
    put(kill=NONE)
    page = go()
    page.wait_for_selector("#kill-plan:enabled", timeout=1000 * PATIENCE)
    page.focus("#kill-plan")
    page.keyboard.press("Enter")
    page.wait_for_selector("#confirm-kill", timeout=1000 * PATIENCE)
    until(page, "document.activeElement.id === 'kill-plan-title'", seconds=PATIENCE)
    keep(page, "plan")
    stand.actions.conflict = "The primary is not killed: mongo-2 is not there."
    page.click("#kill-plan")
    page.wait_for_selector("#kill-plan-or-refusal .refusal", timeout=1000 * PATIENCE)
    assert "mongo-2 is not there" in page.inner_text("#kill-plan-or-refusal")
    page.click("#kill-plan")
    page.wait_for_selector("#confirm-kill", timeout=1000 * PATIENCE)
    page.click("#kill-plan-or-refusal [data-drops-plan]")
    assert page.locator("#confirm-kill").count() == 0
    assert page.evaluate("document.activeElement.id") == "kill-plan"
    page.keyboard.press("Enter")
    page.wait_for_selector("#confirm-kill", timeout=1000 * PATIENCE)
    page.focus("#confirm-kill")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast", timeout=1000 * PATIENCE)
    assert ("kill_primary", ("nonce-of-the-kill", "operator")) in stand.actions.asked
    put(kill={"id": "k2", "state": "recovering", "active": True, "tone": "progressing", "word": "recovering",
              "sentence": "Nothing is confirmed since mongo-1 was killed.", "verdict": None})  # fmt: skip
    until(page, "document.getElementById('kill-form').hidden", seconds=PATIENCE)
    assert page.locator("#confirm-kill").count() == 0
    until(page, "document.activeElement.id === 'kill-title'", seconds=PATIENCE)
    keep(page, "killing")


def test_what_is_old_is_grey_and_what_is_denied_names_its_rule(put: Any, go: Any, until: Any, stand: Any) -> None:
    page = go()
    for state in ("stale", "down"):
        stand.script.connect(state, detail="no answer")
        until(page, "document.querySelector('main').dataset.stale === ''", seconds=PATIENCE)
        assert page.is_disabled("#kill-plan")
        keep(page, state)
        stand.script.connect()
        until(page, "document.querySelector('main').dataset.stale === undefined", seconds=PATIENCE)
    rule = {"sentence": "needs get pods/proxy in namespace mongodb", "yaml": "kind: Role\nrules: []\n"}
    row = {"state": "forbidden", "since": None, "detail": "forbidden", "rule": rule}
    stand.views.put("connection", "agents", row)
    put(set={"state": "forbidden", "tone": "forbidden", "word": "not allowed", "sentence": "Not allowed."})
    until(page, "document.querySelector('#set .denied') !== null", seconds=PATIENCE)
    assert rule["sentence"] in page.inner_text("#set")
    keep(page, "forbidden")


@pytest.mark.parametrize(("shape", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_it_fits_every_screen(put: Any, go: Any, shape: str, scheme: str) -> None:
    width, height = SHAPES[shape]
    page = go(width=width, height=height, dark=scheme == "dark")
    page.click("#kill-chart summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    keep(page, f"{shape}-{scheme}")


def test_before_anything_is_deployed_it_leads_to_deploy(stand: Any, go: Any, until: Any) -> None:
    stand.script.connect()
    absent = {"state": "absent", "tone": "absent", "word": "not deployed", "sentence": "Not here.", "members": 0}
    stand.views.put("data", "set", absent)
    page = go()
    assert page.is_visible("#absence a[href='/deploy']")
    assert page.is_hidden("#set")
    keep(page, "empty")
    stand.views.put("data", "set", ROWS["data"]["set"])
    until(page, "document.getElementById('absence').hidden", seconds=PATIENCE)
    assert page.is_visible("#set")
