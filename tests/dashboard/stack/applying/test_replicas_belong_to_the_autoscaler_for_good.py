"""Replicas: never sent for what an HPA scales, handed over once, however often a bundle is applied."""

from __future__ import annotations

from typing import Any

import pytest

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"


@pytest.fixture
def autoscaler() -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "web", "namespace": "shop"}, "spec": {"scaleTargetRef": target}}  # fmt: skip


def replicas(cluster: Any) -> Any:
    return cluster.objects[WEB]["spec"]["replicas"]


def test_a_hundred_applies_while_it_scales_never_write_replicas_and_send_nothing_after_the_first(
    deploying: Any, cluster: Any, objects: Any, autoscaler: Any
) -> None:
    deploying.put([*objects, autoscaler])
    assert deploying.deploy()["error"] is None
    assert replicas(cluster) == 2
    cluster.requests.clear()

    for count in range(100):
        cluster.scale(WEB, 1 + count % 8)
        cluster._keep(WEB, cluster.objects[WEB])
        row = deploying.deploy()
        assert (row["state"], replicas(cluster)) == ("done", 1 + count % 8)

    assert cluster.requests == []
    assert "surgeboard" not in cluster.owners(WEB, "spec", "replicas")


def test_it_begins_with_the_number_in_the_manifest_which_is_never_ours(
    deploying: Any, cluster: Any, objects: Any, autoscaler: Any
) -> None:
    deploying.put([*objects, autoscaler])
    deploying.deploy()

    assert replicas(cluster) == 2
    assert cluster.owners(WEB, "spec", "replicas") == {"surgeboard-hand-over"}


@pytest.mark.parametrize("spec", [{"replicas": 5}, {"paused": False}])
def test_an_autoscaler_that_comes_later_takes_over_without_a_reset_to_one(
    deploying: Any, cluster: Any, objects: Any, autoscaler: Any, spec: dict[str, Any]
) -> None:
    """Whether the number stays in the file or is taken out of it, as Kubernetes advises."""
    deploying.put([objects[0], objects[2], {**objects[1], "spec": {"replicas": 5}}])
    deploying.deploy()
    seen: list[int] = []
    cluster.on_write = lambda *_: seen.append(replicas(cluster))
    deploying.put([objects[0], objects[2], {**objects[1], "spec": spec}, autoscaler])

    deploying.deploy()

    assert set(seen) == {5}
    assert replicas(cluster) == 5
    assert "surgeboard" not in cluster.owners(WEB, "spec", "replicas")


def test_replicas_without_an_autoscaler_are_the_bundles(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    deploying.deploy()
    cluster.apply(WEB, {**objects[1], "spec": {"replicas": 4}}, field_manager="kubectl", force=True)

    row = deploying.deploy()

    assert row["state"] == "failed"
    assert "kubectl" in row["error"]
