"""Drift is what applying again would restore; managedFields tell who set what is there now."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.kube.requests import STRATEGIC
from dashboard.stack.bundles.bundle import GeneratedSecret
from dashboard.stack.planning.drift import drift_of, judged


@pytest.fixture
def deployed(cluster, namespace, deployment, bundle) -> Any:
    """A Deployment as the bundle has it, applied; its path."""
    wanted = deployment(namespace, env=[{"name": "A", "value": "1"}])
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    cluster.client.apply(path, wanted)
    return bundle(wanted), path


def only(drift: Any) -> Any:
    (each,) = drift.objects
    return each


def container(**fields: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": "app", **fields}]}}}}


def test_what_nobody_touched_is_as_applied(cluster, deployed):
    drift = drift_of(cluster, deployed[0])
    assert (only(drift).state, only(drift).sentence, drift.is_clean) == ("as applied", None, True)
    assert cluster.writes == []


def test_a_changed_field_names_who_set_it_and_when(cluster, deployed):
    wanted, path = deployed
    live = cluster.client.patch(path, container(image="other:2"), content_type=STRATEGIC, field_manager="kubectl-set")
    since = next(each["time"] for each in live["metadata"]["managedFields"] if each["manager"] == "kubectl-set")
    found = only(drift_of(cluster, wanted))
    field = "spec.template.spec.containers[app].image"
    assert found.state == "changed"
    assert [(row.path, row.before, row.after) for row in found.changes] == [(field, "other:2", "busybox:1")]
    assert [(each.manager, each.field, each.since, each.operation) for each in found.owners] == [
        ("kubectl-set", field, since, "Update")
    ]
    assert found.added == ()
    assert found.sentence == f"kubectl-set at {since} set {field}."


def test_what_is_taken_away_has_no_owner_and_that_is_said(cluster, deployed):
    wanted, path = deployed
    gone = {"env": [{"name": "A", "$patch": "delete"}]}
    cluster.client.patch(path, container(**gone), content_type=STRATEGIC, field_manager="kubectl-edit")
    found = only(drift_of(cluster, wanted))
    assert found.state == "changed"
    assert [(row.before, row.after) for row in found.changes] == [(None, "A"), (None, "1")]
    assert found.owners == ()
    assert "what is taken away has no owner" in found.sentence


def test_what_others_add_is_told_once_and_is_no_change(cluster, deployed):
    wanted, path = deployed
    added = {"env": [{"name": "DEBUG", "value": "1"}]}
    cluster.client.patch(path, container(**added), content_type=STRATEGIC, field_manager="kubectl-set")
    note = {"metadata": {"annotations": {"a.example/note": "x"}}}
    cluster.client.patch(path, note, field_manager="kubectl-annotate")
    found = only(drift_of(cluster, wanted))
    assert found.state == "as applied"
    assert sorted((each.manager, each.field) for each in found.added) == [
        ("kubectl-annotate", "metadata.annotations[a.example/note]"),
        ("kubectl-set", "spec.template.spec.containers[app].env[DEBUG]"),
    ]
    assert "deploying again leaves that as it is" in found.sentence


def test_scaling_by_hand_is_told_where_the_bundle_leaves_the_number_open(cluster, deployed):
    wanted, path = deployed
    cluster.client.patch(f"{path}/scale", {"spec": {"replicas": 4}}, field_manager="kubectl")
    found = only(drift_of(cluster, wanted))
    assert (found.state, found.changes) == ("as applied", ())
    assert [(each.manager, each.field, each.subresource) for each in found.added] == [
        ("kubectl", "spec.replicas", "scale")
    ]
    assert found.sentence.startswith("Scaled by kubectl")


def test_scaling_by_hand_is_drift_where_the_bundle_says_the_number(cluster, namespace, deployment, bundle):
    wanted = deployment(namespace, spec={"replicas": 2})
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    cluster.client.apply(path, wanted)
    cluster.client.patch(f"{path}/scale", {"spec": {"replicas": 4}}, field_manager="kubectl")
    found = only(drift_of(cluster, bundle(wanted)))
    assert [(row.path, row.before, row.after) for row in found.changes] == [("spec.replicas", "4", "2")]
    assert [(each.manager, each.subresource) for each in found.owners] == [("kubectl", "scale")]
    assert found.added == ()


def test_the_number_that_an_autoscaler_of_the_bundle_sets_is_no_drift(cluster, namespace, manifest, deployment, bundle):
    wanted = deployment(namespace, spec={"replicas": 2})
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    cluster.client.apply(path, wanted)
    cluster.client.patch(f"{path}/scale", {"spec": {"replicas": 7}}, field_manager="kube-controller-manager")
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 9}
    scaler = manifest("autoscaling/v2", "HorizontalPodAutoscaler", "web", namespace, spec=spec)
    found = drift_of(cluster, bundle(wanted, scaler)).objects[0]
    assert (found.state, found.changes, found.added) == ("as applied", (), ())


def test_replicas_of_an_earlier_apply_are_no_drift_once_there_is_an_autoscaler(
    cluster, namespace, manifest, deployment, bundle
):
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    cluster.client.apply(path, deployment(namespace, spec={"replicas": 4}))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 9}
    scaler = manifest("autoscaling/v2", "HorizontalPodAutoscaler", "web", namespace, spec=spec)
    found = drift_of(cluster, bundle(deployment(namespace), scaler)).objects[0]
    assert (found.state, found.changes) == ("as applied", ())


def test_the_number_that_anybodys_autoscaler_sets_is_no_drift(cluster, namespace, deployment, bundle):
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    wanted = deployment(namespace, spec={"replicas": 2})
    cluster.client.apply(path, wanted)
    cluster.client.patch(f"{path}/scale", {"spec": {"replicas": 7}}, field_manager="kube-controller-manager")
    assert drift_of(cluster, bundle(wanted)).is_clean


def an_entry(manager: str, fields: Any, time: str | None = None, subresource: str = "") -> dict[str, Any]:
    entry = {"manager": manager, "operation": "Update", "apiVersion": "v1", "fieldsV1": fields}
    return {**entry, **({"time": time} if time else {}), **({"subresource": subresource} if subresource else {})}


def test_of_several_who_set_a_field_the_latest_is_named(manifest):
    live = manifest("v1", "ConfigMap", "c", "shop", data={"a": "now"})
    held = {"f:data": {"f:a": {}}}
    live["metadata"]["managedFields"] = [
        an_entry("first", held, "2026-11-23T05:00:00Z"), an_entry("last", held, "2026-11-23T07:00:00Z"),
        an_entry("second", held, "2026-11-23T06:00:00Z"), an_entry("reporter", held, "2026-11-23T08:00:00Z", "status"),
        an_entry("surgeboard", held, "2026-11-23T09:00:00Z"), an_entry("timeless", held),
    ]  # fmt: skip
    found = judged(live, {**live, "data": {"a": "wanted"}})
    assert [(owner.manager, owner.since) for owner in found.owners] == [("last", "2026-11-23T07:00:00Z")]


def test_a_recorded_scaling_by_its_autoscaler_is_no_drift(recorded_answers):
    live = recorded_answers("deployment scaled by its autoscaler")["response"]
    found = judged(live, live)
    assert (found.state, found.added[0].manager) == ("as applied", "golden")  # whoever set it up is another to us
    assert not any(each.field == "spec.replicas" for each in found.added)


def test_a_recorded_scaling_by_another_has_no_time(recorded_answers):
    """A real API server keeps no time for what goes through the scale subresource."""
    live = recorded_answers("deployment scaled by another")["response"]
    scaling = [each for each in judged(live, live).added if each.subresource == "scale"]
    assert scaling == [] or scaling[0].since is None


def test_what_is_gone_is_missing(cluster, namespace, manifest, bundle):
    found = only(drift_of(cluster, bundle(manifest("v1", "ConfigMap", "c", namespace))))
    assert (found.state, found.sentence) == (
        "missing", f"ConfigMap {namespace}/c is not there; deploying again makes it.",
    )  # fmt: skip


def test_what_may_not_be_read_is_unknown(cluster, namespace, manifest, bundle):
    error = errors.Forbidden(403, "Forbidden", 'User "jane" cannot get resource "configmaps" in API group ""')
    cluster.fail("get", f"/api/v1/namespaces/{namespace}/configmaps/c", error)
    found = only(drift_of(cluster, bundle(manifest("v1", "ConfigMap", "c", namespace))))
    assert found.state == "unknown"
    assert "jane may not get configmaps" in found.sentence


def test_a_cluster_that_does_not_answer_has_no_drift_to_tell(cluster, namespace, manifest, bundle):
    cluster.fail("get", f"/api/v1/namespaces/{namespace}/configmaps/c", errors.Unreachable("nothing runs there"))
    with pytest.raises(Refused) as refused:
        drift_of(cluster, bundle(manifest("v1", "ConfigMap", "c", namespace)))
    assert refused.value.status == 503


def test_a_generated_secret_is_known_by_its_keys(cluster, namespace, bundle):
    wanted = bundle(secrets=(GeneratedSecret(namespace, "s", generate={"a": 3, "b": 3}),))
    assert only(drift_of(cluster, wanted)).state == "missing"
    live = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "cHJpdmF0ZQ=="}}
    cluster.client.create(f"/api/v1/namespaces/{namespace}/secrets", live)
    found = drift_of(cluster, wanted)
    assert [(row.path, row.before) for row in only(found).changes] == [("data.b", None)]
    assert "cHJpdmF0ZQ==" not in repr(found)
    cluster.client.patch(f"/api/v1/namespaces/{namespace}/secrets/s", {"data": {"b": "YQ=="}})
    assert drift_of(cluster, wanted).is_clean


def test_drift_can_be_written_as_json(cluster, deployed):
    document = drift_of(cluster, deployed[0]).document()
    assert document["objects"][0]["state"] == "as applied"
    assert document["objects"][0]["id"].startswith("Deployment.apps/")
