"""A page that lacks what one module paints works without it, and says that it should be loaded anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser


WITHOUT_BANNER = """
  document.addEventListener("readystatechange", () => document.getElementById("swarm-banner")?.removeAttribute("id"));
"""
"""Before the first module runs, the markup is as an older version had it."""


def test_the_others_start_and_the_page_says_so(stand: Any, open_page: Callable[..., Any]) -> None:
    stand.script.everything()
    page = open_page()
    page.add_init_script(WITHOUT_BANNER)
    page.goto(stand.url + "/")
    page.wait_for_selector("#connection[data-tone='live']")
    page.wait_for_selector("#tide-waiting", state="hidden")

    assert "Reload the page." in page.inner_text("#not-started")
    complaints = open_page.complaints  # type: ignore[attr-defined]
    assert any("Part banner did not start" in each for each in complaints)
    complaints[:] = [each for each in complaints if "did not start" not in each]
