"""The gauge puts the target at the top of its arc, stays full beyond twice the target, and is empty when unknown."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.web.scaling.gauge import gauge


@pytest.mark.parametrize(
    ("current", "target", "at", "text"),
    [
        (50, 50, 100, "CPU 50 % of the request, target 50 %: 1.00 times the target"),
        (54, 50, 108, "CPU 54 % of the request, target 50 %: 1.08 times the target"),
        (0, 50, 0, "CPU 0 % of the request, target 50 %: 0.00 times the target"),
        (501, 50, 200, "CPU 501 % of the request, target 50 %: 10.02 times the target"),
    ],
)
def test_a_known_figure_is_drawn_against_its_target(current: int, target: int, at: float, text: str) -> None:
    shown = gauge({"current_percent": current, "target_percent": target})
    assert (shown["known"], shown["at"], shown["text"], shown["over"]) == (True, at, text, current > 2 * target)


@pytest.mark.parametrize(
    ("row", "current", "text"),
    [
        (None, "–", "CPU is not known, no target in percent"),
        ({"current_percent": None, "target_percent": 50}, "–", "CPU is not known, target 50 %"),
        ({"current_percent": 60, "target_percent": None}, "60 %", "CPU 60 % of the request, no target in percent"),
    ],
)
def test_what_is_not_known_is_said(row: dict[str, Any] | None, current: str, text: str) -> None:
    shown = gauge(row)
    assert (shown["known"], shown["current"], shown["text"]) == (False, current, text)
