"""A StatefulSet's members have names, places and volumes that stay; they come up in order and go in reverse."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.client import Object
from localcluster.resources import (
    CONTROLLER_REVISIONS,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    PODS,
    STATEFUL_SETS,
)


@pytest.fixture
def stateful_set(pod_template: Object) -> Object:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "serviceName": "db",
            "replicas": 3,
            "selector": {"matchLabels": {"app": "web"}},
            "template": pod_template,
            "volumeClaimTemplates": [claim],
        },
    }


def settled(cluster: Any, replicas: int) -> bool:
    found = cluster.one(STATEFUL_SETS, "db")
    status = found["status"]
    counts = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
    return (
        status.get("observedGeneration") == found["metadata"]["generation"]
        and all(status.get(part, 0) == replicas for part in counts)
        and status["currentRevision"] == status["updateRevision"]
    )


async def test_members_come_up_one_after_the_other(cluster: Any, stateful_set: Object) -> None:
    cluster.kubelet.hold = lambda pod: pod["metadata"]["name"] == "db-1"
    await cluster.api.create(STATEFUL_SETS, stateful_set, namespace="demo")
    await cluster.until(lambda: cluster.names(PODS) == ["db-0", "db-1"])
    await cluster.settle()
    assert cluster.names(PODS) == ["db-0", "db-1"]
    cluster.kubelet.hold = lambda pod: False
    await cluster.kubelet.look_at(cluster.one(PODS, "db-1"))
    await cluster.until(lambda: settled(cluster, 3))


async def test_a_member_has_its_name_host_name_labels_and_volume(cluster: Any, stateful_set: Object) -> None:
    await cluster.api.create(STATEFUL_SETS, stateful_set, namespace="demo")
    await cluster.until(lambda: settled(cluster, 3))
    pod = cluster.one(PODS, "db-1")
    assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == ("db-1", "db")
    assert pod["metadata"]["labels"] == {
        "app": "web",
        "apps.kubernetes.io/pod-index": "1",
        "controller-revision-hash": cluster.one(STATEFUL_SETS, "db")["status"]["updateRevision"],
        "statefulset.kubernetes.io/pod-name": "db-1",
    }
    assert pod["spec"]["volumes"][0] == {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-1"}}
    claim = cluster.one(PERSISTENT_VOLUME_CLAIMS, "data-db-1")
    assert claim["status"]["phase"] == "Bound"
    assert cluster.one(PERSISTENT_VOLUMES, claim["spec"]["volumeName"])["spec"]["claimRef"]["name"] == "data-db-1"


async def test_a_deleted_member_comes_back_under_its_name_with_its_volume(cluster: Any, stateful_set: Object) -> None:
    await cluster.api.create(STATEFUL_SETS, stateful_set, namespace="demo")
    await cluster.until(lambda: settled(cluster, 3))
    before = cluster.one(PODS, "db-1")["metadata"]["uid"]
    claim = cluster.one(PERSISTENT_VOLUME_CLAIMS, "data-db-1")["metadata"]["uid"]
    await cluster.api.delete(PODS, "db-1", namespace="demo")
    await cluster.until(
        lambda: (cluster.one(PODS, "db-1") or {"metadata": {"uid": before}})["metadata"]["uid"] != before
    )
    await cluster.until(lambda: settled(cluster, 3))
    assert cluster.one(PERSISTENT_VOLUME_CLAIMS, "data-db-1")["metadata"]["uid"] == claim
    wanted = ("Normal", "SuccessfulCreate", "Create Pod db-1 in StatefulSet db successful")
    await cluster.until(lambda: wanted in cluster.told("StatefulSet"))


async def test_it_shrinks_from_the_highest_ordinal_and_keeps_the_volumes(cluster: Any, stateful_set: Object) -> None:
    await cluster.api.create(STATEFUL_SETS, stateful_set, namespace="demo")
    await cluster.until(lambda: settled(cluster, 3))
    cluster.kubelet.keep_terminating = True
    await cluster.scale(STATEFUL_SETS, "db", 1)
    await cluster.until(lambda: cluster.one(PODS, "db-2")["metadata"].get("deletionTimestamp"))
    await cluster.settle()
    assert not cluster.one(PODS, "db-1")["metadata"].get("deletionTimestamp")
    cluster.kubelet.keep_terminating = False
    await cluster.kubelet.end(cluster.one(PODS, "db-2"))
    await cluster.until(lambda: settled(cluster, 1))
    assert cluster.names(PERSISTENT_VOLUME_CLAIMS) == ["data-db-0", "data-db-1", "data-db-2"]


async def test_an_update_goes_from_the_highest_ordinal_down(cluster: Any, stateful_set: Object) -> None:
    await cluster.api.create(STATEFUL_SETS, stateful_set, namespace="demo")
    await cluster.until(lambda: settled(cluster, 3))
    patch = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 2}}}}
    await cluster.api.patch(STATEFUL_SETS, "db", patch, patch_type="application/merge-patch+json", namespace="demo")
    await cluster.until(lambda: len(cluster.all(CONTROLLER_REVISIONS)) == 2 and settled(cluster, 3))
    deleted = [text for _, reason, text in cluster.told("StatefulSet") if reason == "SuccessfulDelete"]
    assert deleted == [f"Delete Pod db-{number} in StatefulSet db successful" for number in (2, 1, 0)]
    assert {pod["spec"]["terminationGracePeriodSeconds"] for pod in cluster.all(PODS)} == {2}


async def test_a_partition_keeps_the_members_below_it(cluster: Any, stateful_set: Object) -> None:
    stateful_set["spec"]["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    await cluster.api.create(STATEFUL_SETS, stateful_set, namespace="demo")
    await cluster.until(lambda: settled(cluster, 3))
    patch = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 2}}}}
    await cluster.api.patch(STATEFUL_SETS, "db", patch, patch_type="application/merge-patch+json", namespace="demo")
    await cluster.until(lambda: cluster.one(STATEFUL_SETS, "db")["status"].get("updatedReplicas") == 1)
    await cluster.until(lambda: cluster.one(STATEFUL_SETS, "db")["status"].get("readyReplicas") == 3)
    await cluster.settle()
    graces = {pod["metadata"]["name"]: pod["spec"]["terminationGracePeriodSeconds"] for pod in cluster.all(PODS)}
    assert graces == {"db-0": 1, "db-1": 1, "db-2": 2}


async def test_parallel_members_do_not_wait_for_each_other(cluster: Any, stateful_set: Object) -> None:
    stateful_set["spec"]["podManagementPolicy"] = "Parallel"
    cluster.kubelet.hold = lambda pod: True
    await cluster.api.create(STATEFUL_SETS, stateful_set, namespace="demo")
    await cluster.until(lambda: cluster.names(PODS) == ["db-0", "db-1", "db-2"])
