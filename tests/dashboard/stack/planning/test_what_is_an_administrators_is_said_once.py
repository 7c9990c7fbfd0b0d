"""Objects of the whole cluster are an administrator's: one sentence a bundle, and never advice to give such rights."""

from __future__ import annotations

from dataclasses import replace

from dashboard.cli.plan_text import blocked
from dashboard.stack.bundles.bundle import GeneratedSecret
from dashboard.stack.planning.dry_run import plan_of
from dashboard.stack.preflight.check import findings

RBAC = "rbac.authorization.k8s.io/v1"
SAID = (
    "metrics-server holds objects of the whole cluster ({kinds}), which your account may not write. "
    "An administrator applies it: kubectl apply -k manifests/metrics-server."
)
UNTICK = " Untick it to deploy the rest."
KINDS = "ClusterRole, RoleBinding, APIService"


def of_the_cluster(bundle, manifest, namespace, **more):
    """As the bundle metrics-server is made."""
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    service = {"group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 1, "versionPriority": 1}
    objects = (
        manifest(RBAC, "ClusterRole", "a", rules=[]),
        manifest(RBAC, "ClusterRole", "b", rules=[]),
        manifest(RBAC, "RoleBinding", "c", namespace, roleRef=role, subjects=[]),
        manifest("v1", "Service", "metrics-server", namespace, spec={"ports": [{"port": 443}]}),
        manifest("apiregistration.k8s.io/v1", "APIService", "v1beta1.metrics.k8s.io", spec=service),
    )
    return replace(bundle(*objects, **more), name="metrics-server")


def test_a_plan_says_it_for_every_object_that_lacks_a_right(viewer, namespace, manifest, bundle):
    theirs = of_the_cluster(bundle, manifest, namespace)
    rest = bundle(manifest("v1", "ConfigMap", "c", namespace))
    plan = plan_of(viewer, [theirs, rest])
    said = {each.sentence for each in plan.objects if each.bundle == "metrics-server"}
    assert {each.verdict for each in plan.objects} == {"forbidden"}
    assert said == {SAID.format(kinds=KINDS) + UNTICK}
    (other,) = [each for each in plan.objects if each.bundle == "shop"]
    assert "may not patch configmaps" in (other.sentence or "")
    assert blocked(plan).count("administrator") == 1


def test_the_preflight_says_it_once_and_advises_no_such_right(viewer, namespace, manifest, bundle):
    theirs = of_the_cluster(bundle, manifest, namespace)
    rest = bundle(manifest("v1", "ConfigMap", "c", namespace))
    found = [each for each in findings(viewer, [theirs, rest], records_namespace="surgeboard") if each.blocks]
    (one,) = [each for each in found if each.subject == "metrics-server"]
    assert one.sentence == SAID.format(kinds=KINDS) + UNTICK
    assert one.remedy is None
    told = " ".join(f"{each.sentence} {each.remedy}" for each in found)
    assert "a Role in namespace" in told, "what is left is still advised"
    assert not any(word in told for word in ("ClusterRole with", "clusterroles", "rolebindings", "apiservices"))
    assert "services in namespace" not in told, "the bundle's own Service goes with it"


def test_where_it_is_all_that_was_chosen_there_is_nothing_to_untick(viewer, namespace, manifest, bundle):
    theirs = of_the_cluster(bundle, manifest, namespace)
    expected = SAID.format(kinds=KINDS)
    assert {each.sentence for each in plan_of(viewer, [theirs]).objects} == {expected}
    found = findings(viewer, [theirs], records_namespace="surgeboard")
    assert expected in [each.sentence for each in found]


def test_what_kubectl_could_not_make_is_deployed_by_us(viewer, namespace, manifest, bundle):
    secrets = (GeneratedSecret(namespace, "s", {"password": 20}),)
    (said,) = {
        each.sentence
        for each in plan_of(viewer, [of_the_cluster(bundle, manifest, namespace, secrets=secrets)]).objects
    }
    assert "An administrator applies it: surgeboard deploy metrics-server." in (said or "")


def test_of_a_folder_of_ones_own_no_path_is_known(viewer, namespace, manifest, bundle):
    own = of_the_cluster(bundle, manifest, namespace, own=True, cluster_scoped=True)
    (said,) = {each.sentence for each in plan_of(viewer, [own]).objects}
    assert (said or "").endswith("An administrator applies it.")


def test_who_may_do_all_hears_nothing_of_it(cluster, namespace, manifest, bundle):
    plan = plan_of(cluster, [of_the_cluster(bundle, manifest, namespace)])
    assert "administrator" not in " ".join(each.sentence or "" for each in plan.objects)
