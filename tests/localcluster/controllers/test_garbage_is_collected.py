"""Objects go with their owners, the way the deletion asked for; namespaces go with all that is in them."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.client import Object
from localcluster.controllers.garbage.controller import LAST_COUNT_SECONDS
from localcluster.resources import CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PODS, REPLICA_SETS, SERVICE_ACCOUNTS


@pytest.fixture
async def rolled_out(cluster: Any, deployment: Object) -> Any:
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: cluster.one(DEPLOYMENTS, "web")["status"].get("availableReplicas") == 2)
    return cluster


async def test_background_takes_the_owner_first(rolled_out: Any) -> None:
    await rolled_out.api.delete(DEPLOYMENTS, "web", namespace="demo", propagation_policy="Background")
    assert rolled_out.one(DEPLOYMENTS, "web") is None
    await rolled_out.until(lambda: not rolled_out.all(REPLICA_SETS) and not rolled_out.all(PODS))


async def test_foreground_takes_the_owner_last(rolled_out: Any) -> None:
    rolled_out.kubelet.keep_terminating = True
    await rolled_out.api.delete(DEPLOYMENTS, "web", namespace="demo", propagation_policy="Foreground")
    await rolled_out.until(lambda: all(pod["metadata"].get("deletionTimestamp") for pod in rolled_out.all(PODS)))
    await rolled_out.settle()
    assert rolled_out.one(DEPLOYMENTS, "web")["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert rolled_out.all(REPLICA_SETS)[0]["metadata"]["finalizers"] == ["foregroundDeletion"]
    rolled_out.kubelet.keep_terminating = False
    for pod in rolled_out.all(PODS):
        await rolled_out.kubelet.end(pod)
    await rolled_out.settle()
    for remaining in (0, 1):  # owners stay a moment longer, so that their controllers can count what is left
        assert len(rolled_out.all(REPLICA_SETS)) == 1 - remaining
        await rolled_out.clock.advance(LAST_COUNT_SECONDS)
        await rolled_out.settle()
    assert rolled_out.one(DEPLOYMENTS, "web") is None


async def test_orphans_stay_without_an_owner(rolled_out: Any) -> None:
    await rolled_out.api.delete(DEPLOYMENTS, "web", namespace="demo", propagation_policy="Orphan")
    await rolled_out.until(lambda: rolled_out.one(DEPLOYMENTS, "web") is None)
    [replica_set] = rolled_out.all(REPLICA_SETS)
    assert not replica_set["metadata"].get("ownerReferences")
    assert len(rolled_out.all(PODS)) == 2


async def test_an_orphan_is_adopted_by_the_next_owner_that_selects_it(rolled_out: Any, deployment: Object) -> None:
    await rolled_out.api.delete(DEPLOYMENTS, "web", namespace="demo", propagation_policy="Orphan")
    await rolled_out.until(lambda: rolled_out.one(DEPLOYMENTS, "web") is None)
    [before] = rolled_out.names(REPLICA_SETS)
    created = await rolled_out.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await rolled_out.until(lambda: rolled_out.all(REPLICA_SETS)[0]["metadata"].get("ownerReferences"))
    [replica_set] = rolled_out.all(REPLICA_SETS)
    assert replica_set["metadata"]["name"] == before
    assert replica_set["metadata"]["ownerReferences"][0]["uid"] == created["metadata"]["uid"]


async def test_an_object_whose_owner_never_was_goes(cluster: Any) -> None:
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "nobody", "uid": "0000-nobody"}
    await cluster.api.create(CONFIG_MAPS, {"metadata": {"name": "lost", "ownerReferences": [owner]}}, namespace="demo")
    await cluster.until(lambda: cluster.one(CONFIG_MAPS, "lost") is None)


async def test_a_second_owner_keeps_an_object(cluster: Any) -> None:
    for name in ("first", "second"):
        await cluster.api.create(CONFIG_MAPS, {"metadata": {"name": name}}, namespace="demo")
    owners = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": name,
            "uid": cluster.one(CONFIG_MAPS, name)["metadata"]["uid"],
        }
        for name in ("first", "second")
    ]
    await cluster.api.create(CONFIG_MAPS, {"metadata": {"name": "owned", "ownerReferences": owners}}, namespace="demo")
    await cluster.settle()
    await cluster.api.delete(CONFIG_MAPS, "first", namespace="demo")
    await cluster.until(lambda: len(cluster.one(CONFIG_MAPS, "owned")["metadata"]["ownerReferences"]) == 1)
    assert cluster.one(CONFIG_MAPS, "owned")["metadata"]["ownerReferences"][0]["name"] == "second"


async def test_a_namespace_gets_its_account_and_certificate(cluster: Any) -> None:
    await cluster.until(
        lambda: cluster.one(SERVICE_ACCOUNTS, "default") and cluster.one(CONFIG_MAPS, "kube-root-ca.crt")
    )
    assert cluster.one(CONFIG_MAPS, "kube-root-ca.crt")["data"] == {"ca.crt": "(certificate)"}


async def test_a_namespace_waits_for_its_pods_then_ends_with_all_else(rolled_out: Any) -> None:
    rolled_out.kubelet.keep_terminating = True
    await rolled_out.api.delete(NAMESPACES, "demo")
    await rolled_out.until(lambda: rolled_out.one(NAMESPACES, "demo")["status"].get("conditions"))
    found = {one["type"]: one for one in rolled_out.one(NAMESPACES, "demo")["status"]["conditions"]}
    assert found["NamespaceDeletionContentFailure"]["message"] == (
        "Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: demo for gvr: "
        "/v1, Resource=pods"
    )
    assert rolled_out.one(CONFIG_MAPS, "kube-root-ca.crt") is not None
    rolled_out.kubelet.keep_terminating = False
    for pod in rolled_out.all(PODS):
        await rolled_out.kubelet.end(pod)
    await rolled_out.until(lambda: rolled_out.one(NAMESPACES, "demo") is None)
    await rolled_out.settle()
    assert not rolled_out.all(CONFIG_MAPS)
    assert not rolled_out.all(DEPLOYMENTS)
