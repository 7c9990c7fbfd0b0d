"""No script and no template of ours makes markup of text, also for browsers that know no Trusted Types."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).resolve().parents[3] / "dashboard"
SCRIPTS = sorted((HOUSE / "static" / "js").glob("*.js"))
TEMPLATES = sorted((HOUSE / "templates").rglob("*.html"))
SINKS = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|srcdoc|createContextualFragment|parseFromString|parseHTMLUnsafe"
    r"|setHTMLUnsafe|setHTML|eval|Function|importScripts)\b|\bdocument\.write|setAttribute\(\s*[\"'](on|srcdoc|style)"
)
SET_IN = "runs/report.html"
"""A document of its own, with script, style and data in it: test_nothing_secret_leaves_with_a_run.py holds those."""
UNESCAPED = re.compile(r"\|\s*safe\b|autoescape|\bMarkup\b")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda each: each.name)
def test_no_script_hands_text_to_a_place_that_makes_markup_of_it(script: Path) -> None:
    found = [line for line in script.read_text(encoding="utf-8").splitlines() if SINKS.search(_code(line))]
    assert found == []


def test_no_template_and_no_page_takes_text_for_markup() -> None:
    pages = sorted((HOUSE / "web").rglob("*.py"))
    templates = [each for each in TEMPLATES if each != HOUSE / "templates" / SET_IN]
    assert len(templates) == len(TEMPLATES) - 1
    for each in (*templates, *pages):
        assert not UNESCAPED.search(each.read_text(encoding="utf-8")), each


def test_there_is_something_to_look_at() -> None:
    assert len(SCRIPTS) > 50
    assert len(TEMPLATES) > 50


def test_every_template_is_escaped(web: Any) -> None:
    for each in TEMPLATES:
        assert web.app.jinja_env.autoescape(str(each.relative_to(HOUSE / "templates")))


def _code(line: str) -> str:
    """Types in comments are no code."""
    return re.sub(r"/\*.*?\*/|//.*|^\s*\*.*", "", line)
