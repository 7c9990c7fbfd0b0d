"""Pruning: only what the person's plan showed, only by the recorded UID, never what cannot be remade."""

from __future__ import annotations

from typing import Any

import pytest

SHOP = "/api/v1/namespaces/shop"
EXTRA = "/api/v1/namespaces/shop/configmaps/extra"
CLAIM = "/api/v1/namespaces/shop/persistentvolumeclaims/data"


def named(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **fields}


@pytest.fixture
def shrunk(deploying: Any, cluster: Any, objects: Any) -> Any:
    """Deployed with a ConfigMap and a claim more than the folder holds now."""
    deploying.put([*objects, named("ConfigMap", "extra", data={"a": "1"}), named("PersistentVolumeClaim", "data")])
    deploying.deploy()
    deploying.put(objects)
    cluster.writes.clear()
    return deploying


def seen(deploying: Any) -> dict[str, Any]:
    """What a person who looked at the plan sends along."""
    plan = deploying.stack.plan(["shop"])
    assert [each.ref.id for each in plan.objects if each.verdict == "remove"] == ["ConfigMap/shop/extra"]
    return {"expect": plan.revisions}


def test_what_the_plan_showed_goes_and_claims_stay(shrunk: Any, cluster: Any) -> None:
    row = shrunk.deploy(**seen(shrunk))

    assert cluster.writes == [("delete", EXTRA)]
    assert CLAIM in cluster.objects
    results = {step["object"]["name"]: (step["result"], step["stage"]) for step in row["steps"]}
    assert results["extra"] == ("deleted", "removal")
    assert results["data"] == ("kept", "removal")
    assert "pruning" in {each["state"] for each in shrunk.rows}
    ids = [each.ref.id for each in shrunk.revisions.latest("shop").objects]
    assert "ConfigMap/shop/extra" not in ids
    assert "PersistentVolumeClaim/shop/data" in ids


def test_nothing_goes_without_a_plan_that_was_seen(shrunk: Any, cluster: Any) -> None:
    row = shrunk.deploy()

    assert cluster.writes == []
    kept = next(step for step in row["steps"] if step["object"]["name"] == "extra")
    assert (row["state"], kept["result"]) == ("done", "kept")
    assert "plan again" in kept["detail"]
    shrunk.deploy(**seen(shrunk))
    assert cluster.writes == [("delete", EXTRA)]


def test_only_the_ids_a_person_sends_go(shrunk: Any, cluster: Any) -> None:
    shrunk.deploy(**seen(shrunk), remove=["ConfigMap/shop/other"])
    assert cluster.writes == []

    shrunk.deploy(**seen(shrunk), remove=["ConfigMap/shop/extra", "Namespace//kube-system"])
    assert cluster.writes == [("delete", EXTRA)]


def test_a_namesake_made_since_stays(shrunk: Any, cluster: Any) -> None:
    expect = seen(shrunk)
    cluster.delete(EXTRA, propagation_policy="Foreground")
    cluster.apply(EXTRA, named("ConfigMap", "extra", data={"a": "mine"}), field_manager="somebody")
    cluster.writes.clear()

    assert shrunk.deploy(**expect)["state"] == "done"

    assert cluster.writes == []


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_removal_that_was_cut_off_is_completed_by_running_again(shrunk: Any, cluster: Any, writes: int) -> None:
    """The writes: the lease, the record, the deletion, the record of it."""
    expect = seen(shrunk)
    cluster.die_after(writes)
    assert shrunk.deploy(**expect)["state"] == "failed"
    cluster.die_after(None)
    shrunk.time.seconds += 60

    assert shrunk.deploy(expect=shrunk.stack.plan(["shop"]).revisions)["state"] == "done"

    assert EXTRA not in cluster.objects
    assert "ConfigMap/shop/extra" not in [each.ref.id for each in shrunk.revisions.latest("shop").objects]


def test_rolling_back_removes_what_came_later_if_that_was_agreed_to(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    deploying.deploy()
    deploying.put([*objects, named("ConfigMap", "extra", data={"a": "1"})])
    deploying.deploy()

    plan = deploying.stack.plan_back("shop", 1)
    assert [each.ref.id for each in plan.objects if each.verdict == "remove"] == ["ConfigMap/shop/extra"]
    deploying.stack.run_roll_back("shop", 1, by="ada", remove=[])
    assert EXTRA in cluster.objects
    deploying.stack.run_roll_back("shop", 1, by="ada")
    assert EXTRA not in cluster.objects
