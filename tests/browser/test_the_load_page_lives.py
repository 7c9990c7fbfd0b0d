"""The Load page through a real browser: painted live, worked by keyboard, drawn as typed, whole on a phone.

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
ROW = json.loads((Path(__file__).resolve().parents[1] / "dashboard" / "fixtures" / "swarm-row.json").read_text())
NONE = {"id": None, "state": "none"}
SHAPES = {"wide": (1440, 1000), "narrow": (390, 844)}


def iso(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def swarm(**changes: Any) -> dict[str, Any]:
    now = time.time()
    workers = [{**each, "lost_at": iso(now - 40) if each["lost_at"] else None} for each in ROW["workers"]]
    failures = [{**each, "first_at": iso(now - 90), "last_at": iso(now - 5)} for each in ROW["failures_by"]]
    times = {"started_at": iso(now - 180), "ends_at": iso(now + 120)}
    return {**ROW, **times, "workers": workers, "failures_by": failures, **changes}


@pytest.fixture
def filled(stand: Any) -> Any:
    stand.script.everything()
    stand.script.bundles(stand.actions.documents["rows"])
    stand.views.put("bundles", "load", {**stand.actions.documents["rows"]["load"], "state": "ok"})
    stand.views.put("swarm", "current", NONE)
    return stand


@pytest.fixture
def go(filled: Any, open_page: Open) -> Callable[..., Any]:
    def open_at(path: str = "/load", **more: Any) -> Any:
        page = open_page(**more)
        page.goto(filled.url + path)
        if more.get("java_script_enabled", True):
            page.wait_for_selector("#connection[data-tone='live']")
        return page

    return open_at


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"load-{name}.png", full_page=True)


def words(text: str) -> list[str]:
    """Without the seconds that pass between two looks."""
    return [word for word in text.split() if not word.isdigit()]


def test_a_swarm_is_painted_from_its_start_to_its_end(filled: Any, go: Callable[..., Any], until: Any) -> None:
    page = go()
    assert page.is_visible("#load-form")
    assert page.is_hidden("#swarm-now")
    early = {
        "users": 0,
        "requests": None,
        "failures": None,
        "endpoints": [],
        "failures_by": [],
        "pods": [],
        "workers": [],
    }
    quiet = {"saturated": False, "reason": None}
    filled.views.put("swarm", "current", swarm(state="starting", ends_at=None, **early, **quiet))
    page.wait_for_selector("#swarm-now")
    assert page.is_hidden("#start")
    owner = {"kind": "Job", "namespace": "load", "name": "swarm-k3v9-worker", "uid": "uid-load-swarm-k3v9-worker"}
    filled.script.pod("swarm-k3v9-worker-qx7zt", owner, 200, ready_at=None, state="Pending")
    until(page, "document.querySelector('#swarm-now').innerText.includes('swarm-k3v9-worker-qx7zt (Pending)')")
    filled.views.put("swarm", "current", swarm())
    page.wait_for_selector("#endpoints tbody tr[data-bad]")
    assert page.query_selector_all("#endpoints tbody tr").__len__() == 3
    for part, text in {
        "#swarm-now": "The generator is at its limit, not the server.",
        "#failures": "HTTPError('503 Server Error",
        "#workers": "lost at",
        "#traffic": "71.9 %",
        "#load-figures": "41,200",
    }.items():
        assert text in page.inner_text(part), part
    filled.views.put("swarm", "current", swarm(state="stopped", users=0, rps=0.0, saturated=False))
    until(page, "document.querySelector('#now-title').innerText.includes('nded')")
    assert "41,200 requests, 37 of them failed." in page.inner_text("#swarm-now")
    assert page.is_visible("#start-fold > summary")
    assert page.is_hidden("#load-form")
    assert page.is_hidden("#load-change")


def test_the_first_paint_and_the_live_page_say_the_same(filled: Any, go: Callable[..., Any], until: Any) -> None:
    about = {
        "profile": "ceiling",
        "ceiling": {"rps": 318.4, "users": 90, "p95_ms": 640, "limited_by": "p95", "confirmed": True},
    }
    for changes in ({}, {"state": "stopped", "users": 0}, {"state": "failed", "error": "all gone"}, about):
        filled.views.put("swarm", "current", swarm(**changes))
        still, live = go(java_script_enabled=False, timezone_id="UTC"), go(timezone_id="UTC")
        live.wait_for_timeout(400)
        for part in ("#swarm-now [data-f='sentence']", "#load-notes", "#load-facts", "#load-figures", "#load-tables"):
            assert words(live.inner_text(part)) == words(still.inner_text(part)), (changes, part)


def test_the_profile_is_drawn_anew_as_it_is_typed(filled: Any, go: Callable[..., Any], until: Any) -> None:
    page = go()
    page.check("input[value='double wave']", force=True)
    until(page, "document.querySelector('#load-preview').innerText.includes('Double wave')")
    page.fill("#load-form input[name='users']", "240")
    until(page, "document.querySelector('#load-preview').innerText.includes('240 load users at the peak')")
    assert page.evaluate("document.activeElement.name") == "users"
    page.fill("#load-form input[name='users']", "9000")
    page.wait_for_selector("#load-preview .refusal")
    assert "9000 is outside 1 to 500" in page.inner_text("#load-preview")


def test_what_a_person_types_is_not_painted_over(filled: Any, go: Callable[..., Any], until: Any) -> None:
    filled.views.put("swarm", "current", swarm())
    page = go()
    page.fill("#load-change input[name='users']", "77")
    filled.views.put("swarm", "current", swarm(users=90, target_users=90, requests=50_000))
    until(page, "document.querySelector('#load-figures').innerText.includes('50,000')")
    assert page.input_value("#load-change input[name='users']") == "77"
    assert page.evaluate("document.activeElement.name") == "users"
    filled.views.put("swarm", "current", swarm(state="stopping"))
    page.wait_for_selector("#load-change", state="hidden")
    assert page.evaluate("document.activeElement.id") == "now-title"


def test_what_is_in_the_way_comes_and_goes_without_reloading(filled: Any, go: Callable[..., Any], until: Any) -> None:
    page = go()
    assert page.is_enabled("#load-plan")
    filled.views.put("bundles", "load", filled.actions.documents["rows"]["load"])
    page.wait_for_selector("#load-obstacle")
    assert page.get_attribute("#load-obstacle a", "href") == "/deploy/load"
    assert page.is_disabled("#load-plan")
    filled.views.put("bundles", "load", {**filled.actions.documents["rows"]["load"], "state": "ok"})
    page.wait_for_selector("#load-obstacle", state="hidden")
    page.select_option("#load-form select[name='target']", "shop")
    page.wait_for_selector("#load-obstacle")
    assert "shop/web is not there" in page.inner_text("#load-obstacle")


def test_the_whole_form_is_reached_by_keyboard(filled: Any, go: Callable[..., Any]) -> None:
    page = go()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.id"))
    asked = ["profile", "target", "scenario", "users", "spawn_rate", "duration_s", "workers", "keep_alive",
             "p95_limit_ms", "failed_limit_percent", "note", "load-plan"]  # fmt: skip
    assert [name for name in dict.fromkeys(reached) if name in asked] == asked


def test_a_plan_is_read_and_confirmed_by_keyboard(filled: Any, go: Callable[..., Any], until: Any) -> None:
    page = go()
    page.focus("#load-form input[name='note']")
    page.keyboard.type("before Friday")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.id === 'confirm-swarm'")
    name, (asked, by) = filled.actions.asked[-1]
    assert (name, by, asked.note, asked.users, asked.keep_alive) == (
        "plan_swarm",
        "operator",
        "before Friday",
        60,
        True,
    )
    page.fill("#load-form input[name='users']", "61")
    page.wait_for_selector("#confirm-swarm", state="detached")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.id === 'confirm-swarm'")
    page.click("#load-plan-or-refusal [data-drops-plan]")
    page.wait_for_selector("#confirm-swarm", state="detached")
    assert page.evaluate("document.activeElement.id") == "load-plan"
    page.keyboard.press("Enter")
    until(page, "document.activeElement.id === 'confirm-swarm'")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast[data-tone='good']")
    assert filled.actions.asked[-1] == ("start_swarm", ("nonce-of-the-plan", "operator"))
    filled.views.put("swarm", "current", swarm(state="starting"))
    page.wait_for_selector("#start", state="hidden")
    assert page.evaluate("document.activeElement.id") == "now-title"


def test_a_plan_is_alive_from_the_moment_it_is_there(filled: Any, go: Callable[..., Any]) -> None:
    """Whoever is quicker than the eye confirms by script too; else the browser would leave the page for Stage."""
    page = go()
    page.evaluate(
        """new MutationObserver((_, observer) => {
            const confirm = document.getElementById("confirm-swarm");
            if (!confirm) return;
            observer.disconnect();
            confirm.click();
        }).observe(document.getElementById("load-plan-or-refusal"), {childList: true, subtree: true})"""
    )
    page.click("#load-plan")
    page.wait_for_selector(".toast[data-tone='good']")
    assert page.url == filled.url + "/load"
    assert filled.actions.asked[-1] == ("start_swarm", ("nonce-of-the-plan", "operator"))


def test_a_refusal_is_said_where_the_plan_would_be(filled: Any, go: Callable[..., Any]) -> None:
    page = go()
    filled.actions.conflict = "Another swarm is active already; stop it first."
    page.click("#load-plan")
    page.wait_for_selector("#load-plan-or-refusal .refusal")
    assert "Another swarm is active" in page.inner_text("#load-plan-or-refusal")


def test_a_running_swarm_is_changed_in_place(filled: Any, go: Callable[..., Any]) -> None:
    filled.views.put("swarm", "current", swarm())
    page = go()
    page.fill("#load-change input[name='users']", "200")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast[data-tone='good']")
    assert filled.actions.asked[-1] == ("set_swarm_users", (200, 10, "operator"))
    filled.actions.conflict = "The swarm is stopping; it cannot be changed any more."
    page.click("#load-change button")
    page.wait_for_selector("#load-change-refusal .refusal")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_state_is_drawn_and_fits(filled: Any, go: Callable[..., Any], shape: str, dark: bool) -> None:
    width, height = SHAPES[shape]
    page = go(width=width, height=height, dark=dark)
    found = {"rps": 318.4, "users": 90, "p95_ms": 640, "limited_by": "p95 above 1000 ms", "confirmed": True}
    states = {
        "none": NONE,
        "starting": swarm(state="starting", users=0, endpoints=[], failures_by=[], pods=[], workers=[], ends_at=None),
        "running": swarm(),
        "stopping": swarm(state="stopping"),
        "stopped": swarm(state="stopped", users=0, rps=0.0),
        "failed": swarm(state="failed", error="all workers are gone; look at the worker pods' Events"),
        "ceiling": swarm(state="stopped", users=0, profile="ceiling", ceiling=found),
    }
    for name, row in states.items():
        filled.views.put("swarm", "current", row)
        page.wait_for_selector(f"#load[data-state='{row['state']}']")
        page.wait_for_timeout(150)
        keep(page, f"{name}-{shape}-{'dark' if dark else 'light'}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    filled.script.connect("down", detail="https://127.0.0.1:6443 refused the connection.")
    page.wait_for_selector("#load[data-stale]")
    keep(page, f"down-{shape}-{'dark' if dark else 'light'}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_script_the_page_is_whole(filled: Any, go: Callable[..., Any]) -> None:
    page = go("/load", java_script_enabled=False)
    page.check("input[value='steps']", force=True)
    page.fill("#load-form input[name='users']", "90")
    page.click("#load-form noscript button")
    assert "Steps: a quarter more at a time. 90 load users at the peak" in page.inner_text("#load-preview")
    assert page.is_checked("input[value='steps']")
    filled.views.put("swarm", "current", swarm())
    page.goto(f"{filled.url}/load")
    assert "reads itself again every three seconds" in page.inner_text("main")
    assert "/api/entries" in page.inner_text("#endpoints")
    assert page.is_hidden("#tide-figure")


def test_what_an_attacker_may_name_stays_text(filled: Any, go: Callable[..., Any]) -> None:
    page = go()
    evil = "<img src=x onerror=window.broken=1>"
    failures = [{**ROW["failures_by"][0], "error": evil}]
    filled.views.put(
        "swarm", "current", swarm(failures_by=failures, pods=[{"pod": evil, "requests": 1}], note=evil, reason=evil)
    )
    page.wait_for_selector("#failures :text('onerror')")
    assert page.query_selector("main img") is None
    assert page.evaluate("window.broken === undefined")
