"""With a credential that may only read: plans are refused object by object, drift is told all the same."""

from __future__ import annotations

import base64

from dashboard.stack.planning.drift import drift_of
from dashboard.stack.planning.dry_run import plan_of
from dashboard.stack.planning.overlay import overlaid
from dashboard.stack.planning.removal import removal_of
from dashboard.stack.planning.trial import LEFT_TO_OTHERS


def test_a_plan_says_of_each_object_which_right_is_missing(viewer, namespace, manifest, deployment, bundle):
    wanted = bundle(
        manifest("v1", "ConfigMap", "c", namespace, data={"a": "1"}), manifest("v1", "Service", "s", namespace),
        deployment(namespace),
    )  # fmt: skip
    plan = plan_of(viewer, [wanted])
    who = f"system:serviceaccount:{namespace}:viewer"
    assert {each.verdict for each in plan.objects} == {"forbidden"}
    assert [each.sentence.split(". ")[0] for each in plan.objects] == [
        f"ConfigMap {namespace}/c: {who} may not patch configmaps in namespace {namespace}",
        f"Service {namespace}/s: {who} may not get services in namespace {namespace}",
        f"Deployment {namespace}/web: {who} may not patch deployments.apps in namespace {namespace}",
    ]
    assert not plan.may_apply


def test_who_may_only_read_sees_what_changed(viewer, cluster, namespace, deployment, bundle):
    wanted = deployment(
        namespace, env=[{"name": "A", "value": "1"}], ports=[{"containerPort": 80}], resources={"limits": {"cpu": 0.5}}
    )
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    cluster.client.apply(path, wanted)
    assert drift_of(viewer, bundle(wanted)).is_clean
    image = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "other:2"}]
    cluster.client.patch(path, image, content_type="application/json-patch+json", field_manager="kubectl-patch")
    (found,) = drift_of(viewer, bundle(wanted)).objects
    assert [(row.path, row.before, row.after) for row in found.changes] == [
        ("spec.template.spec.containers[app].image", "other:2", "busybox:1")
    ]
    assert [owner.manager for owner in found.owners] == ["kubectl-patch"]
    assert found.added == ()


def test_what_they_may_not_read_is_unknown_and_not_missing(viewer, namespace, manifest, bundle):
    (found,) = drift_of(viewer, bundle(manifest("v1", "Service", "s", namespace))).objects
    assert found.state == "unknown"
    assert "may not get services" in found.sentence


def test_a_teardown_says_what_could_not_be_judged(viewer, namespace, manifest, bundle):
    (item,) = removal_of(viewer, bundle(manifest("v1", "Service", "s", namespace)), None).stays
    assert item.uid is None
    assert "may not get services" in item.why


def test_a_secret_laid_over_compares_as_it_is_stored():
    live = {"kind": "Secret", "data": {"a": base64.b64encode(b"1").decode(), "b": "x"}}
    assert overlaid(live, {"kind": "Secret", "stringData": {"a": "1"}}) == live


def test_what_a_manifest_does_not_name_stays():
    live = {"spec": {"list": [{"name": "a", "x": 1, "y": 2}, {"name": "b"}], "rules": [{"v": 1, "w": 2}], "z": 3}}
    wanted = {"spec": {"list": [{"name": "c"}, {"name": "a", "x": 5}], "rules": [{"v": 7}]}}
    assert overlaid(live, wanted) == {
        "spec": {
            "list": [{"name": "a", "x": 5, "y": 2}, {"name": "b"}, {"name": "c"}], "rules": [{"v": 7, "w": 2}], "z": 3,
        }
    }  # fmt: skip


def test_what_is_as_wanted_needs_no_right_to_change_it(viewer, cluster, namespace, deployment, bundle):
    wanted = deployment(namespace)
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    cluster.client.apply(path, wanted)
    plan = plan_of(viewer, [bundle(wanted)])
    assert [(each.verdict, each.sentence) for each in plan.objects] == [("unchanged", LEFT_TO_OTHERS)]

    cluster.client.patch(path, {"spec": {"replicas": 0, "minReadySeconds": 7}})
    other = deployment(namespace, env=[{"name": "A", "value": "1"}])
    assert [each.verdict for each in plan_of(viewer, [bundle(other)]).objects] == ["forbidden"]
