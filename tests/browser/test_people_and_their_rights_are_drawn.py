"""Every page is drawn for whoever looks at it, in light and dark, wide and narrow, without a word from the console.

With SURGEBOARD_SCREENSHOTS=<folder> the pictures are kept, to be looked at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.capabilities import Capability

pytestmark = pytest.mark.browser
SHAPES = {"wide-light": (1440, 1000, False), "narrow-dark": (390, 844, True)}
PATHS = {
    "stage": "/", "deploy": "/deploy", "bundle": "/deploy/flask", "plan": "/deploy/plan?bundle=flask", "load": "/load",
    "scaling": "/scaling", "repair": "/scaling/repair?plan=yes", "data": "/data", "limits": "/limits",
    "story": "/story", "runs": "/runs",
}  # fmt: skip
PEOPLE = [Capability.VIEW, Capability.LOADTEST, Capability.APPLY]
LOOKS = [(most, shape) for most in PEOPLE for shape in SHAPES]
if not os.environ.get("SURGEBOARD_SCREENSHOTS"):
    LOOKS = [(Capability.VIEW, "narrow-dark"), (Capability.APPLY, "wide-light")]
"""The others differ in what is said and not in what has to fit: they are drawn when the pictures are kept."""


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("most", "shape"), LOOKS, ids=[f"{most.value}-{shape}" for most, shape in LOOKS])
def test_every_page_fits_with_a_name_on_it(
    stand: Any, open_page: Callable[..., Any], recorded: Callable[..., str], most: Capability, shape: str
) -> None:
    stand.script.everything()
    run = recorded()
    stand.become(most, until=time.time() + 2820)
    width, height, dark = SHAPES[shape]
    page = open_page(width=width, height=height, dark=dark)
    for name, path in {**PATHS, "run": f"/runs/{run}"}.items():
        page.goto(stand.url + path)
        page.wait_for_selector("#connection[data-tone='live']")
        keep(page, f"{most.value}-{name}-{shape}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.click("#who > summary")
    keep(page, f"{most.value}-card-{shape}")
    assert page.is_visible("#sign-out")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
