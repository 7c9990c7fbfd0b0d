"""Operators write the records, administrators act on them: what the files do not vouch for is not done."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.applying import keeping
from dashboard.stack.applying.pruning import leftovers, why_kept
from dashboard.stack.applying.revisions import RecordedObject, Revision
from dashboard.stack.applying.work import Order
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret, ObjectRef, SecretKeySource
from dashboard.stack.bundles.granting import STAYS
from dashboard.stack.planning.plan import ObjectPlan, Plan

RECORD = "/api/v1/namespaces/surgeboard/configmaps/revision.shop.1"
THEIRS = {"api_version": "v1", "kind": "ConfigMap", "namespace": "kube-system", "name": "theirs"}
FOREIGN = "/api/v1/namespaces/kube-system/configmaps/theirs"


def thing(kind: str, name: str, namespace: str = "", *, api: str = "v1", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **fields}


ADMIN = {
    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "mine"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
}  # fmt: skip
COPIED = {"namespace": "shop", "name": "loot", "generate": {},
          "copy": {"key": {"namespace": "kube-system", "name": "bootstrap", "key": "token"}}}  # fmt: skip
EVERYTHING = {"metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "privileged"}}}


def add(manifest: Any) -> Callable[[Any], None]:
    return lambda held: held["objects"].append(manifest)


FORGED: dict[str, Callable[[Any], None]] = {
    "a ClusterRoleBinding": add(ADMIN),
    "one that says it had a namespace": add({**ADMIN, "metadata": {"name": "mine", "namespace": "shop"}}),
    "a RoleBinding": add({**ADMIN, "kind": "RoleBinding", "metadata": {"name": "mine", "namespace": "shop"}}),
    "another namespace": add(thing("ConfigMap", "mine", "kube-system")),
    "a name that leads elsewhere": add(thing("ConfigMap", "../../kube-system/configmaps/x", "shop")),
    "a copy of a Secret": lambda held: held["secrets"].append(COPIED),
    "an opened namespace": lambda held: held["objects"][0].update(EVERYTHING),
}


def forge(cluster: Any, change: Callable[[Any], None]) -> None:
    held = json.loads(cluster.objects[RECORD]["data"][keeping.PLAIN])
    change(held)
    cluster.objects[RECORD]["data"][keeping.PLAIN] = json.dumps(held)


def forge_list(cluster: Any, path: str, ref: dict[str, str]) -> None:
    record = json.loads(cluster.objects[path]["data"]["record"])
    record["objects"].append({"ref": ref, "uid": "theirs"})
    cluster.objects[path]["data"]["record"] = json.dumps(record)


@pytest.fixture
def shop(deploying: Any, cluster: Any, objects: Any) -> Any:
    deploying.put(objects)
    assert deploying.deploy()["error"] is None
    deploying.put([*objects, thing("ConfigMap", "newer", "shop")])
    assert deploying.deploy()["error"] is None
    cluster.objects[FOREIGN] = {**thing("ConfigMap", "theirs", "kube-system")}
    cluster.objects[FOREIGN]["metadata"]["uid"] = "theirs"
    cluster.writes.clear()
    return deploying


@pytest.mark.parametrize("what", FORGED)
def test_a_roll_back_applies_nothing_that_the_files_do_not_vouch_for(shop: Any, cluster: Any, what: str) -> None:
    forge(cluster, FORGED[what])
    for ask in (lambda: shop.stack.plan_back("shop", 1), lambda: shop.stack.roll_back("shop", 1, by="ada")):
        with pytest.raises(Refused, match="the files of shop do not vouch for"):
            ask()
    assert cluster.writes == []


def test_what_changed_within_the_bundles_own_namespace_can_be_brought_back(shop: Any, cluster: Any) -> None:
    forge(cluster, add(thing("ConfigMap", "of-an-older-version", "shop", data={"a": "b"})))
    assert shop.stack.run_roll_back("shop", 1, by="ada", seal=shop.stack.plan_back("shop", 1).seal)["error"] is None
    assert "/api/v1/namespaces/shop/configmaps/of-an-older-version" in cluster.objects


def test_secrets_are_copied_from_where_the_files_say(deploying: Any, cluster: Any, objects: Any) -> None:
    named = GeneratedSecret("shop", "copied", copy={"key": SecretKeySource("other", "source", "key")})
    cluster.objects["/api/v1/namespaces/other/secrets/source"] = thing(
        "Secret", "source", "other", data={"key": base64.b64encode(b"value").decode()}
    )
    deploying.put(objects, named)
    assert deploying.deploy()["error"] is None
    assert deploying.stack.plan_back("shop", 1)
    forge(cluster, lambda held: held["secrets"][0]["copy"]["key"].update(name="another"))
    with pytest.raises(Refused, match="copied from other/another"):
        deploying.stack.plan_back("shop", 1)


def test_what_changed_after_the_preview_is_not_applied(shop: Any, cluster: Any) -> None:
    seal = shop.stack.plan_back("shop", 1).seal
    forge(cluster, add(thing("ConfigMap", "swapped", "shop")))
    with pytest.raises(Refused, match="look at it again") as refused:
        shop.stack.roll_back("shop", 1, by="ada", seal=seal)
    assert (refused.value.status, cluster.writes) == (409, [])


@pytest.mark.parametrize("has_begun", [False, True])
def test_what_changed_after_the_preview_is_not_deleted(shop: Any, cluster: Any, has_begun: bool) -> None:
    seal, ref = (
        shop.stack.removal("shop").seal,
        {"api_version": "v1", "kind": "ConfigMap", "namespace": "shop", "name": "x"},
    )
    latest = RECORD.replace(".1", ".2")
    if has_begun:
        shop.stack.teardown("shop", by="ada", seal=seal)
        forge_list(cluster, latest, ref)
        shop.waiting.pop()()
        assert "look at it again" in shop.last["error"]
    else:
        forge_list(cluster, latest, ref)
        with pytest.raises(Refused, match="look at it again") as refused:
            shop.stack.teardown("shop", by="ada", seal=seal)
        assert refused.value.status == 409
    assert cluster.writes == []


@pytest.mark.parametrize("has_files", [True, False])
def test_a_teardown_deletes_nothing_of_others_because_a_record_names_it(
    shop: Any, cluster: Any, has_files: bool
) -> None:
    forge_list(cluster, RECORD.replace(".1", ".2"), THEIRS)
    if not has_files:
        shop.shelf.bundles.clear()
    removal = shop.stack.removal("shop")
    (item,) = [each for each in removal.stays if each.ref.name == "theirs"]
    assert "Only a record names it" in item.why
    assert not item.tickable
    assert shop.stack.run_teardown("shop", by="ada", seal=removal.seal)["state"] == "done"
    assert FOREIGN in cluster.objects
    assert "/api/v1/namespaces/shop/configmaps/newer" not in cluster.objects


def test_a_deploy_prunes_nothing_of_others_because_a_record_names_it(shop: Any, cluster: Any, objects: Any) -> None:
    forge_list(cluster, RECORD.replace(".1", ".2"), THEIRS)
    shop.put(objects)
    plan = shop.stack.plan(["shop"])
    assert [each.ref.name for each in plan.objects if each.verdict == "remove"] == ["newer"]
    assert shop.deploy(expect=plan.revisions)["state"] == "done"
    assert FOREIGN in cluster.objects
    assert "/api/v1/namespaces/shop/configmaps/newer" not in cluster.objects


def test_a_record_that_grows_without_end_is_not_inflated(shop: Any, cluster: Any) -> None:
    text = cluster.objects[RECORD]["data"][keeping.PLAIN].encode() + b" " * keeping.MOST_INFLATED
    bomb = base64.b64encode(gzip.compress(text)).decode()
    del cluster.objects[RECORD]["data"][keeping.PLAIN]
    cluster.objects[RECORD]["binaryData"] = {keeping.COMPRESSED: bomb}
    with pytest.raises(Refused, match="cannot be read"):
        shop.stack.plan_back("shop", 1)


def test_volumes_of_others_are_neither_offered_nor_deleted_because_a_record_holds_their_set(
    shop: Any, cluster: Any
) -> None:
    claim = "/api/v1/namespaces/kube-system/persistentvolumeclaims/data-theirs-0"
    cluster.objects[claim] = thing("PersistentVolumeClaim", "data-theirs-0", "kube-system")
    cluster.objects[claim]["metadata"]["uid"] = "theirs"
    templates = {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}
    latest = RECORD.replace(".1", ".2")
    held = json.loads(cluster.objects[latest]["data"][keeping.PLAIN])
    held["objects"].append(thing("StatefulSet", "theirs", "kube-system", api="apps/v1", spec=templates))
    cluster.objects[latest]["data"][keeping.PLAIN] = json.dumps(held)
    shop.shelf.bundles.clear()
    removal = shop.stack.removal("shop")
    assert not [each for each in (*removal.goes, *removal.stays) if each.ref.kind == "PersistentVolumeClaim"]
    ticked = ["PersistentVolumeClaim/kube-system/data-theirs-0"]
    assert shop.stack.run_teardown("shop", by="ada", also=ticked, seal=removal.seal)["state"] == "done"
    assert claim in cluster.objects


def test_a_prune_is_held_to_the_files_whatever_the_plan_says() -> None:
    theirs = ObjectRef(**THEIRS)
    order = Order((Bundle("shop", ()),), "ada", remove=None)
    plan = Plan({}, (ObjectPlan(theirs, "shop", "removal", "remove"),), ())
    latest = Revision("shop", 1, "abc", "now", "ada", "applied", (RecordedObject(theirs, "theirs"),))
    believed, not_believed = (
        leftovers(order.bundles[0], latest, order, plan, deletes=lambda _ref, yes=yes: yes) for yes in (True, False)
    )
    assert [each.goes for each in believed] == [True]
    assert [(each.goes, why_kept(each)) for each in not_believed] == [(False, STAYS)]


@pytest.mark.parametrize("part", ["api_version", "kind", "namespace", "name"])
def test_a_record_whose_objects_are_named_by_something_else_than_text_is_damaged(
    shop: Any, cluster: Any, part: str
) -> None:
    forge_list(cluster, RECORD, {**THEIRS, part: 5})  # type: ignore[dict-item]
    with pytest.raises(Refused, match="is damaged"):
        shop.stack.history("shop")


def test_manifests_that_are_named_by_something_else_than_text_are_not_read(shop: Any, cluster: Any) -> None:
    forge(cluster, add(thing("ConfigMap", 5, "shop")))  # type: ignore[arg-type]
    with pytest.raises(Refused, match="cannot be read"):
        shop.stack.plan_back("shop", 1)


def test_a_record_that_holds_another_bundle_is_compared_with_nothing(shop: Any, cluster: Any) -> None:
    """As drift does of a stack whose files are gone: without asking what its files allow."""
    forge(cluster, lambda held: held.update(name="other"))
    with pytest.raises(Refused, match="holds another bundle, other"):
        shop.stack.drift_of_record(shop.stack.revisions.get("shop", 1))


def test_a_record_that_names_another_one_is_told_as_damaged(shop: Any, cluster: Any) -> None:
    record = json.loads(cluster.objects[RECORD]["data"]["record"])
    cluster.objects[RECORD]["data"]["record"] = json.dumps({**record, "bundle": "../../x"})
    with pytest.raises(Refused, match="is damaged"):
        shop.stack.history("shop")


def test_an_own_stack_brings_back_what_belongs_to_the_whole_cluster_only_where_that_is_allowed(
    shop: Any, cluster: Any, objects: Any
) -> None:
    forge(cluster, add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop-two"}}))
    shop.shelf.bundles["shop"] = Bundle("shop", tuple(objects), own=True, cluster_scoped=True)
    assert shop.stack.plan_back("shop", 1)
    shop.shelf.bundles["shop"] = Bundle("shop", tuple(objects), own=True)
    with pytest.raises(Refused, match="shop-two is not in the files"):
        shop.stack.plan_back("shop", 1)
