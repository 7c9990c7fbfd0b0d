"""Every state of the page is drawn, in light and dark, wide and narrow, without a word from the console.

With SURGEBOARD_SCREENSHOTS=<folder> the pictures are kept, to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
SHAPES = {"wide": (1440, 1000), "narrow": (390, 844), "projector": (1920, 1080)}
DARK = [False, True] if os.environ.get("SURGEBOARD_SCREENSHOTS") else [False]
"""Darkness changes colours alone, which only the eye can judge: it is drawn when the pictures are kept."""


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page="narrow" in name)


@pytest.mark.parametrize("dark", DARK, ids=["light", "dark"][: len(DARK)])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_stage_is_drawn_under_load(stand: Any, open_page: Callable[..., Any], shape: str, dark: bool) -> None:
    stand.script.everything()
    width, height = SHAPES[shape]
    page = open_page(width=width, height=height, dark=dark)
    page.wait_for_selector("#tide-waiting", state="hidden")
    page.wait_for_timeout(600)
    keep(page, f"live-{shape}-{'dark' if dark else 'light'}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("shape", ["wide", "narrow"])
@pytest.mark.parametrize("state", ["empty", "syncing", "forbidden", "down", "stale"])
def test_every_other_state_is_drawn(
    stand: Any, open_page: Callable[..., Any], state: str, shape: str, until: Any
) -> None:
    details = {
        "forbidden": "pods in flask: your account may not list them.",
        "down": "https://127.0.0.1:6443 refused the connection.",
    }
    if state == "empty":
        stand.script.empty()
    elif state == "syncing":
        stand.script.connect("syncing")
    else:
        stand.script.everything()
        stand.script.connect(state, detail=details.get(state, ""))
    width, height = SHAPES[shape]
    page = open_page(width=width, height=height)
    until(page, "document.querySelector('#connection').innerText.length > 4")
    page.wait_for_timeout(400)
    keep(page, f"{state}-{shape}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("dark", DARK, ids=["light", "dark"][: len(DARK)])
@pytest.mark.parametrize("shape", ["wide", "narrow"])
def test_the_dialogs_are_drawn(stand: Any, open_page: Callable[..., Any], shape: str, dark: bool) -> None:
    stand.script.everything()
    stand.views.put("swarm", "current", stand.script.swarm("stopped"))
    width, height = SHAPES[shape]
    page = open_page(width=width, height=height, dark=dark)
    look = f"{shape}-{'dark' if dark else 'light'}"
    page.click("#open-swarm")
    page.wait_for_selector("#swarm-says:not(:empty)")
    page.wait_for_timeout(300)
    keep(page, f"swarm-dialog-{look}")
    page.click("#swarm-form button[type='submit']")
    page.wait_for_selector("#confirm-swarm")
    page.wait_for_timeout(300)
    keep(page, f"swarm-plan-{look}")
    page.keyboard.press("Escape")
    page.click("#open-deploy")
    page.wait_for_timeout(300)
    keep(page, f"deploy-dialog-{look}")
    stand.script.deploying()
    page.wait_for_selector(".step")
    stand.script.deploying(failed=dark)
    page.wait_for_selector(".step")
    page.wait_for_timeout(300)
    keep(page, f"deploy-progress-{look}")
