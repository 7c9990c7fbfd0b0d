"""Every state of the pages about runs is drawn, light and dark, wide and on a phone, without a word from the console.

With SURGEBOARD_SCREENSHOTS=<folder> the pictures are kept, to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
SHAPES = {"wide": (1440, 1000), "narrow": (390, 844)}
SLOWER = {"load_to_decision_s": 29.5, "load_to_new_pod_s": 29.6, "load_to_ready_s": 41.2}
LONG = "a-name-without-any-place-to-break-it-" * 2


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"runs-{name}.png", full_page=True)


def wide_enough(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def several(recorded: Callable[..., str]) -> list[str]:
    """A good one, one without half of it, one cut off, one truncated, one being recorded."""
    return [
        recorded(),
        recorded(swarm_id="a", name="", requests=58_000, failures=0, started_at="2026-11-22T09:51:00Z", tags=[]),
        recorded(swarm_id="b", name=LONG, note="", state="interrupted", started_at="2026-11-21T09:51:00Z"),
        recorded(swarm_id="c", state="truncated", error="No space left on device.", samples=[], flags=[], events=[],
                 explanations=[], spans=[], endpoints_over_time=[], pods_over_time=[], failures_by=[], workers=[],
                 revisions={}, name="Nothing was kept", started_at="2026-11-20T09:51:00Z", load_at=None),
        recorded(swarm_id="d", state="recording", name="Now", finished_at=None, stopped_at=None,
                 started_at="2026-11-23T10:51:00Z"),
    ]  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_page_is_drawn(stand: Any, open_page: Open, recorded: Any, until: Any, shape: str, dark: bool) -> None:
    stand.script.everything()
    width, height = SHAPES[shape]
    page = open_page(width=width, height=height, dark=dark)
    suffix = f"{shape}-{'dark' if dark else 'light'}"
    page.goto(f"{stand.url}/runs")
    keep(page, f"empty-{suffix}")
    ids = several(recorded)
    both = "&".join(f"run={each}" for each in ids[:4])
    places = {
        "list": "/runs",
        "none-fits": "/runs?text=zebra",
        "missing": "/runs/nothing",
        "compare": f"/runs/compare?{both}",
    }
    places |= {
        f"run-{name}": f"/runs/{each}" for name, each in zip(("whole", "plain", "cut", "bare", "now"), ids, strict=True)
    }
    for name, path in places.items():
        page.goto(stand.url + path)
        until(page, "document.querySelector('#connection').dataset.tone === 'live'")
        if name == "compare":
            until(page, "document.querySelectorAll('#compare-plots canvas').length === 6")
        if name == "run-whole":
            until(page, "document.querySelector('#tide').dataset.alive !== undefined")
            page.wait_for_timeout(300)
        keep(page, f"{name}-{suffix}")
        assert wide_enough(page), name
    open_page.complaints[:] = [words for words in open_page.complaints if "404" not in words]
