"""Health and cause of every state: one fixture a state, most of them cut from recordings of a real cluster.

A fixture's `health.says` and `cause.says` are parts that the sentence must have; `source` tells where it was cut from.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard.stack.health import events
from dashboard.stack.health.causes import cause_of
from dashboard.stack.health.rules import RULES, health_of

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.json"))


@pytest.fixture(params=FIXTURES, ids=lambda path: path.stem)
def state(request: pytest.FixtureRequest) -> dict[str, Any]:
    return json.loads(request.param.read_text(encoding="utf-8"))


def test_its_health_is_told(state: dict[str, Any]) -> None:
    now = datetime.fromisoformat(state["now"]) if state["now"] else None

    health = health_of(state["object"], now=now, of_pods=state["pods"])

    assert health.state == state["health"]["state"], health.sentence
    for part in state["health"]["says"]:
        assert part in health.sentence


def test_its_cause_is_told(state: dict[str, Any]) -> None:
    cause = cause_of(state["object"], state["pods"], [events.read(each) for each in state["events"]])

    wanted = state["cause"]
    assert (cause and cause.kind) == (wanted and wanted["kind"]), cause
    for part in wanted["says"] if wanted else ():
        assert part in cause.sentence
    for secret in wanted.get("hides", ()) if wanted else ():
        assert secret not in cause.sentence


def test_every_kind_with_a_rule_has_a_fixture() -> None:
    seen = set()
    for path in FIXTURES:
        found = json.loads(path.read_text(encoding="utf-8"))["object"]
        seen.add((found["apiVersion"].rpartition("/")[0], found["kind"]))

    assert set(RULES) <= seen
