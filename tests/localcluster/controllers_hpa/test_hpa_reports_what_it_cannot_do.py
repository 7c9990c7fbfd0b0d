"""Conditions and Events where there is nothing to compute."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.client import Object
from localcluster.controllers.hpa.behavior import History
from localcluster.controllers.hpa.reconciler import Reconciler
from localcluster.controllers.hpa.sharing import Selectors
from localcluster.errors import ApiError

CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}


@pytest.fixture
def sync(api: Any, clock: Any, recorder: Any) -> Any:
    """Syncs an autoscaler of the Deployment `web` once; returns the status stored, or None."""
    reconciler = Reconciler(api, recorder, clock, Selectors())

    async def run(hpa: Object) -> Object | None:
        api.statuses.clear()
        await reconciler.sync(hpa, History())
        return api.statuses[-1][1] if api.statuses else None

    return run


def autoscaler(*metrics: Object, kind: str = "Deployment", **spec: Any) -> Object:
    target = {"apiVersion": "apps/v1", "kind": kind, "name": "web"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop", "uid": "1"},
        "spec": {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 5, "metrics": list(metrics), **spec},
        "status": {"desiredReplicas": 0, "currentMetrics": None},
    }


def deployment(replicas: int, **labels: str) -> Object:
    selector = {"matchLabels": labels or {"app": "web"}}
    return {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": replicas, "selector": selector}}


def reasons(status: Object) -> list[tuple[str, str, str]]:
    return [(one["type"], one["status"], one["reason"]) for one in status["conditions"]]


async def test_a_target_scaled_to_zero_is_left_alone(api: Any, sync: Any, recorder: Any) -> None:
    api.deployments["web"] = deployment(0)
    status = await sync(autoscaler(CPU))
    assert reasons(status) == [
        ("AbleToScale", "True", "SucceededGetScale"),
        ("ScalingActive", "False", "ScalingDisabled"),
    ]
    assert (api.scaled, recorder.events, "currentReplicas" in status) == ([], [], False)


@pytest.mark.parametrize(
    ("current", "wanted", "word"), [(8, 5, "above Spec.MaxReplicas"), (1, 2, "below Spec.MinReplicas")]
)
async def test_a_size_outside_the_range_is_corrected_without_metrics(
    api: Any, sync: Any, recorder: Any, current: int, wanted: int, word: str
) -> None:
    api.deployments["web"] = deployment(current)
    status = await sync(autoscaler(CPU, minReplicas=2))
    assert api.scaled == [("web", wanted)]
    assert status["desiredReplicas"] == wanted
    assert recorder.events[0][3] == f"New size: {wanted}; reason: Current number of replicas {word}"


async def test_a_kind_that_cannot_be_scaled_is_said(sync: Any, recorder: Any) -> None:
    status = await sync(autoscaler(CPU, kind="Moon"))
    assert reasons(status) == [("AbleToScale", "False", "FailedGetScale")]
    assert recorder.reasons == ["FailedGetScale"]


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        ({"type": "Pods", "pods": {"metric": {"name": "hits"}, "target": {}}}, "FailedGetPodsMetric"),
        ({"type": "External", "external": {"metric": {"name": "queue"}, "target": {}}}, "FailedGetExternalMetric"),
        ({"type": "Object", "object": {"metric": {"name": "hits"}, "describedObject": {}}}, "FailedGetObjectMetric"),
    ],
)
async def test_metrics_no_api_serves_fail_by_their_name(
    api: Any, sync: Any, recorder: Any, metric: Object, reason: str
) -> None:
    api.deployments["web"] = deployment(1)
    status = await sync(autoscaler(metric))
    assert reasons(status)[1] == ("ScalingActive", "False", reason)
    assert status["currentMetrics"] == [{"type": ""}]
    assert recorder.reasons == [reason, "FailedComputeMetricsReplicas"]


async def test_it_grows_by_the_metrics_that_work_and_shrinks_only_by_all(
    api: Any, sync: Any, pods: Any, recorder: Any
) -> None:
    broken = {"type": "Pods", "pods": {"metric": {"name": "hits"}, "target": {}}}
    api.deployments["web"] = deployment(2)
    api.pods = [pods.pod("web-0"), pods.pod("web-1")]
    api.metrics = pods.metrics({"web-0": "100m", "web-1": "100m"})
    await sync(autoscaler(broken, CPU))
    assert api.scaled == [("web", 4)]
    assert recorder.reasons == ["FailedGetPodsMetric", "FailedComputeMetricsReplicas", "SuccessfulRescale"]
    api.deployments["web"], api.scaled = deployment(2), []
    api.metrics = pods.metrics({"web-0": "1m", "web-1": "1m"})
    status = await sync(autoscaler(broken, CPU))
    assert api.scaled == []
    assert reasons(status)[1] == ("ScalingActive", "False", "FailedGetPodsMetric")


async def test_a_refused_rescale_is_said_and_tried_again_later(api: Any, sync: Any, pods: Any, recorder: Any) -> None:
    api.deployments["web"] = deployment(1)
    api.pods, api.metrics = [pods.pod("web-0")], pods.metrics({"web-0": "100m"})
    api.refuses_scaling = ApiError(409, "Conflict", "the object has been modified")
    status = await sync(autoscaler(CPU))
    assert reasons(status)[0] == ("AbleToScale", "False", "FailedUpdateScale")
    assert recorder.events[-1][3].endswith("above target; error: the object has been modified")


async def test_an_unchanged_status_is_not_written_again(api: Any, sync: Any) -> None:
    api.deployments["web"] = deployment(0)
    hpa = autoscaler(CPU)
    hpa["status"] = await sync(hpa)
    assert await sync(hpa) is None
