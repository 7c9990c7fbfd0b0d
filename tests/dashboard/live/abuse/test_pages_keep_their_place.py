"""A house full of sockets: one more is told so, and pages and probes have connections of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


def test_pages_and_probes_are_answered_in_a_full_house(start: Callable[..., Any], tmp_path: Path) -> None:
    serve = start(tmp_path, VIEWERS_MAX="5")
    try:
        browsers = [serve.open() for _ in range(5)]
        for browser in browsers:
            browser.event()
        one_more = serve.open()
        assert one_more.status == 503
        assert "Retry-After" in one_more.head
        with ThreadPoolExecutor(20) as people:
            answers = list(people.map(lambda _: serve.get("/healthz")[0], range(40)))
        assert answers == [200] * 40
        for browser in [*browsers, one_more]:
            browser.close()
    finally:
        serve.end()
