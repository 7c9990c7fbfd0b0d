"""Every page of a read-only dashboard lives, says what it is, and has nothing to press that would change something."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.capabilities import Capability

pytestmark = pytest.mark.browser
SHAPES = {"wide-light": (1440, 1000, False), "narrow-dark": (390, 844, True)}
PATHS = {
    "stage": "/", "deploy": "/deploy", "bundle": "/deploy/flask", "plan": "/deploy/plan?bundle=flask",
    "teardown": "/deploy/flask/teardown", "load": "/load", "scaling": "/scaling", "repair": "/scaling/repair?plan=yes",
    "data": "/data", "limits": "/limits", "story": "/story", "runs": "/runs",
}  # fmt: skip


@pytest.fixture
def read_only() -> bool:
    return True


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"read-only-{name}.png", full_page=True)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_page_lives_without_its_controls(
    stand: Any, open_page: Callable[..., Any], recorded: Callable[..., str], shape: str, until: Any
) -> None:
    stand.script.everything()
    run = recorded()
    if shape.startswith("narrow"):
        stand.become(Capability.VIEW)
    width, height, dark = SHAPES[shape]
    page = open_page(width=width, height=height, dark=dark)
    for name, path in {**PATHS, "run": f"/runs/{run}"}.items():
        page.goto(stand.url + path)
        page.wait_for_selector("#connection[data-tone='live']")
        assert page.inner_text("#read-only") == "read-only", name
        keep(page, f"{name}-{shape}")
        assert page.locator("#not-started").count() == 0, name
        assert page.locator("[data-needs], form[method='post'], form[hx-post]").count() == 0, name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert {name for name, _ in stand.actions.asked} <= {"app", "plan", "removal", "history"}


def test_it_goes_on_living_when_things_begin_and_end(stand: Any, open_page: Callable[..., Any], until: Any) -> None:
    stand.script.everything()
    page = open_page()
    for path in ("/", "/load", "/data", "/limits", "/deploy"):
        stand.views.put("swarm", "current", stand.script.swarm("stopped"))
        page.goto(stand.url + path)
        page.wait_for_selector("#connection[data-tone='live']")
        stand.views.put("swarm", "current", stand.script.swarm("running"))
        page.wait_for_selector("#swarm-banner:not([hidden])")
        stand.script.deploying()
        stand.views.put("swarm", "current", {**stand.script.swarm("running"), "users": 77})
        until(page, "document.querySelector('#swarm-banner').innerText.includes('77 of 120')")
        assert page.locator("#swarm-banner button").count() == 0
