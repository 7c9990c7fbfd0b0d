"""Policies limit how fast, windows how nervously; without behaviour the older rules hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcluster.controllers.hpa.behavior import Bounds, Decision, History, decide, with_defaults

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def rules(*, up: Any = None, down: Any = None) -> Any:
    return with_defaults({"scaleUp": up, "scaleDown": down})


def ask(wanted: int, current: int, *, behavior: Any, history: History | None = None, seconds: float = 0) -> Decision:
    bounds = Bounds(minimum=1, maximum=10, current=current)
    return decide(wanted, bounds=bounds, behavior=behavior, history=history or History(), now=at(seconds))


def test_without_behavior_it_at_most_doubles() -> None:
    decision = ask(9, 3, behavior=None)
    assert (decision.replicas, decision.limited, decision.limit[0]) == (6, True, "ScaleUpLimit")


def test_without_behavior_it_falls_after_five_calm_minutes() -> None:
    history = History()
    ask(6, 6, behavior=None, history=history)
    early = ask(1, 6, behavior=None, history=history, seconds=299)
    late = ask(1, 6, behavior=None, history=history, seconds=301)
    assert (early.replicas, early.able[0]) == (6, "ScaleDownStabilized")
    assert (late.replicas, late.able[0]) == (1, "ReadyForNewScale")


def test_the_bolder_of_the_default_policies_counts() -> None:
    """Four pods or 100 % in 15 s."""
    assert ask(10, 2, behavior=rules()).replicas == 6
    assert ask(10, 5, behavior=rules()).replicas == 10


@pytest.mark.parametrize(("select", "replicas"), [("Max", 6), ("Min", 3), ("Disabled", 2)])
def test_select_policy_chooses_on_the_way_up(select: str, replicas: int) -> None:
    policies = [
        {"type": "Pods", "value": 4, "periodSeconds": 60},
        {"type": "Percent", "value": 50, "periodSeconds": 60},
    ]
    decision = ask(10, 2, behavior=rules(up={"selectPolicy": select, "policies": policies}))
    assert (decision.replicas, decision.limit[0]) == (replicas, "ScaleUpLimit")


@pytest.mark.parametrize(("select", "replicas"), [("Max", 5), ("Min", 9), ("Disabled", 10)])
def test_select_policy_chooses_on_the_way_down(select: str, replicas: int) -> None:
    policies = [
        {"type": "Pods", "value": 1, "periodSeconds": 60},
        {"type": "Percent", "value": 50, "periodSeconds": 60},
    ]
    down = {"selectPolicy": select, "policies": policies, "stabilizationWindowSeconds": 0}
    decision = ask(1, 10, behavior=rules(down=down))
    assert (decision.replicas, decision.limit[0]) == (replicas, "ScaleDownLimit")


def test_what_was_added_in_the_period_counts_against_the_policy() -> None:
    behavior = rules(up={"policies": [{"type": "Pods", "value": 2, "periodSeconds": 30}]})
    history = History()
    history.scaled(1, 3, behavior=behavior, now=at(0))
    assert ask(10, 3, behavior=behavior, history=history, seconds=15).replicas == 3
    assert ask(10, 3, behavior=behavior, history=history, seconds=31).replicas == 5


def test_a_window_upwards_takes_the_lowest_recommendation() -> None:
    behavior, history = rules(up={"stabilizationWindowSeconds": 60}), History()
    ask(3, 2, behavior=behavior, history=history)
    decision = ask(5, 2, behavior=behavior, history=history, seconds=30)
    assert (decision.replicas, decision.able[0]) == (3, "ScaleUpStabilized")


def test_more_than_the_maximum_and_less_than_the_minimum_are_said() -> None:
    assert ask(12, 9, behavior=rules()).limit[0] == "TooManyReplicas"
    assert ask(0, 2, behavior=rules(down={"stabilizationWindowSeconds": 0})).limit[0] == "TooFewReplicas"
