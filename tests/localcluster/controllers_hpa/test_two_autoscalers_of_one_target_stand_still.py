"""Two autoscalers that select the same pods would undo each other's work: neither scales, and both say so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from localcluster.client import Object
from localcluster.controllers.hpa.behavior import History
from localcluster.controllers.hpa.reconciler import Reconciler
from localcluster.controllers.hpa.sharing import Selectors

CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
TOLD = "pods by selector app=web are controlled by multiple HPAs: [shop/one shop/two]"

Sync = Callable[[Object], Awaitable[Object]]


@pytest.fixture
def selectors() -> Selectors:
    return Selectors()


@pytest.fixture
def sync(api: Any, clock: Any, recorder: Any, pods: Any, selectors: Selectors) -> Sync:
    """One look at an autoscaler of the Deployment it names; both Deployments' one pod uses twice its target."""
    reconciler = Reconciler(api, recorder, clock, selectors)
    api.pods, api.metrics = [pods.pod("web-0")], pods.metrics({"web-0": "100m"})
    for name, labels in (("web", {"app": "web"}), ("other", {"app": "other"})):
        api.deployments[name] = {
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"replicas": 1, "selector": {"matchLabels": labels}},
        }

    async def look(hpa: Object) -> Object:
        await reconciler.sync(hpa, History())
        stored: Object = api.statuses[-1][1]
        return stored

    return look


def autoscaler(name: str, *, target: str = "web") -> Object:
    return {
        "metadata": {"name": name, "namespace": "shop", "uid": name},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
            "minReplicas": 1,
            "maxReplicas": 5,
            "metrics": [CPU],
        },
        "status": {"desiredReplicas": 0, "currentMetrics": None},
    }


def active(status: Object) -> tuple[str, str, str]:
    found = next(each for each in status["conditions"] if each["type"] == "ScalingActive")
    return found["status"], found["reason"], found["message"]


async def test_the_second_one_says_so_and_scales_nothing(
    api: Any, sync: Sync, recorder: Any, selectors: Selectors
) -> None:
    one, two = autoscaler("one"), autoscaler("two")
    selectors.appeared(one)
    selectors.appeared(two)
    await sync(one)
    assert api.scaled == [("web", 2)], "the other had not looked yet, so nobody was in the way"
    assert active(await sync(two)) == ("False", "AmbiguousSelector", TOLD)
    assert active(await sync(one)) == ("False", "AmbiguousSelector", TOLD)
    assert api.scaled == [("web", 2)]
    assert [each[:3] for each in recorder.events[-2:]] == [
        ("one", "Warning", "AmbiguousSelector"), ("one", "Warning", "FailedComputeMetricsReplicas"),
    ]  # fmt: skip


async def test_it_goes_on_once_the_other_is_deleted(api: Any, sync: Sync, selectors: Selectors) -> None:
    one, two = autoscaler("one"), autoscaler("two")
    for each in (one, two):
        selectors.appeared(each)
        await sync(each)
    selectors.left(two)
    assert active(await sync(one))[1] == "ValidMetricFound"


async def test_a_look_that_ends_after_its_deletion_leaves_nothing_behind(sync: Sync, selectors: Selectors) -> None:
    one, two = autoscaler("one"), autoscaler("two")
    selectors.appeared(one)
    await sync(two)
    assert active(await sync(one))[1] == "ValidMetricFound"


async def test_pods_of_their_own_make_no_conflict(sync: Sync, selectors: Selectors) -> None:
    one, other = autoscaler("one"), autoscaler("other", target="other")
    selectors.appeared(one)
    selectors.appeared(other)
    await sync(other)
    assert active(await sync(one))[1] == "ValidMetricFound"
