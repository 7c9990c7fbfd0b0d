"""ReplicaSets replace, release, choose victims, and say when they are refused."""

from __future__ import annotations

from typing import Any

from localcluster.client import Object
from localcluster.resources import DEPLOYMENTS, POD_DISRUPTION_BUDGETS, PODS, REPLICA_SETS, RESOURCE_QUOTAS


def replica_set(template: Object, replicas: int) -> Object:
    selector = {"matchLabels": {"app": "web"}}
    return {"metadata": {"name": "web"}, "spec": {"replicas": replicas, "selector": selector, "template": template}}


def ready(cluster: Any, count: int) -> bool:
    return bool(cluster.one(REPLICA_SETS, "web")["status"].get("readyReplicas", 0) == count)


async def test_a_deleted_pod_is_replaced(cluster: Any, pod_template: Object) -> None:
    await cluster.api.create(REPLICA_SETS, replica_set(pod_template, 2), namespace="demo")
    await cluster.until(lambda: ready(cluster, 2))
    gone = cluster.names(PODS)[0]
    await cluster.api.delete(PODS, gone, namespace="demo")
    await cluster.until(lambda: gone not in cluster.names(PODS) and len(cluster.names(PODS)) == 2)
    await cluster.until(lambda: ready(cluster, 2))


async def test_a_pod_that_is_relabelled_is_released_and_replaced(cluster: Any, pod_template: Object) -> None:
    await cluster.api.create(REPLICA_SETS, replica_set(pod_template, 1), namespace="demo")
    await cluster.until(lambda: ready(cluster, 1))
    [name] = cluster.names(PODS)
    await cluster.api.patch(
        PODS, name, {"metadata": {"labels": {"app": "mine"}}}, patch_type="application/merge-patch+json",
        namespace="demo",
    )  # fmt: skip
    await cluster.until(lambda: len(cluster.names(PODS)) == 2 and ready(cluster, 1))
    assert not cluster.one(PODS, name)["metadata"].get("ownerReferences")


async def test_a_pod_that_is_not_ready_goes_first(cluster: Any, pod_template: Object) -> None:
    await cluster.api.create(REPLICA_SETS, replica_set(pod_template, 3), namespace="demo")
    await cluster.until(lambda: ready(cluster, 3))
    name = cluster.names(PODS)[1]
    await cluster.kubelet.report(cluster.one(PODS, name), "Running", ready=False)
    await cluster.until(lambda: ready(cluster, 2))
    await cluster.scale(REPLICA_SETS, "web", 2)
    await cluster.until(lambda: len(cluster.names(PODS)) == 2)
    assert name not in cluster.names(PODS)


async def test_a_quota_refusal_is_a_condition_and_an_event(cluster: Any, deployment: Object) -> None:
    await cluster.api.create(
        RESOURCE_QUOTAS, {"metadata": {"name": "rq"}, "spec": {"hard": {"pods": "2"}}}, namespace="demo"
    )
    await cluster.until(lambda: cluster.one(RESOURCE_QUOTAS, "rq")["status"].get("used"))
    deployment["spec"]["replicas"] = 4
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: cluster.all(REPLICA_SETS) and cluster.all(REPLICA_SETS)[0]["status"].get("conditions"))
    [found] = cluster.all(REPLICA_SETS)
    [condition] = found["status"]["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("ReplicaFailure", "True", "FailedCreate")
    assert "exceeded quota: rq, requested: pods=1, used: pods=2, limited: pods=2" in condition["message"]
    await cluster.until(
        lambda: any(one["type"] == "ReplicaFailure" for one in cluster.one(DEPLOYMENTS, "web")["status"]["conditions"])
    )
    await cluster.until(lambda: any(reason == "FailedCreate" for _, reason, _ in cluster.told("ReplicaSet")))
    await cluster.api.patch(
        RESOURCE_QUOTAS, "rq", {"spec": {"hard": {"pods": "9"}}}, patch_type="application/merge-patch+json",
        namespace="demo",
    )  # fmt: skip
    await cluster.until(lambda: cluster.one(RESOURCE_QUOTAS, "rq")["status"]["hard"]["pods"] == "9")
    await cluster.clock.advance(30)
    await cluster.until(lambda: cluster.one(DEPLOYMENTS, "web")["status"].get("availableReplicas") == 4)
    await cluster.until(lambda: not cluster.all(REPLICA_SETS)[0]["status"].get("conditions"))


async def test_a_budget_counts_what_may_go(cluster: Any, deployment: Object) -> None:
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    budget = {"metadata": {"name": "web"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}}
    await cluster.api.create(POD_DISRUPTION_BUDGETS, budget, namespace="demo")
    await cluster.until(lambda: cluster.one(POD_DISRUPTION_BUDGETS, "web")["status"].get("disruptionsAllowed") == 1)
    status = cluster.one(POD_DISRUPTION_BUDGETS, "web")["status"]
    assert (status["currentHealthy"], status["desiredHealthy"], status["expectedPods"]) == (2, 1, 2)
    assert status["conditions"][0]["reason"] == "SufficientPods"
