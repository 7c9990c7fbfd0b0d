"""Verdicts come from the API server's own dry run; nothing is written."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret, ObjectRef, SecretKeySource, ref_of
from dashboard.stack.planning.drift import drift_of
from dashboard.stack.planning.dry_run import plan_of


def verdicts(plan: Any) -> list[tuple[str, str]]:
    return [(f"{each.ref.kind} {each.ref.name}", each.verdict) for each in plan.objects]


def only(plan: Any) -> Any:
    (each,) = plan.objects
    return each


def applied(cluster: Any, manifest: Any, **options: Any) -> Any:
    group = manifest["apiVersion"]
    root = f"/apis/{group}" if "/" in group else f"/api/{group}"
    plural = f"{manifest['kind'].lower()}s"
    path = f"{root}/namespaces/{manifest['metadata']['namespace']}/{plural}/{manifest['metadata']['name']}"
    return cluster.client.apply(path, manifest, **options), path


def test_what_is_new_changed_and_unchanged(cluster, namespace, manifest, deployment, bundle):
    kept = manifest("v1", "ConfigMap", "kept", namespace, data={"a": "1"})
    changing = manifest("v1", "ConfigMap", "changing", namespace, data={"a": "1"})
    for each in (kept, changing, deployment(namespace)):
        applied(cluster, each)
    wanted = bundle(deployment(namespace), kept, {**changing, "data": {"a": "2"}},
                    manifest("v1", "ConfigMap", "fresh", namespace, data={"b": "3"}))  # fmt: skip
    plan = plan_of(cluster, [wanted])
    assert verdicts(plan) == [
        ("ConfigMap kept", "unchanged"), ("ConfigMap changing", "change"), ("ConfigMap fresh", "create"),
        ("Deployment web", "unchanged"),
    ]  # fmt: skip
    assert [(row.path, row.before, row.after) for row in plan.objects[1].changes] == [("data.a", "1", "2")]
    assert [(row.path, row.before, row.after) for row in plan.objects[2].changes] == [("data.b", None, "3")]
    assert plan.objects[3].stage == "deployments"
    assert plan.may_apply
    assert plan.revisions == {"shop": wanted.revision}
    assert cluster.writes == []


def test_the_same_amount_written_otherwise_is_no_change(cluster, namespace, deployment, bundle):
    applied(cluster, deployment(namespace, resources={"limits": {"cpu": "1", "memory": "512Mi"}}))
    other = deployment(namespace, resources={"limits": {"cpu": "1000m", "memory": "0.5Gi"}})
    assert only(plan_of(cluster, [bundle(other)])).verdict == "unchanged"


def test_a_conflict_names_manager_field_and_time(cluster, namespace, manifest, bundle):
    held = manifest("v1", "ConfigMap", "c", namespace, data={"a": "theirs"})
    live, _ = applied(cluster, held, field_manager="other-tool")
    found = only(plan_of(cluster, [bundle({**held, "data": {"a": "ours"}})]))
    since = live["metadata"]["managedFields"][0]["time"]
    assert found.verdict == "conflict"
    assert [(owner.manager, owner.field, owner.since) for owner in found.owners] == [("other-tool", "data.a", since)]
    assert found.sentence == (
        f"ConfigMap {namespace}/c: other-tool owns data.a since {since}. "
        "Take it over to set the bundle's value, or change the manifest to agree."
    )
    assert [(row.before, row.after) for row in found.changes] == [("theirs", "ours")]


def test_a_conflict_taken_over_is_a_change(cluster, namespace, manifest, bundle):
    held = manifest("v1", "ConfigMap", "c", namespace, data={"a": "theirs"})
    applied(cluster, held, field_manager="other-tool")
    wanted = bundle({**held, "data": {"a": "ours"}})
    found = only(plan_of(cluster, [wanted], take_over=frozenset({ref_of(held).id})))
    assert found.verdict == "change"
    assert found.sentence.startswith("Taken over by force: other-tool owns data.a since ")
    assert [(row.path, row.before, row.after) for row in found.changes] == [("data.a", "theirs", "ours")]
    assert cluster.writes == []


def test_fields_of_a_list_are_named_readably_in_a_conflict(cluster, namespace, deployment, bundle):
    applied(cluster, deployment(namespace, env=[{"name": "A", "value": "1"}]), field_manager="other-tool")
    found = only(plan_of(cluster, [bundle(deployment(namespace, env=[{"name": "A", "value": "2"}]))]))
    assert [owner.field for owner in found.owners] == ["spec.template.spec.containers[app].env[A].value"]


def test_objects_of_a_namespace_that_is_part_of_the_plan_cannot_be_tried(cluster, manifest, deployment, bundle):
    found = plan_of(cluster, [bundle(manifest("v1", "Namespace", "new-shop"), deployment("new-shop"))])
    assert [(each.verdict, each.checked) for each in found.objects] == [("create", True), ("create", False)]
    assert found.may_apply


def test_their_shape_is_looked_at_all_the_same(cluster, manifest, deployment, bundle):
    broken = deployment("new-shop", imag="typo", ports=[{"containerPort": "eighty"}])
    del broken["spec"]["selector"]
    found = plan_of(cluster, [bundle(manifest("v1", "Namespace", "new-shop"), broken)]).objects[1]
    assert found.verdict == "invalid"
    assert found.sentence == (
        "Deployment new-shop/web: spec.selector is missing; "
        "spec.template.spec.containers[0].imag is no field of this kind; "
        "spec.template.spec.containers[0].ports[0].containerPort must be a number, it is text. Correct the manifest."
    )


def test_a_namespace_that_nobody_makes_is_missed(cluster, manifest, bundle):
    found = only(plan_of(cluster, [bundle(manifest("v1", "ConfigMap", "c", "nowhere"))]))
    assert (found.verdict, found.sentence) == (
        "invalid", "ConfigMap nowhere/c: namespace nowhere is not there. Create it, or add it to the bundle.",
    )  # fmt: skip


def test_a_namespace_that_is_being_deleted_takes_nothing(cluster, namespace, manifest, bundle):
    cluster.client.delete(f"/api/v1/namespaces/{namespace}")  # no controller here, so it stays in its ending
    found = plan_of(
        cluster, [bundle(manifest("v1", "Namespace", namespace), manifest("v1", "ConfigMap", "c", namespace))]
    )
    assert [each.verdict for each in found.objects] == ["invalid", "invalid"]
    assert found.objects[0].sentence == f"Namespace {namespace} is being deleted. Deploy again when it is gone."
    assert "is being deleted" in found.objects[1].sentence


@pytest.mark.parametrize(("api_version", "kind"), [("v1", "Gadget"), ("gone.example/v1", "ConfigMap")])
def test_a_kind_or_group_the_cluster_does_not_serve(cluster, namespace, manifest, bundle, api_version, kind):
    found = only(plan_of(cluster, [bundle(manifest(api_version, kind, "x", namespace))]))
    assert found.verdict == "invalid"
    assert f"serves no {kind} in {api_version}" in found.sentence


def test_a_kind_that_the_plan_itself_brings_is_taken_on_trust(cluster, namespace, manifest, bundle):
    names, versions = {"kind": "Robot", "plural": "robots"}, [{"name": "v1", "served": True, "storage": True}]
    spec = {"group": "toys.example", "scope": "Namespaced", "names": names, "versions": versions}
    definition = manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", "robots.toys.example", spec=spec)
    found = plan_of(cluster, [bundle(definition, manifest("toys.example/v1", "Robot", "r", namespace))])
    robot = next(each for each in found.objects if each.ref.kind == "Robot")
    assert (robot.verdict, robot.checked) == ("create", False)


def test_a_misspelt_field_is_invalid(cluster, namespace, deployment, bundle):
    found = only(plan_of(cluster, [bundle(deployment(namespace, imagee="x"))]))
    assert found.verdict == "invalid"
    assert "imagee" in found.sentence


def test_a_selector_cannot_change_and_it_says_what_a_new_one_costs(cluster, namespace, deployment, bundle):
    applied(cluster, deployment(namespace))
    labels = {"app": "other"}
    spec = {"selector": {"matchLabels": labels}}
    wanted = deployment(namespace, spec=spec)
    wanted["spec"]["template"]["metadata"]["labels"] = labels
    found = only(plan_of(cluster, [bundle(wanted)]))
    assert found.verdict == "invalid"
    assert "field is immutable" in found.sentence
    assert "Delete it and deploy again: all its pods go with it" in found.sentence


def test_rights_that_are_missing_are_told(cluster, namespace, manifest, bundle):
    said = ('configmaps "c" is forbidden: User "jane" cannot patch resource "configmaps" in API group "" in the '
            'namespace "x"')  # fmt: skip
    cluster.fail("apply", f"/api/v1/namespaces/{namespace}/configmaps/c", errors.Forbidden(403, "Forbidden", said))
    found = only(plan_of(cluster, [bundle(manifest("v1", "ConfigMap", "c", namespace))]))
    assert found.verdict == "forbidden"
    assert found.sentence == (
        f"ConfigMap {namespace}/c: jane may not patch configmaps in namespace {namespace}. "
        "Ask for a role that allows it, or sign in as someone who may."
    )


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (errors.TooManyRequests(429, "TooManyRequests", "slow down", retry_after=7), 503, "try again in 7 s"),
        (errors.Unavailable(503, "ServiceUnavailable", "etcd has no leader"), 503, "etcd has no leader"),
        (errors.Unreachable("the server refuses connections: nothing runs there now."), 503, "nothing runs there now"),
        (errors.Unauthorized(401, "Unauthorized", "Unauthorized"), 401, "Sign in again"),
    ],
)
@pytest.mark.parametrize("verb", ["get", "apply"])
def test_there_is_no_half_plan(cluster, namespace, manifest, bundle, error, status, words, verb):
    """What the cluster could not say must not look like an answer."""
    cluster.fail(verb, f"/api/v1/namespaces/{namespace}/configmaps/b", error)
    wanted = bundle(*(manifest("v1", "ConfigMap", name, namespace) for name in ("a", "b")))
    with pytest.raises(Refused) as refused:
        plan_of(cluster, [wanted])
    assert refused.value.status == status
    assert words in refused.value.sentence


def test_a_generated_secret_is_created_or_kept_and_no_value_is_told(cluster, namespace, bundle):
    there = GeneratedSecret(namespace, "there", generate={"password": 8})
    fresh = GeneratedSecret(namespace, "fresh", copy={"p": SecretKeySource(namespace, "there", "password")})
    value = base64.b64encode(b"very-private").decode()
    live = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "there"}, "data": {"password": value}}
    cluster.client.create(f"/api/v1/namespaces/{namespace}/secrets", live)
    plan = plan_of(cluster, [bundle(secrets=(there, fresh))])
    assert verdicts(plan) == [("Secret there", "unchanged"), ("Secret fresh", "create")]
    assert [(row.path, row.before, row.after) for row in plan.objects[1].changes] == [("data.p", None, "<generated>")]
    assert value not in repr(plan)
    assert cluster.writes == []


def test_a_generated_secret_that_lacks_a_key_is_told(cluster, namespace, bundle):
    live = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "YQ=="}}
    cluster.client.create(f"/api/v1/namespaces/{namespace}/secrets", live)
    found = only(plan_of(cluster, [bundle(secrets=(GeneratedSecret(namespace, "s", generate={"a": 3, "b": 3}),))]))
    assert found.verdict == "invalid"
    assert "lacks b" in found.sentence


def test_a_copy_needs_its_source(cluster, namespace, bundle):
    wanted = GeneratedSecret(namespace, "s", copy={"p": SecretKeySource(namespace, "nowhere", "k")})
    found = only(plan_of(cluster, [bundle(secrets=(wanted,))]))
    assert found.verdict == "invalid"
    assert f"p is copied from Secret {namespace}/nowhere, which is not there" in found.sentence


@dataclass(frozen=True)
class Made:
    ref: ObjectRef
    uid: str | None


@dataclass(frozen=True)
class Earlier:
    objects: tuple[Made, ...]


def test_what_an_earlier_revision_made_and_this_one_does_not_hold_is_removed(cluster, namespace, manifest, bundle):
    names = ("kept", "old", "namesake", "unknown-uid", "of-another")
    manifests = {name: manifest("v1", "ConfigMap", name, namespace, data={"a": "1"}) for name in names}
    made = []
    for name, each in manifests.items():
        live, _ = applied(cluster, each, field_manager="other" if name == "of-another" else "surgeboard")
        uid = {"namesake": "an-earlier-one", "unknown-uid": None, "of-another": None}.get(name, live["metadata"]["uid"])
        made.append(Made(ref_of(each), uid))
    gone = Made(ObjectRef("v1", "ConfigMap", namespace, "gone"), "x")
    secret, _ = applied(cluster, manifest("v1", "Secret", "private", namespace, data={"a": "YQ=="}))
    private = Made(ref_of(secret), secret["metadata"]["uid"])
    vanished = Made(ObjectRef("gone.example/v1", "Toy", namespace, "t"), "x")
    moved = replace(made[0], ref=replace(made[0].ref, api_version="v1"))
    earlier = Earlier((moved, *made[1:], gone, private, vanished))
    plan = plan_of(cluster, [bundle(manifests["kept"])], recorded={"shop": earlier})
    assert verdicts(plan) == [
        ("ConfigMap kept", "unchanged"), ("ConfigMap old", "remove"), ("ConfigMap unknown-uid", "remove"),
    ]  # fmt: skip


def test_a_plan_can_be_written_as_json(cluster, namespace, manifest, bundle):
    document = plan_of(cluster, [bundle(manifest("v1", "ConfigMap", "c", namespace, data={"a": "1"}))]).document()
    assert document["counts"] == {"create": 1}
    assert document["objects"][0]["changes"] == ({"path": "data.a", "before": None, "after": "1"},)


def test_two_bundles_are_one_plan(cluster, manifest):
    first = Bundle("first", (manifest("v1", "Namespace", "both"),))
    second = Bundle("second", (manifest("v1", "ConfigMap", "c", "both"),))
    plan = plan_of(cluster, [first, second])
    assert [(each.bundle, each.verdict) for each in plan.objects] == [("first", "create"), ("second", "create")]


def test_what_the_server_will_choose_is_not_told_as_if_it_were_known(cluster, namespace, manifest, bundle):
    spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": 31234}, {"port": 81, "name": "b"}]}
    spec["ports"][0]["name"] = "a"
    found = only(plan_of(cluster, [bundle(manifest("v1", "Service", "web", namespace, spec=spec))]))
    told = {row.path: row.after for row in found.changes}
    assert told["spec.clusterIP"] == told["spec.clusterIPs[0]"] == told["spec.ports[81/TCP].nodePort"] == "<allocated>"
    assert told["spec.ports[80/TCP].nodePort"] == "31234"


def test_replicas_are_left_to_the_autoscaler_even_where_an_earlier_apply_set_them(
    cluster, namespace, manifest, deployment, bundle
):
    applied(cluster, deployment(namespace, spec={"replicas": 4}))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 9}
    scaler = manifest("autoscaling/v2", "HorizontalPodAutoscaler", "web", namespace, spec=spec)
    for replicas in ({}, {"replicas": 2}):
        plan = plan_of(cluster, [bundle(deployment(namespace, spec=replicas), scaler)])
        assert verdicts(plan)[0] == ("Deployment web", "unchanged")


def test_a_webhook_that_takes_no_part_in_dry_runs_does_not_make_an_object_invalid(cluster, namespace, manifest, bundle):
    there = manifest("v1", "ConfigMap", "there", namespace, data={"a": "1"})
    applied(cluster, there)
    error = errors.BadRequest(400, "BadRequest", 'admission webhook "w.example" does not support dry run')
    for name in ("there", "fresh"):
        cluster.fail("apply", f"/api/v1/namespaces/{namespace}/configmaps/{name}", error)
    wanted = bundle({**there, "data": {"a": "2"}}, manifest("v1", "ConfigMap", "fresh", namespace))
    plan = plan_of(cluster, [wanted])
    assert [(each.verdict, each.checked) for each in plan.objects] == [("change", False), ("create", False)]
    assert [(row.before, row.after) for row in plan.objects[0].changes] == [("1", "2")]
    assert [each.state for each in drift_of(cluster, wanted).objects] == ["changed", "missing"]
