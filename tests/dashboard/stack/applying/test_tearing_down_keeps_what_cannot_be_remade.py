"""Teardown: reverse order, recorded UIDs, kept kinds, ticks, running it twice."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.kube import errors
from dashboard.stack.applying.teardown import DEADLINE_S

SHOP = "/api/v1/namespaces/shop"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
CONFIG = "/api/v1/namespaces/shop/configmaps/web"
CLAIM = "/api/v1/namespaces/shop/persistentvolumeclaims/data-db-0"


@pytest.fixture
def deployed(deploying: Any, objects: Any, cluster: Any) -> Any:
    deploying.put(objects)
    deploying.deploy()
    cluster.writes.clear()
    return deploying


def test_workloads_go_first_and_the_namespace_stays(deployed: Any, cluster: Any) -> None:
    row = deployed.remove()

    assert [path for _, path in cluster.writes] == [WEB, CONFIG]
    assert SHOP in cluster.objects
    assert (row["state"], row["action"]) == ("done", "teardown")
    assert [step["result"] for step in row["steps"]] == ["deleted", "deleted", "kept"]
    assert deployed.revisions.latest("shop").state == "removed"


def test_running_it_again_finds_nothing_to_do(deployed: Any, cluster: Any) -> None:
    deployed.remove()
    cluster.writes.clear()

    row = deployed.remove()

    assert cluster.writes == []
    assert row["state"] == "done"


def test_an_object_with_another_uid_than_recorded_is_kept_and_said(deployed: Any, cluster: Any, objects: Any) -> None:
    cluster.delete(CONFIG, propagation_policy="Foreground")
    cluster.apply(CONFIG, objects[2], field_manager="somebody")

    row = deployed.remove()

    assert CONFIG in cluster.objects
    kept = next(step for step in row["steps"] if step["object"]["kind"] == "ConfigMap")
    assert kept["result"] == "kept"
    assert "made since" in kept["detail"]


def test_without_a_record_only_what_surgeboard_wrote_goes(deploying: Any, cluster: Any, objects: Any) -> None:
    cluster.apply(SHOP, objects[0])
    cluster.apply(WEB, objects[1])
    cluster.apply(CONFIG, objects[2], field_manager="somebody")
    deploying.put(objects)

    deploying.remove()

    assert WEB not in cluster.objects
    assert CONFIG in cluster.objects


def deploy_a_database(deploying: Any, cluster: Any, objects: Any) -> None:
    """Beside `objects`, with the claim that its controller makes."""
    spec = {"replicas": 1, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}
    database = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "shop"}}
    deploying.put([*objects, {**database, "spec": spec}])
    deploying.deploy()
    metadata = {"name": "data-db-0", "namespace": "shop"}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
    cluster.apply(CLAIM, claim, field_manager="kube-controller-manager")
    cluster.writes.clear()


@pytest.mark.parametrize("has_folder", [True, False], ids=["with its folder", "by its record"])
def test_a_volume_that_stayed_can_be_ticked_when_it_is_run_again(
    deploying: Any, cluster: Any, objects: Any, has_folder: bool
) -> None:
    deploy_a_database(deploying, cluster, objects)
    if not has_folder:
        del deploying.shelf.bundles["shop"]
    assert deploying.remove()["error"] is None
    ticks = [each.ref.id for each in deploying.stack.removal("shop").stays if each.tickable]
    assert "PersistentVolumeClaim/shop/data-db-0" in ticks

    assert deploying.remove(also=["PersistentVolumeClaim/shop/data-db-0"])["error"] is None

    assert CLAIM not in cluster.objects


def test_what_is_ticked_goes_last_and_only_that(deploying: Any, cluster: Any, objects: Any) -> None:
    deploy_a_database(deploying, cluster, objects)

    row = deploying.remove(also=["PersistentVolumeClaim/shop/data-db-0", "Namespace//shop"])

    assert row["error"] is None
    gone = [path for _, path in cluster.writes]
    assert gone.index(CLAIM) > gone.index("/apis/apps/v1/namespaces/shop/statefulsets/db")
    assert gone[-1] == SHOP


@pytest.mark.parametrize(
    "tick",
    ["Secret/kube-system/other", "Deployment.apps/shop/web", "PersistentVolumeClaim/shop/of-others", "nonsense"],
)
def test_what_is_not_of_the_bundle_cannot_be_ticked(deployed: Any, cluster: Any, tick: str) -> None:
    row = deployed.remove(also=[tick])

    assert row["state"] == "failed"
    assert "can be ticked" in row["error"]
    assert cluster.writes == []


def test_one_that_is_made_anew_while_it_is_deleted_stays(deployed: Any, cluster: Any) -> None:
    """It has been looked at, and the word to delete it is on its way: only the very object is meant."""
    delete = cluster.delete

    def another_was_quicker(path: str, **options: Any) -> Any:
        if "configmaps" in path and "uid" in cluster.objects[path]["metadata"]:
            cluster.objects[path]["metadata"]["uid"] = "made-since"
        return delete(path, **options)

    cluster.delete = another_was_quicker
    row = deployed.remove()

    assert row["error"] is None
    assert [path for _, path in cluster.writes if "configmaps" in path] == []


def test_a_namespace_that_others_made_stays_even_when_ticked(deploying: Any, cluster: Any, objects: Any) -> None:
    cluster.apply(SHOP, objects[0], field_manager="somebody")
    deploying.put(objects)

    row = deploying.remove(also=["Namespace//shop"])

    assert SHOP in cluster.objects
    assert row["steps"][-1]["result"] == "kept"


def test_what_does_not_go_is_named_with_its_finalizer(deployed: Any, cluster: Any, time: Any) -> None:
    cluster.objects[CONFIG]["metadata"]["finalizers"] = ["example.org/hold"]
    delete = cluster.delete
    cluster.delete = lambda path, **options: None if path == CONFIG else delete(path, **options)

    row = deployed.remove()

    assert time.seconds > DEADLINE_S
    assert row["state"] == "failed"
    assert "example.org/hold" in row["error"]
    assert deployed.revisions.latest("shop").state == "failed"


def test_a_right_that_is_missing_is_said_and_running_it_again_completes(deployed: Any, cluster: Any) -> None:
    cluster.refuse(CONFIG, errors.Forbidden(403, "Forbidden", "may not delete configmaps"))
    assert "may not delete configmaps" in deployed.remove()["error"]

    cluster.refusals.clear()

    assert deployed.remove()["state"] == "done"
    assert CONFIG not in cluster.objects


def test_a_kind_that_vanished_from_the_cluster_counts_as_gone(deployed: Any, cluster: Any) -> None:
    del cluster.kinds["/apis/apps/v1"]["Deployment"]

    row = deployed.remove()

    assert row["state"] == "done"
    assert "does not serve" in row["steps"][0]["detail"]


def test_a_bundle_whose_folder_is_gone_is_removed_by_its_record(deployed: Any, cluster: Any) -> None:
    del deployed.shelf.bundles["shop"]

    row = deployed.remove()

    assert row["state"] == "done"
    assert [path for _, path in cluster.writes] == [WEB, CONFIG]
