"""A Deployment makes its pods, follows its number, moves to a new template and back."""

from __future__ import annotations

from typing import Any

from localcluster.client import Object
from localcluster.resources import DEPLOYMENTS, PODS, REPLICA_SETS

REVISION = "deployment.kubernetes.io/revision"


def conditions(obj: Object) -> dict[str, tuple[str, str, str]]:
    found = obj["status"].get("conditions") or []
    return {one["type"]: (one["status"], one["reason"], one["message"]) for one in found}


def is_complete(cluster: Any, replicas: int) -> bool:
    status = cluster.one(DEPLOYMENTS, "web")["status"]
    wanted = ("replicas", "updatedReplicas", "availableReplicas")
    generation = cluster.one(DEPLOYMENTS, "web")["metadata"]["generation"]
    return (
        all(status.get(part, 0) == replicas for part in wanted)
        and "unavailableReplicas" not in status
        and status.get("observedGeneration") == generation
        and status.get("terminatingReplicas") == 0
    )


async def test_it_makes_a_replica_set_and_as_many_pods_as_asked_for(cluster: Any, deployment: Object) -> None:
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: is_complete(cluster, 2))
    [replica_set] = cluster.all(REPLICA_SETS)
    assert replica_set["metadata"]["annotations"] == {
        "deployment.kubernetes.io/desired-replicas": "2",
        "deployment.kubernetes.io/max-replicas": "3",
        REVISION: "1",
    }
    found = cluster.one(DEPLOYMENTS, "web")
    name = replica_set["metadata"]["name"]
    assert found["metadata"]["annotations"] == {REVISION: "1"}
    assert conditions(found) == {
        "Available": ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
        "Progressing": ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.'),
    }
    assert len(cluster.all(PODS)) == 2


async def test_it_tells_scaling_in_events(cluster: Any, deployment: Object) -> None:
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: is_complete(cluster, 2))
    await cluster.scale(DEPLOYMENTS, "web", 5)
    await cluster.until(lambda: is_complete(cluster, 5))
    await cluster.scale(DEPLOYMENTS, "web", 3)
    await cluster.until(lambda: is_complete(cluster, 3))
    name = cluster.names(REPLICA_SETS)[0]
    await cluster.until(lambda: len(cluster.told("Deployment")) == 3)
    assert cluster.told("Deployment") == [
        ("Normal", "ScalingReplicaSet", f"Scaled up replica set {name} from 0 to 2"),
        ("Normal", "ScalingReplicaSet", f"Scaled up replica set {name} from 2 to 5"),
        ("Normal", "ScalingReplicaSet", f"Scaled down replica set {name} from 5 to 3"),
    ]


async def test_it_moves_to_a_new_template_step_by_step_and_back(cluster: Any, deployment: Object) -> None:
    deployment["spec"]["replicas"] = 3
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: is_complete(cluster, 3))
    [old] = cluster.names(REPLICA_SETS)
    await change_image(cluster, "local/pause:2")
    await cluster.until(lambda: len(cluster.names(REPLICA_SETS)) == 2 and is_complete(cluster, 3))
    [new] = [name for name in cluster.names(REPLICA_SETS) if name != old]
    await cluster.until(lambda: len(cluster.told("Deployment")) == 7)
    assert [message for _, _, message in cluster.told("Deployment")][1:] == [
        f"Scaled up replica set {new} from 0 to 1",
        f"Scaled down replica set {old} from 3 to 2",
        f"Scaled up replica set {new} from 1 to 2",
        f"Scaled down replica set {old} from 2 to 1",
        f"Scaled up replica set {new} from 2 to 3",
        f"Scaled down replica set {old} from 1 to 0",
    ]
    await change_image(cluster, "local/pause:1")
    await cluster.until(lambda: is_complete(cluster, 3) and cluster.one(REPLICA_SETS, new)["spec"]["replicas"] == 0)
    annotations = cluster.one(REPLICA_SETS, old)["metadata"]["annotations"]
    assert annotations[REVISION] == "3"
    assert annotations["deployment.kubernetes.io/revision-history"] == "1"
    assert cluster.one(DEPLOYMENTS, "web")["metadata"]["annotations"][REVISION] == "3"


async def test_a_pod_that_never_gets_ready_stops_the_roll_out_and_passes_the_deadline(
    cluster: Any, deployment: Object
) -> None:
    deployment["spec"].update(replicas=3, progressDeadlineSeconds=60)
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: is_complete(cluster, 3))
    cluster.kubelet.hold = lambda pod: pod["spec"]["containers"][0]["image"] == "local/broken:1"
    await change_image(cluster, "local/broken:1")
    await cluster.until(lambda: len(cluster.all(PODS)) == 4)
    await cluster.settle()
    assert cluster.one(DEPLOYMENTS, "web")["status"]["availableReplicas"] == 3
    await cluster.clock.advance(62)
    await cluster.until(
        lambda: conditions(cluster.one(DEPLOYMENTS, "web"))["Progressing"][1] == "ProgressDeadlineExceeded"
    )


async def test_recreate_ends_all_old_pods_before_the_first_new_one(cluster: Any, deployment: Object) -> None:
    deployment["spec"]["strategy"] = {"type": "Recreate"}
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: is_complete(cluster, 2))
    cluster.kubelet.keep_terminating = True
    await change_image(cluster, "local/pause:2")
    await cluster.until(lambda: all(pod["metadata"].get("deletionTimestamp") for pod in cluster.all(PODS)))
    await cluster.settle()
    assert len(cluster.names(REPLICA_SETS)) == 1
    cluster.kubelet.keep_terminating = False
    for pod in cluster.all(PODS):
        await cluster.kubelet.end(pod)
    await cluster.until(lambda: len(cluster.names(REPLICA_SETS)) == 2 and is_complete(cluster, 2))


async def test_a_paused_deployment_scales_but_does_not_roll_out(cluster: Any, deployment: Object) -> None:
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: is_complete(cluster, 2))
    patch = {"spec": {"paused": True, "replicas": 4}}
    await cluster.api.patch(DEPLOYMENTS, "web", patch, patch_type="application/merge-patch+json", namespace="demo")
    await change_image(cluster, "local/pause:2")
    await cluster.until(lambda: len(cluster.all(PODS)) == 4)
    await cluster.settle()
    assert len(cluster.names(REPLICA_SETS)) == 1
    assert conditions(cluster.one(DEPLOYMENTS, "web"))["Progressing"] == (
        "Unknown", "DeploymentPaused", "Deployment is paused",
    )  # fmt: skip


async def test_history_beyond_the_limit_is_removed(cluster: Any, deployment: Object) -> None:
    deployment["spec"]["revisionHistoryLimit"] = 1
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: is_complete(cluster, 2))
    for number in (2, 3):
        await change_image(cluster, f"local/pause:{number}")
        await cluster.until(
            lambda number=number: (
                is_complete(cluster, 2)
                and cluster.one(DEPLOYMENTS, "web")["metadata"]["annotations"][REVISION] == str(number)
            )
        )
    await cluster.until(lambda: len(cluster.names(REPLICA_SETS)) == 2)


async def change_image(cluster: Any, image: str) -> None:
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}}
    await cluster.api.patch(
        DEPLOYMENTS, "web", patch, patch_type="application/strategic-merge-patch+json", namespace="demo"
    )
