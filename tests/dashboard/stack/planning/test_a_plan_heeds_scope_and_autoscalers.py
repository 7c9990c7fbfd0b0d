"""What the files alone cannot tell: where a kind lives, and whose `replicas` are once the autoscaler has set them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from dashboard.kube import errors
from dashboard.stack.planning.dry_run import plan_of


def hpa_of(manifest: Any, namespace: str) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 5}
    return manifest("autoscaling/v2", "HorizontalPodAutoscaler", "web", namespace, spec=spec)


def test_the_number_in_the_file_is_no_conflict_with_the_autoscaler(cluster, namespace, manifest, deployment, bundle):
    web = deployment(namespace, spec={"replicas": 2})
    wanted = bundle(web, hpa_of(manifest, namespace))
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"

    first = plan_of(cluster, [wanted]).objects[0]
    assert first.verdict == "create"
    assert ("spec.replicas", None, "2") in [(row.path, row.before, row.after) for row in first.changes]

    cluster.client.apply(path, deployment(namespace))
    cluster.client.patch(path, {"spec": {"replicas": 4}}, field_manager="kube-controller-manager")
    plan = plan_of(cluster, [wanted])

    assert [each.verdict for each in plan.objects] == ["unchanged", "create"]
    assert plan.may_apply


def test_without_an_autoscaler_it_is(cluster, namespace, deployment, bundle):
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    cluster.client.apply(path, deployment(namespace))
    cluster.client.patch(path, {"spec": {"replicas": 4}}, field_manager="somebody")

    (web,) = plan_of(cluster, [bundle(deployment(namespace, spec={"replicas": 2}))]).objects

    assert web.verdict == "conflict"


def test_an_own_stack_needs_the_flag_for_what_belongs_to_the_whole_cluster(cluster, manifest, bundle):
    name = f"test-{uuid4().hex[:8]}"
    own = replace(
        bundle(manifest("v1", "Namespace", name)), own=True, places={f"Namespace//{name}": "shop/a.yaml line 1"}
    )

    (refused,) = plan_of(cluster, [own]).objects
    (allowed,) = plan_of(cluster, [replace(own, cluster_scoped=True)]).objects

    assert refused.verdict == "invalid"
    assert refused.sentence.startswith(f"shop/a.yaml line 1: Namespace {name} belongs to the whole cluster")
    assert allowed.verdict == "create"


def test_an_object_without_a_namespace_is_told_beside_the_others(cluster, namespace, manifest, bundle):
    plan = plan_of(
        cluster, [bundle(manifest("v1", "ConfigMap", "lost"), manifest("v1", "ConfigMap", "there", namespace))]
    )

    assert [each.verdict for each in plan.objects] == ["invalid", "create"]
    assert "add metadata.namespace, or a kustomization with `namespace:`" in plan.objects[0].sentence


def test_a_cluster_that_does_not_tell_its_kinds_gives_no_plan(cluster, namespace, manifest, bundle):
    cluster.fail("get", "/api/v1", errors.ApiError(500, "InternalError", "no"))

    with pytest.raises(Exception, match="The cluster does not answer about shop: no"):
        plan_of(cluster, [bundle(manifest("v1", "ConfigMap", "one", namespace))])
