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
        (None, "–", "CPU is not known, no target"),
        ({"current_percent": None, "target_percent": 50}, "–", "CPU is not known, target 50 %"),
        ({"current_percent": 60, "target_percent": None}, "60 %", "CPU 60 % of the request, no target"),
    ],
)
def test_what_is_not_known_is_said(row: dict[str, Any] | None, current: str, text: str) -> None:
    shown = gauge(row)
    assert (shown["known"], shown["current"], shown["text"]) == (False, current, text)


def test_an_amount_is_drawn_by_its_ratio_and_told_in_its_own_words() -> None:
    row = {"current_percent": None, "target_percent": None, "name": "memory", "current": "33 MiB", "target": "20 MiB"}
    shown = gauge({**row, "ratio": 1.65})
    assert (shown["known"], shown["at"], shown["current"]) == (True, 165, "33 MiB")
    assert (shown["target"], shown["ratio"]) == ("target 20 MiB", "1.65 × target")
    assert shown["text"] == "memory 33 MiB, target 20 MiB: 1.65 times the target"
    unread = gauge({**row, "current": None, "ratio": None})
    assert (unread["known"], unread["text"]) == (False, "memory is not known, target 20 MiB")
    assert unread["ratio"] == "memory not known"


def test_a_share_of_memory_is_not_called_cpu() -> None:
    shown = gauge({"current_percent": 60, "target_percent": 50, "name": "memory", "current": "60 %", "ratio": 1.2})
    assert shown["text"] == "memory 60 % of the request, target 50 %: 1.20 times the target"
