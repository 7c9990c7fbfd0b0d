"""What goes and what stays, with the reason, and what a namespace would take along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.bundles.bundle import GeneratedSecret, ObjectRef, ref_of
from dashboard.stack.planning.removal import removal_of


@dataclass(frozen=True)
class Made:
    ref: ObjectRef
    uid: str | None


@dataclass(frozen=True)
class Record:
    objects: tuple[Made, ...]


@pytest.fixture
def put(cluster, namespace) -> Any:
    """Applies an object of the test's namespace."""

    def apply(each: dict[str, Any], *, field_manager: str = "surgeboard") -> Any:
        api_version, kind = each["apiVersion"], each["kind"]
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        place = root if kind == "Namespace" else f"{root}/namespaces/{namespace}"
        path = f"{place}/{kind.lower()}s/{each['metadata']['name']}"
        return cluster.client.apply(path, each, field_manager=field_manager)

    return apply


@pytest.fixture
def database(namespace, manifest) -> Any:
    """A StatefulSet `db` with claims `data-db-0`; `policy` is what becomes of them."""

    def make(policy: str) -> dict[str, Any]:
        labels = {"app": "db"}
        claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        return manifest("apps/v1", "StatefulSet", "db", namespace, spec={
            "serviceName": "db", "selector": {"matchLabels": labels},
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": policy, "whenScaled": "Retain"},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "busybox:1"}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
        })  # fmt: skip

    return make


@pytest.fixture
def claim(namespace, manifest, put) -> Any:
    def make(name: str) -> Any:
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        return put(manifest("v1", "PersistentVolumeClaim", name, namespace, spec=spec), field_manager="kcm")

    return make


def names(items: Any) -> list[str]:
    return [f"{each.ref.kind} {each.ref.name}" for each in items]


def test_workloads_go_first_and_what_holds_something_stays(cluster, namespace, manifest, deployment, bundle, put):
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {"a": "b"}}}
    settings = manifest("v1", "ConfigMap", "c", namespace, data={"a": "1"})
    for each in (space, settings, deployment(namespace)):
        put(each)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "YQ=="}}
    cluster.client.create(f"/api/v1/namespaces/{namespace}/secrets", secret)
    wanted = bundle(space, settings, deployment(namespace), secrets=(GeneratedSecret(namespace, "s", {"a": 1}),))
    removal = removal_of(cluster, wanted, None)
    assert names(removal.goes) == ["Deployment web", "ConfigMap c"]
    assert names(removal.stays) == ["Secret s", f"Namespace {namespace}"]
    assert all(each.tickable and each.uid for each in removal.stays)
    assert removal.stays[1].why == "It takes everything in it along: besides the bundle's own nothing else."
    assert cluster.writes == []
    assert removal.document()["goes"][0]["id"] == f"Deployment.apps/{namespace}/web"


def test_what_was_recorded_goes_and_a_namesake_stays(cluster, namespace, manifest, bundle, put):
    made = {name: manifest("v1", "ConfigMap", name, namespace, data={"a": "1"}) for name in ("mine", "theirs", "new")}
    live = {name: put(each, field_manager="other") for name, each in made.items()}
    live["new"] = put(made["new"])  # Surgeboard has written it, but what it recorded was another one
    dropped = put(manifest("v1", "ConfigMap", "dropped", namespace, data={"a": "1"}))
    record = Record((
        Made(ref_of(made["mine"]), live["mine"]["metadata"]["uid"]), Made(ref_of(made["new"]), "an-earlier-one"),
        Made(ref_of(dropped), dropped["metadata"]["uid"]),
    ))  # fmt: skip
    removal = removal_of(cluster, bundle(*made.values()), record)
    assert sorted(names(removal.goes)) == ["ConfigMap dropped", "ConfigMap mine"]
    assert {each.ref.name: (each.why, each.tickable) for each in removal.stays} == {
        "theirs": (
            "Nothing tells that Surgeboard made it: it is not recorded and does not carry its field manager.", False,
        ),
        "new": ("It is another one of the same name, made since the bundle was applied.", False),
    }  # fmt: skip


def test_volumes_stay_unless_they_are_ticked(cluster, namespace, bundle, put, database, claim):
    put(database("Retain"))
    for name in ("data-db-0", "data-db-11", "data-db-x", "data-other-0", "data-db"):
        claim(name)
    removal = removal_of(cluster, bundle(database("Retain")), None)
    assert names(removal.goes) == ["StatefulSet db"]
    assert [(each.ref.name, each.tickable, each.why) for each in removal.stays] == [
        ("data-db-0", True, "It holds the data of db-0 (1Gi), which is lost with it."),
        ("data-db-11", True, "It holds the data of db-11 (1Gi), which is lost with it."),
    ]


def test_volumes_of_a_set_that_is_gone_can_still_be_ticked(cluster, namespace, bundle, database, claim):
    for name in ("data-db-0", "data-other-0"):
        claim(name)
    removal = removal_of(cluster, bundle(database("Delete")), None)
    assert removal.goes == ()
    assert [(each.ref.name, each.tickable) for each in removal.stays] == [("data-db-0", True)]


