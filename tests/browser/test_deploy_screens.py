"""Every state of the Deploy pages is drawn, light and dark, wide and on a phone, without a word from the console.

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
DARK = [False, True] if os.environ.get("SURGEBOARD_SCREENSHOTS") else [False]
"""Darkness changes colours alone, which only the eye can judge: it is drawn when the pictures are kept."""
DEPLOYMENT = "Deployment.apps%2Fflask%2Fguestbook"
PLACES = {
    "overview": "/deploy",
    "plan-mixed": "/deploy/plan",
    "plan-fresh": "/deploy/plan?bundle=flask",
    "plan-same": "/deploy/plan?bundle=flask",
    "plan-blocked": "/deploy/plan?bundle=flask",
    "bundle": "/deploy/flask",
    "drift": "/deploy/flask/drift",
    "evidence": f"/deploy/flask/object?id={DEPLOYMENT}",
    "revision": "/deploy/flask/history/2",
    "teardown": "/deploy/flask/teardown",
    "progress": "/deploy/progress",
    "missing": "/deploy/nothing",
}


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"deploy-{name}.png", full_page=True)


def wide_enough(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("dark", DARK, ids=["light", "dark"][: len(DARK)])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_page_is_drawn(stand: Any, open_page: Open, shape: str, dark: bool, until: Any) -> None:
    stand.script.everything()
    stand.script.bundles(stand.actions.documents["rows"])
    stand.views.put("deploy", "current", stand.actions.documents["deploy"])
    stand.actions.problems = {"shop": "shop/web.yaml line 12, column 3: mapping values are not allowed here."}
    width, height = SHAPES[shape]
    page = open_page(width=width, height=height, dark=dark)
    for name, path in PLACES.items():
        if name.startswith("plan-"):
            stand.actions.planned = name.removeprefix("plan-")
        page.goto(stand.url + path)
        until(page, "document.querySelector('#connection').dataset.tone === 'live'")
        keep(page, f"{name}-{shape}-{'dark' if dark else 'light'}")
        assert wide_enough(page), name
    open_page.complaints[:] = [words for words in open_page.complaints if "404" not in words]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("state", ["empty", "syncing", "forbidden", "down", "nothing", "done", "failed"])
def test_every_state_of_the_overview_is_drawn(stand: Any, open_page: Open, state: str, shape: str) -> None:
    rows = stand.actions.documents["rows"]
    deploy = stand.actions.documents["deploy"]
    stand.script.everything()
    stand.script.bundles(rows)
    if state == "empty":
        gone = {"state": "absent", "revision": None, "folder_changed": None, "ok": 0, "sentence": ""}
        stand.script.bundles({name: {**row, **gone} for name, row in rows.items()})
    elif state == "nothing":
        stand.actions.bundles = list
    elif state == "done":
        steps = [{**step, "result": "ready", "detail": None} for step in deploy["steps"]]
        stand.views.put(
            "deploy", "current", {**deploy, "state": "done", "steps": steps, "finished_at": deploy["started_at"]}
        )
    elif state == "failed":
        error = "Deployment flask/guestbook is not ready after 300 s: out of memory. Give it more, then deploy again."
        stand.views.put("deploy", "current", {**deploy, "state": "failed", "error": error})
    else:
        detail = {
            "forbidden": "pods in flask: your account may not list them.",
            "down": "https://127.0.0.1:6443 refused the connection.",
        }
        stand.script.connect(state, detail=detail.get(state, ""))
        if state == "syncing":
            stand.views.replace("bundles", {})
    width, height = SHAPES[shape]
    page = open_page(width=width, height=height)
    page.goto(f"{stand.url}/deploy")
    page.wait_for_timeout(500)
    keep(page, f"state-{state}-{shape}")
    assert wide_enough(page)
