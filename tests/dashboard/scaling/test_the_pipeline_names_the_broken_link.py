"""The way of a CPU figure, link by link: what is missing is broken only once it should be there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.scaling import pipeline

NOW = datetime(2026, 11, 23, 5, 10, tzinfo=UTC)


def newest(pods: list[dict[str, Any]]) -> tuple[str, str]:
    link = pipeline.links(api_service=None, server=None, target_pods=pods, now=NOW)[2]
    return link.state, link.text


@pytest.mark.parametrize(
    ("pod", "state"),
    [
        ({"created_at": "2026-11-23T05:09:50Z"}, "unknown"),
        ({"created_at": "2026-11-23T05:08:00Z"}, "broken"),
        ({"created_at": "2026-11-23T05:08:00Z", "metrics_at": "2026-11-23T05:09:50Z"}, "ok"),
        ({"created_at": "2026-11-23T05:00:00Z", "metrics_at": "2026-11-23T05:08:00Z"}, "broken"),
    ],
)
def test_a_figure_is_missed_only_once_it_is_due(pod: dict[str, Any], state: str) -> None:
    assert newest([pod])[0] == state


def test_without_pods_nothing_is_known() -> None:
    assert newest([]) == ("unknown", "none yet")
