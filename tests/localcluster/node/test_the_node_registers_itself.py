"""The Node says what the machine has and how it treats limits; a second start finds it and cleans up."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from localcluster.resources import LEASES, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES


async def test_it_is_ready_and_honest(cluster: Any) -> None:
    node = await cluster.client.get(NODES, "local")
    status = node["status"]
    assert status["capacity"]["cpu"] == str(os.cpu_count())
    assert status["capacity"]["pods"] == "110"
    assert {c["type"]: c["status"] for c in status["conditions"]}["Ready"] == "True"
    assert {a["type"]: a["address"] for a in status["addresses"]} == {
        "InternalIP": cluster.agent.settings.address, "Hostname": "local",
    }  # fmt: skip
    assert status["nodeInfo"]["containerRuntimeVersion"].startswith("localprocess://")
    assert status["daemonEndpoints"]["kubeletEndpoint"]["Port"] == cluster.agent.settings.kubelet_port
    annotations = node["metadata"]["annotations"]
    assert annotations["surgeboard.dev/limits"].startswith(("cgroup v", "duty cycle"))
    assert "namespaces" in annotations["surgeboard.dev/sandbox"]
    assert "NetworkPolicy" in annotations["surgeboard.dev/not-enforced"]


async def test_its_files_are_private(cluster: Any) -> None:
    """Secrets of pods lie there while they run."""
    assert cluster.agent.settings.directory.stat().st_mode & 0o077 == 0


async def test_it_renews_its_lease(cluster: Any) -> None:
    """So that `kubectl describe node` can tell when the node was last heard of."""
    renewed = []
    async with asyncio.timeout(20):
        async for event in cluster.client.watch(LEASES, namespace="kube-node-lease"):
            lease = event.object
            renewed.append(lease["spec"]["renewTime"])
            if len(renewed) == 2:
                break
    assert (lease["metadata"]["name"], lease["spec"]["holderIdentity"]) == ("local", "local")
    assert lease["spec"]["leaseDurationSeconds"] == 40
    assert lease["metadata"]["ownerReferences"][0]["kind"] == "Node"
    assert renewed[0] < renewed[1]


@pytest.mark.parametrize(("policy", "stays"), [("Delete", False), ("Retain", True)])
async def test_data_go_with_their_volume(cluster: Any, policy: str, stays: bool) -> None:
    """Not with the claim: the volume's reclaim policy says whether they go."""
    body = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": {}}
    claim = await cluster.client.create(PERSISTENT_VOLUME_CLAIMS, body, namespace="test")
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    mounts = [{"name": "data", "mountPath": "/data"}]
    pod = {"volumes": volumes, "restartPolicy": "Never"}
    await cluster.shell("writer", "echo x > /data/x", volumeMounts=mounts, pod=pod)
    await cluster.until("writer", lambda pod: pod["status"]["phase"] == "Succeeded")
    directory = cluster.agent.settings.directory / "volumes" / "test" / f"data-{claim['metadata']['uid']}"
    assert (directory / "x").read_text() == "x\n"
    reference = {"namespace": "test", "name": "data", "uid": claim["metadata"]["uid"]}
    spec = {"claimRef": reference, "persistentVolumeReclaimPolicy": policy}
    await cluster.client.create(PERSISTENT_VOLUMES, {"metadata": {"name": "pv"}, "spec": spec})
    await cluster.client.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace="test")
    await cluster.client.delete(PERSISTENT_VOLUMES, "pv")
    # The node tells nobody; a pod that comes and goes afterwards shows that it has seen the deletion.
    await cluster.shell("later", "true", pod={"restartPolicy": "Never"})
    await cluster.until("later", lambda pod: pod["status"]["phase"] == "Succeeded")
    assert directory.exists() == stays


async def test_a_pod_gets_an_address_of_its_own(cluster: Any) -> None:
    """And a pod on the host's network the node's."""
    addresses = []
    for name, spec in (("one", {}), ("two", {}), ("host", {"hostNetwork": True})):
        await cluster.shell(name, "sleep 600", pod=spec)
        pod = await cluster.until(name, lambda pod: pod["status"]["phase"] == "Running")
        addresses.append(pod["status"]["podIP"])
    octet = cluster.agent.settings.octet
    assert addresses == [f"127.{octet}.1.1", f"127.{octet}.1.2", f"127.{octet}.0.1"]
    assert cluster.agent.pod_endpoint("test", "two", 80) == (f"127.{octet}.1.2", 80)


async def test_a_forced_deletion_ends_the_process(cluster: Any) -> None:
    """A pod removed from the API without grace leaves no process and no files behind."""
    created = await cluster.shell("forced", "trap '' TERM; echo up; while :; do sleep 0.05; done")
    await cluster.said("forced", "up")
    directory = cluster.agent.settings.directory / "pods" / created["metadata"]["uid"]
    assert directory.exists()
    await cluster.client.delete(*_forced("forced"), namespace="test", grace_period_seconds=0)
    async with asyncio.timeout(20):
        while directory.exists():  # noqa: ASYNC110  (the node tells nobody)
            await asyncio.sleep(0.02)
    assert cluster.agent.usage() == []


def _forced(name: str) -> tuple[Any, str]:
    from localcluster.resources import PODS

    return PODS, name
