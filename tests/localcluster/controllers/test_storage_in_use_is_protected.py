"""A claim that a pod has, and a volume that a claim has, are only marked when deleted, and go once they are free."""

from __future__ import annotations

from typing import Any

from localcluster.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS

CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}
POD = {
    "metadata": {"name": "db"},
    "spec": {
        "containers": [{"name": "c", "image": "busybox"}],
        "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}],
    },
}


async def _bound(cluster: Any) -> str:
    """The name of the volume behind a new claim."""
    await cluster.api.create(PERSISTENT_VOLUME_CLAIMS, CLAIM, namespace="demo")
    await cluster.until(lambda: cluster.one(PERSISTENT_VOLUME_CLAIMS, "data")["status"]["phase"] == "Bound")
    name: str = cluster.one(PERSISTENT_VOLUME_CLAIMS, "data")["spec"]["volumeName"]
    return name


async def test_a_claim_stays_as_long_as_a_pod_has_it(cluster: Any) -> None:
    volume = await _bound(cluster)
    assert cluster.one(PERSISTENT_VOLUME_CLAIMS, "data")["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    assert cluster.one(PERSISTENT_VOLUMES, volume)["metadata"]["finalizers"] == ["kubernetes.io/pv-protection"]
    await cluster.api.create(PODS, POD, namespace="demo")
    await cluster.until(lambda: cluster.one(PODS, "db")["spec"].get("nodeName"))
    await cluster.api.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace="demo")
    await cluster.settle()
    assert cluster.one(PERSISTENT_VOLUME_CLAIMS, "data")["metadata"]["deletionTimestamp"]
    await cluster.api.delete(PODS, "db", namespace="demo", grace_period_seconds=0)
    await cluster.until(lambda: cluster.one(PERSISTENT_VOLUME_CLAIMS, "data") is None)
    await cluster.until(lambda: cluster.one(PERSISTENT_VOLUMES, volume) is None)


async def test_a_claim_that_no_pod_has_goes_at_once(cluster: Any) -> None:
    await _bound(cluster)
    await cluster.api.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace="demo")
    await cluster.until(lambda: cluster.one(PERSISTENT_VOLUME_CLAIMS, "data") is None)


async def test_a_volume_stays_as_long_as_a_claim_has_it(cluster: Any) -> None:
    volume = await _bound(cluster)
    await cluster.api.delete(PERSISTENT_VOLUMES, volume)
    await cluster.settle()
    assert cluster.one(PERSISTENT_VOLUMES, volume)["metadata"]["deletionTimestamp"]
    await cluster.api.delete(PERSISTENT_VOLUME_CLAIMS, "data", namespace="demo")
    await cluster.until(lambda: cluster.one(PERSISTENT_VOLUMES, volume) is None)


async def test_what_comes_without_its_finalizer_is_given_it(cluster: Any) -> None:
    await _bound(cluster)
    claim = await cluster.api.get(PERSISTENT_VOLUME_CLAIMS, "data", namespace="demo")
    claim["metadata"]["finalizers"] = []
    await cluster.api.update(PERSISTENT_VOLUME_CLAIMS, claim)
    await cluster.until(lambda: cluster.one(PERSISTENT_VOLUME_CLAIMS, "data")["metadata"].get("finalizers"))