def test_a_definition_stays_unless_it_is_ticked_as_all_of_its_kind_would_go(cluster, bundle):
    names = {"kind": "Widget", "plural": "widgets", "singular": "widget"}
    schema = {"openAPIV3Schema": {"type": "object"}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.org"},
        "spec": {"group": "example.org", "scope": "Namespaced", "names": names,
                 "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}]},
    }  # fmt: skip
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.org"
    cluster.client.apply(path, definition)
    try:
        removal = removal_of(cluster, bundle(definition), None)
    finally:
        cluster.client.delete(path)
    assert removal.goes == ()
    assert [(each.tickable, each.why) for each in removal.stays] == [
        (True, "All objects of its kind go with it, in every namespace, whoever made them.")
    ]


def test_volumes_of_a_set_that_another_made_are_not_offered(cluster, namespace, bundle, put, database, claim):
    put(database("Retain"), field_manager="other")
    claim("data-db-0")
    removal = removal_of(cluster, bundle(database("Retain")), None)
    assert [(each.ref.kind, each.tickable) for each in removal.stays] == [("StatefulSet", False)]


def test_volumes_that_go_with_their_set_are_told(cluster, namespace, bundle, put, database, claim):
    put(database("Delete"))
    claim("data-db-0")
    removal = removal_of(cluster, bundle(database("Delete")), None)
    assert names(removal.goes) == ["StatefulSet db", "PersistentVolumeClaim data-db-0"]
    assert "its retention policy says so" in removal.goes[1].why


def test_a_namespace_says_what_of_others_goes_with_it(cluster, namespace, manifest, deployment, bundle, put):
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {"a": "b"}}}
    own = manifest("v1", "ConfigMap", "own", namespace, data={"a": "1"})
    for each in (space, own):
        put(each)
    for name in ("one", "two"):
        put(manifest("v1", "ConfigMap", name, namespace, data={"a": "1"}), field_manager="other")
    put(deployment(namespace), field_manager="other")
    derived = manifest("v1", "ConfigMap", "derived", namespace)
    derived["metadata"]["ownerReferences"] = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "u", "controller": True}
    ]
    put(derived, field_manager="other")
    (item,) = removal_of(cluster, bundle(space, own), None).stays
    assert dict(item.takes) == {"ConfigMap": 2, "Deployment": 1}
    assert item.why == "It takes everything in it along: besides the bundle's own 2 ConfigMap, 1 Deployment."
    assert item.uncounted == ()


def test_an_object_of_the_bundle_that_another_made_counts_as_anothers(cluster, namespace, manifest, bundle, put):
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {"a": "b"}}}
    theirs = manifest("v1", "ConfigMap", "theirs", namespace, data={"a": "1"})
    put(space)
    put(theirs, field_manager="other")
    removal = removal_of(cluster, bundle(space, theirs), None)
    assert {each.ref.kind: dict(each.takes) for each in removal.stays} == {
        "Namespace": {"ConfigMap": 1},
        "ConfigMap": {},
    }


def test_what_could_not_be_counted_is_said(cluster, namespace, bundle, put):
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {"a": "b"}}}
    put(space)
    cluster.fail("list", f"/api/v1/namespaces/{namespace}/secrets", errors.Forbidden(403, "Forbidden", "no"))
    cluster.fail("get", "/apis/batch/v1", errors.Unavailable(503, "ServiceUnavailable", "later"))
    (item,) = removal_of(cluster, bundle(space), None).stays
    assert set(item.uncounted) == {"Secret", "batch/v1"}
    assert "Not counted, as they could not be listed: " in item.why


def test_what_is_not_there_is_not_told(cluster, namespace, manifest, bundle):
    wanted = bundle(manifest("v1", "ConfigMap", "c", namespace), manifest("gone.example/v1", "Toy", "t", namespace))
    removal = removal_of(cluster, wanted, None)
    assert (removal.goes, removal.stays) == ((), ())


def test_what_may_not_be_read_stays_and_says_so(cluster, namespace, manifest, bundle):
    error = errors.Forbidden(403, "Forbidden", 'User "jane" cannot get resource "configmaps" in API group ""')
    cluster.fail("get", f"/api/v1/namespaces/{namespace}/configmaps/c", error)
    (item,) = removal_of(cluster, bundle(manifest("v1", "ConfigMap", "c", namespace)), None).stays
    assert (item.uid, item.tickable) == (None, False)
    assert "jane may not get configmaps" in item.why


def test_a_cluster_that_does_not_answer_has_nothing_to_tell(cluster, namespace, manifest, bundle):
    cluster.fail("get", f"/api/v1/namespaces/{namespace}/configmaps/c", errors.Unavailable(500, "InternalError", "x"))
    with pytest.raises(Refused) as refused:
        removal_of(cluster, bundle(manifest("v1", "ConfigMap", "c", namespace)), None)
    assert refused.value.status == 503
