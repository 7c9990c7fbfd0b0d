"""On a cluster with RBAC: who started a swarm signs out, a rail says stop, and its switch and the cluster end it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.load.request import SwarmRequest
from tests.in_cluster import scenario
from tests.in_cluster.rights import ITSELF, Record
from tests.in_cluster.scenario import OPERATOR, STACK, Day

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).parents[2]


@pytest.fixture
def day(site: Any, bundle: list[dict[str, Any]], tmp_path: Path, wait: Callable[..., Any]) -> Iterator[Day]:
    """The stack is deployed, and the operator is signed in."""
    site.apply([each for each in bundle if each["kind"] != "Deployment"])  # the dashboard runs in this process
    begun = Day(
        site.recording(ITSELF, Record()), {OPERATOR: site.token(OPERATOR)}, tmp_path, ROOT / "manifests", wait
    )  # fmt: skip
    try:
        site.kubectl("apply", "-k", str(ROOT / "manifests" / "metrics-server"))
        scenario.deploys(begun, STACK)
        yield begun
    finally:
        begun.core.stop()


def left_of_it(site: Any) -> list[str]:
    """What there is in `load` of any swarm."""
    found = site.kubectl("-n", "load", "get", "jobs,pods,secrets,configmaps", "-l", "app=swarm", "-o", "name")
    return [each for each in found.split() if each]


def test_it_is_told_ended_and_removed_though_nobody_changed_anything(
    site: Any, day: Day, wait: Callable[..., Any]
) -> None:
    with day.as_(OPERATOR) as actions:
        plan = actions.plan_swarm(SwarmRequest(users=5, spawn_rate=5, duration_s=600), OPERATOR, "session")
        actions.start_swarm(plan.nonce, OPERATOR, "session")
    wait(lambda: day.row("swarm").get("users") == 5, seconds=120, what=lambda: day.row("swarm"))
    day.tokens[OPERATOR] = None  # type: ignore[assignment]
    day.core.swarms.guard.around = lambda: (1, ("a node",))

    stopping = day.settled("swarm", "stopping", seconds=30)
    assert "Nobody is signed in who may end it" in stopping["error"]
    assert "its own switch ends it within 25 s" in stopping["error"]
    assert left_of_it(site), "it is still there"
    over = day.settled("swarm", "stopped", seconds=120)
    assert "Its own switch ended it" in over["error"]
    wait(lambda: not left_of_it(site), seconds=180, what=lambda: left_of_it(site))

    lines = map(json.loads, (site.folder / "cluster" / "audit.log").read_text().splitlines())
    own = f"system:serviceaccount:surgeboard:{ITSELF}"
    assert [each["requestURI"] for each in lines if each["user"].get("username") == own] == []
