"""Pods get a node, or are told why they do not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from localcluster.client import Object
from localcluster.controllers.scheduler.fitting import requests_of
from localcluster.resources import NODES, PODS

TAIL = " no new claims to deallocate, preemption: 0/1 nodes are available: 1 "
NO_HELP = TAIL + "Preemption is not helpful for scheduling."


def pod(name: str, **spec: Any) -> Object:
    requests = spec.pop("requests", {})
    container = {"name": "main", "image": "local/pause:1", "resources": {"requests": requests}}
    return {"metadata": {"name": name, "labels": {"app": name}}, "spec": {"containers": [container], **spec}}


def scheduled(cluster: Any, name: str) -> Object | None:
    conditions = cluster.one(PODS, name)["status"].get("conditions") or []
    return next((one for one in conditions if one["type"] == "PodScheduled"), None)


async def test_a_pod_gets_the_node_and_an_event(cluster: Any) -> None:
    await cluster.api.create(PODS, pod("easy"), namespace="demo")
    await cluster.until(lambda: cluster.one(PODS, "easy")["spec"].get("nodeName") == "local")
    await cluster.until(lambda: cluster.told("Pod"))
    assert cluster.told("Pod") == [("Normal", "Scheduled", "Successfully assigned demo/easy to local")]


@pytest.mark.parametrize(
    ("name", "spec", "reason"),
    [
        ("large", {"requests": {"cpu": "100"}}, "1 Insufficient cpu."),
        ("both", {"requests": {"cpu": "100", "memory": "1Ti"}}, "1 Insufficient cpu, 1 Insufficient memory."),
        ("picky", {"nodeSelector": {"disk": "ssd"}}, "1 node(s) didn't match Pod's node affinity/selector."),
    ],
)
async def test_a_pod_that_fits_nowhere_is_told_why(cluster: Any, name: str, spec: Object, reason: str) -> None:
    await cluster.api.create(PODS, pod(name, **spec), namespace="demo")
    await cluster.until(lambda: scheduled(cluster, name))
    condition = scheduled(cluster, name)
    text = f"0/1 nodes are available: {reason}{NO_HELP}"
    assert condition is not None
    assert (condition["status"], condition["reason"], condition["message"]) == ("False", "Unschedulable", text)
    await cluster.until(lambda: cluster.told("Pod"))
    assert cluster.told("Pod") == [("Warning", "FailedScheduling", text)]


async def test_room_that_others_take_is_awaited(cluster: Any) -> None:
    await cluster.api.create(PODS, pod("first", requests={"cpu": "3"}), namespace="demo")
    await cluster.until(lambda: cluster.one(PODS, "first")["spec"].get("nodeName"))
    await cluster.api.create(PODS, pod("second", requests={"cpu": "3"}), namespace="demo")
    await cluster.until(lambda: scheduled(cluster, "second"))
    condition = scheduled(cluster, "second")
    assert condition is not None
    assert condition["message"].endswith(TAIL + "No preemption victims found for incoming pod.")
    await cluster.api.delete(PODS, "first", namespace="demo")
    await cluster.until(lambda: cluster.one(PODS, "first") is None)
    await cluster.clock.advance(2)
    await cluster.until(lambda: cluster.one(PODS, "second")["spec"].get("nodeName"))


async def test_what_room_cannot_help_is_not_tried_again_for_room(cluster: Any) -> None:
    """Another pod's end wakes those that lack room, and no others."""
    await cluster.api.create(PODS, pod("going"), namespace="demo")
    await cluster.api.create(PODS, pod("picky", nodeSelector={"disk": "ssd"}), namespace="demo")
    await cluster.until(lambda: len(cluster.told("Pod")) == 2)
    await cluster.api.delete(PODS, "going", namespace="demo")
    await cluster.until(lambda: cluster.one(PODS, "going") is None)
    await cluster.settle()
    await cluster.clock.advance(15)
    assert [reason for _, reason, _ in cluster.told("Pod")].count("FailedScheduling") == 1
    await cluster.api.patch(
        NODES, "local", {"metadata": {"labels": {"disk": "ssd"}}}, patch_type="application/merge-patch+json"
    )
    await cluster.settle()
    await cluster.clock.advance(15)
    await cluster.until(lambda: cluster.one(PODS, "picky")["spec"].get("nodeName"))


async def test_a_taint_keeps_off_who_does_not_tolerate_it(cluster: Any) -> None:
    taint = {"key": "database", "value": "only", "effect": "NoSchedule"}
    await cluster.api.patch(NODES, "local", {"spec": {"taints": [taint]}}, patch_type="application/merge-patch+json")
    await cluster.api.create(PODS, pod("plain"), namespace="demo")
    tolerant = pod("tolerant", tolerations=[{"key": "database", "operator": "Equal", "value": "only"}])
    await cluster.api.create(PODS, tolerant, namespace="demo")
    await cluster.until(lambda: cluster.one(PODS, "tolerant")["spec"].get("nodeName"))
    await cluster.until(lambda: scheduled(cluster, "plain"))
    condition = scheduled(cluster, "plain")
    assert condition is not None
    assert "1 node(s) had untolerated taint {database: only}." in condition["message"]


async def test_a_gated_pod_is_left_alone_until_its_gates_are_gone(cluster: Any) -> None:
    await cluster.api.create(PODS, pod("gated", schedulingGates=[{"name": "example.com/wait"}]), namespace="demo")
    await cluster.api.create(PODS, pod("free"), namespace="demo")
    await cluster.until(lambda: cluster.one(PODS, "free")["spec"].get("nodeName"))
    await cluster.settle()
    assert not cluster.one(PODS, "gated")["spec"].get("nodeName")
    await cluster.api.patch(
        PODS, "gated", {"spec": {"schedulingGates": None}}, namespace="demo", patch_type="application/merge-patch+json"
    )
    await cluster.until(lambda: cluster.one(PODS, "gated")["spec"].get("nodeName"))


def test_sidecars_count_with_what_runs_beside_them() -> None:
    def asking(cpu: str, **more: Any) -> Object:
        return {"resources": {"requests": {"cpu": cpu}}, **more}

    spec = {
        "initContainers": [asking("1", restartPolicy="Always"), asking("3"), asking("2", restartPolicy="Always")],
        "containers": [asking("1"), asking("500m")],
    }
    assert requests_of({"spec": spec}) == {"cpu": Decimal("4.5")}
    spec["containers"] = [asking("500m")]
    assert requests_of({"spec": spec}) == {"cpu": Decimal(4)}
