"""What happens to several pods of one workload alike is one line on the Stage, in both paints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
LINES = """[...document.querySelectorAll('#entries > *')]
    .map((line) => line.innerText.split(/\\s*\\n\\s*/).slice(1).join(' | '))"""
SECONDS = 30


def homeless(number: int, pod: str) -> dict[str, Any]:
    return {
        "id": f"event-{number}", "t": f"2026-11-23T05:00:0{number}Z", "kind": "warning", "count": 1, "quiet": False,
        "first": f"2026-11-23T05:00:0{number}Z", "text": f"Pod {pod} finds no place: 1 Insufficient cpu.",
        "object": {"kind": "Pod", "namespace": "flask", "name": pod}, "reason": "FailedScheduling", "by": None,
    }  # fmt: skip


def test_pods_that_find_no_place_are_one_line(stand: Any, open_page: Callable[..., Any], until: Any) -> None:
    stand.script.connect()
    stand.views.replace("story", {})
    for number, pod in enumerate(("web-5c55655b75-zsnpc", "web-5c55655b75-dp8mf", "other-5c55655b75-x2x2x")):
        row = homeless(number, pod)
        stand.views.put("story", row["id"], row)
    still = open_page(java_script_enabled=False)
    still.goto(stand.url)
    texts = still.locator("#entries").inner_text()
    assert texts.count("finds no place") == 2
    assert "2 pods" in texts
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    until(page, "document.querySelector('#entries').innerText.includes('2 pods')", seconds=SECONDS)
    assert page.evaluate(LINES) == still.evaluate(LINES)
    row = homeless(5, "web-5c55655b75-b4b4b")
    stand.views.put("story", row["id"], row)
    until(page, "document.querySelector('#entries').innerText.includes('× 3 · 3 pods')", seconds=SECONDS)
    assert page.locator("#entries > *").count() == 2
