"""Sizes of ReplicaSets while a Deployment rolls out or is scaled, and who goes first: pure decisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcluster.client import Object
from localcluster.controllers.deployment import amounts, revisions, rolling, scaling
from localcluster.controllers.replicaset import victims

NOW = datetime(2026, 11, 23, 5, 0, 0, tzinfo=UTC)


def deployment(replicas: int, *, surge: Any = "25%", unavailable: Any = "25%", **status: Any) -> Object:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}
    spec = {
        "replicas": replicas,
        "strategy": strategy,
        "selector": {"matchLabels": {"app": "web"}},
        "template": template,
    }
    return {"metadata": {"name": "web", "namespace": "demo", "uid": "d"}, "spec": spec, "status": status}


def replica_set(
    name: str, replicas: int, *, available: int | None = None, born: str = "", **annotations: str
) -> Object:
    keys = {"desired": revisions.DESIRED, "maximum": revisions.MAXIMUM}
    metadata = {
        "name": name, "namespace": "demo", "creationTimestamp": born,
        "annotations": {keys[key]: value for key, value in annotations.items()},
    }  # fmt: skip
    status = {"availableReplicas": replicas if available is None else available}
    return {"metadata": metadata, "spec": {"replicas": replicas}, "status": status}


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        (2, "25%", "25%", (1, 0)),
        (3, "25%", "25%", (1, 0)),
        (5, "25%", "25%", (2, 1)),
        (4, 0, 0, (0, 1)),
        (0, 1, 1, (1, 0)),
    ],
)
def test_percentages_round_the_surge_up_and_the_loss_down(
    replicas: int, surge: Any, unavailable: Any, expected: tuple[int, int]
) -> None:
    found = deployment(replicas, surge=surge, unavailable=unavailable)
    assert (amounts.max_surge(found), amounts.max_unavailable(found)) == expected


def test_pods_that_do_not_work_go_before_those_that_do() -> None:
    old = [replica_set("older", 2, available=2, born="1"), replica_set("old", 2, available=0, born="2")]
    new = replica_set("new", 2, available=1)
    sizes = rolling.shrink_old(deployment(4, surge=2, unavailable=1), new, old)
    assert [(one["metadata"]["name"], size) for one, size in sizes] == [("old", 0)]


def test_scaling_in_the_middle_keeps_the_balance() -> None:
    old = replica_set("old", 8, born="1", desired="10", maximum="13")
    new = replica_set("new", 5, born="2", desired="10", maximum="13")
    sizes = {one["metadata"]["name"]: size for one, size in scaling.scale(deployment(20, surge=3), new, [old])}
    assert sum(sizes.values()) == 23
    assert sizes["old"] > sizes["new"]


@given(
    replicas=st.integers(0, 20), surge=st.integers(0, 5), unavailable=st.integers(0, 5),
    old_size=st.integers(0, 20), new_size=st.integers(0, 20), old_well=st.integers(0, 20), new_well=st.integers(0, 20),
)  # fmt: skip
def test_no_step_leaves_the_bounds(
    replicas: int, surge: int, unavailable: int, old_size: int, new_size: int, old_well: int, new_well: int
) -> None:
    """Never more pods than the surge allows, never fewer available ones than there must be, when it was so before."""
    wanted = deployment(replicas, surge=surge, unavailable=unavailable)
    old = replica_set("old", old_size, available=min(old_size, old_well), born="1")
    new = replica_set("new", min(new_size, replicas), available=min(new_size, new_well, replicas), born="2")
    total = amounts.total_replicas([old, new])
    grown = rolling.new_size(wanted, current=amounts.replicas_of(new), all_replicas=total)
    assert grown <= replicas
    assert grown == amounts.replicas_of(new) or total - amounts.replicas_of(
        new
    ) + grown <= replicas + amounts.max_surge(wanted)
    available = amounts.available_of(old) + amounts.available_of(new)
    for one, size in rolling.shrink_old(wanted, new, [old]):
        lost = max(0, amounts.available_of(one) - size)
        assert 0 <= size <= amounts.replicas_of(one)
        assert available - lost >= min(available, amounts.min_available(wanted))


def pod(
    uid: str, *, node: str = "local", phase: str = "Running", ready: bool = True, since: str = "", cost: str = ""
) -> Object:
    condition = {"type": "Ready", "status": str(ready), "lastTransitionTime": since or "2026-11-23T04:00:00Z"}
    annotations = {victims.DELETION_COST: cost} if cost else {}
    metadata = {"uid": uid, "annotations": annotations, "creationTimestamp": "2026-11-23T04:00:00Z"}
    return {
        "metadata": metadata,
        "spec": {"nodeName": node} if node else {},
        "status": {"phase": phase, "conditions": [condition]},
    }


@pytest.mark.parametrize(
    "victim",
    [
        pod("z", node="", phase="Pending", ready=False),
        pod("z", phase="Pending", ready=False),
        pod("z", ready=False),
        pod("z", cost="-5"),
        pod("z", since="2026-11-23T04:59:58Z"),
    ],
    ids=["not placed", "pending", "not ready", "cheap", "just ready"],
)
def test_the_least_useful_pod_goes_first(victim: Object) -> None:
    pods = [pod("a"), victim, pod("b")]
    assert victims.choose(pods, count=1, related=pods, now=NOW) == [victim]
