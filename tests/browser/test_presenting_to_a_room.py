"""Present mode before a room: every state of it is drawn large, it is live, and there is nothing in it to press.

With SURGEBOARD_SCREENSHOTS=<folder> the pictures are kept, to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
SHAPES = {"projector": (1920, 1080), "laptop": (1440, 900), "narrow": (390, 844)}


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"present-{name}.png", full_page="narrow" in name)


@pytest.fixture
def present(stand: Any, open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Opens Present mode by a share link, in a browser that never signed in."""

    def open_it(**more: Any) -> Any:
        _, token = stand.shares.make(label="the room", hours=8, by="operator")
        page = open_page(signed_in=False, **more)
        page.goto(f"{stand.url}/s/{token}")
        assert page.url == f"{stand.url}/present"
        return page

    return open_it


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("shape", SHAPES)
def test_present_is_drawn_under_load(stand: Any, present: Callable[..., Any], shape: str, dark: bool) -> None:
    stand.script.everything()
    width, height = SHAPES[shape]
    page = present(width=width, height=height, dark=dark)
    page.wait_for_selector("#tide-waiting", state="hidden")
    page.wait_for_timeout(600)
    keep(page, f"live-{shape}-{'dark' if dark else 'light'}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if shape == "projector":
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1"), "a room cannot scroll"


@pytest.mark.parametrize("shape", ["projector", "narrow"])
@pytest.mark.parametrize("state", ["empty", "syncing", "forbidden", "down", "stale"])
def test_every_other_state_says_so(
    stand: Any, present: Callable[..., Any], until: Any, state: str, shape: str
) -> None:
    words = {
        "empty": "Nothing is deployed here yet", "syncing": "Reading the cluster", "stale": "has sent nothing",
        "forbidden": "does not let the dashboard read", "down": "does not answer",
    }  # fmt: skip
    if state == "empty":
        stand.script.empty()
    elif state == "syncing":
        stand.script.connect("syncing")
    else:
        stand.script.everything()
        stand.script.connect(state, detail="https://10.9.8.7:6443 said a secret", since=stand.script.clock() - 40)
    width, height = SHAPES[shape]
    page = present(width=width, height=height)
    until(page, f"document.querySelector('#present').innerText.includes({words[state]!r})")
    page.wait_for_timeout(400)
    keep(page, f"{state}-{shape}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "10.9.8.7" not in page.content()
