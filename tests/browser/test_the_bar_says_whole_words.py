"""A sign on the bar is said whole or not at all, however little room the name, its end and the buttons leave."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.access.capabilities import Capability

pytestmark = pytest.mark.browser
SIGNS = """() => {
    const row = document.querySelector(".signs").getBoundingClientRect();
    const seen = [...document.querySelectorAll(".signs > .sign")].filter((sign) => {
        const box = sign.getBoundingClientRect();
        return box.width && box.top < row.bottom - 1;
    });
    return seen.map((sign) => [sign.id, sign.lastElementChild.scrollWidth > sign.lastElementChild.clientWidth]);
}"""


OPERATOR = "system:serviceaccount:surgeboard:surgeboard-operator"


def test_what_has_no_room_is_not_half_said(stand: Any, open_page: Callable[..., Any], until: Any) -> None:
    stand.script.everything()
    stand.views.put("swarm", "current", stand.script.swarm("stopped"))  # so that there is a button to start one
    stand.become(Capability.APPLY, by=OPERATOR, until=time.time() + 299)
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    until(page, "document.querySelector('.who-soon').innerText.includes('min left')")
    seen = {}
    for sentence in ("stack healthy · 8 of 8", "The stack is not deployed."):
        stand.views.put("stack", "health", {"state": "ok", "healthy": 8, "total": 8, "sentence": sentence})
        until(page, f"document.querySelector('#stack').innerText.includes({sentence!r})")
        for width in (*range(1210, 1600, 30), 1920):
            page.set_viewport_size({"width": width, "height": 900})
            seen[width] = dict(page.evaluate(SIGNS))
            assert "connection" in seen[width], (width, sentence)
            assert not any(seen[width].values()), (width, sentence, seen[width])
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    assert "stack" in seen[1920]
    stand.views.put("stack", "health", {"state": "failed", "sentence": "Deployment guestbook is not well " * 9})
    page.wait_for_selector("#stack[data-tone='failed']")
    page.set_viewport_size({"width": 1440, "height": 900})
    assert "stack" in dict(page.evaluate(SIGNS)), "trouble is told, however little of it has room"


def test_long_names_are_told_in_short_while_it_lives(stand: Any, open_page: Callable[..., Any], until: Any) -> None:
    stand.script.everything()
    stand.script.deploying()
    page = open_page()
    for path, view, place in (("/deploy", "deploy", "#deploy-progress"), ("/load", "swarm", "#load-facts")):
        page.goto(stand.url + path)
        page.wait_for_selector("#connection[data-tone='live']")
        row = stand.views.snapshot().views[view]["current"]
        stand.views.put(view, "current", {**row, "by": OPERATOR, "started_by": OPERATOR})
        until(page, f"document.querySelector('{place}').innerText.includes('surgeboard-operator')")
        assert OPERATOR not in page.inner_text(place)
