"""Before anything is written, everything that is missing is listed at once, each with what to do."""

from __future__ import annotations

import pytest

from dashboard.errors import Refused
from dashboard.kube import errors, metrics_api
from dashboard.stack.bundles.bundle import GeneratedSecret
from dashboard.stack.planning.plan import Plan
from dashboard.stack.preflight import demand
from dashboard.stack.preflight.check import findings
from dashboard.stack.preflight.facts import Facts
from dashboard.stack.preflight.rights import needs_of

NODE = {
    "apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"},
    "status": {
        "allocatable": {"cpu": "1", "memory": "1Gi", "pods": "10"}, "conditions": [{"type": "Ready", "status": "True"}],
        "images": [{"names": ["docker.io/library/busybox:1"], "sizeBytes": 1}],
    },
}  # fmt: skip


def found(cluster, bundle, check):
    return [each for each in findings(cluster, [bundle], records_namespace="surgeboard") if each.check == check]


def said(cluster, bundle, check):
    return [(each.state, each.blocks, each.sentence) for each in found(cluster, bundle, check)]


@pytest.fixture
def node(admin):
    admin.create("/api/v1/nodes", NODE)
    yield
    admin.delete("/api/v1/nodes/n")


def test_who_may_do_all_is_asked_once(cluster, namespace, manifest, bundle):
    wanted = bundle(manifest("v1", "ConfigMap", "c", namespace))
    assert said(cluster, wanted, "rights") == [("ok", False, "You may change everything on this cluster.")]


def test_missing_verbs_come_with_the_rule_that_would_allow_them(viewer, namespace, manifest, deployment, bundle):
    wanted = bundle(manifest("v1", "ConfigMap", "c", namespace), deployment(namespace))
    lacking = {each.subject: each for each in found(viewer, wanted, "rights")}
    mine = lacking[f"deployments.apps in namespace {namespace}"]
    assert (mine.state, mine.blocks) == ("missing", True)
    assert mine.sentence == f"You may not create or patch deployments.apps in namespace {namespace}."
    assert mine.remedy == (
        f"Ask for a Role in namespace {namespace} with the rule "
        'apiGroups ["apps"], resources ["deployments"], verbs [create, patch].'
    )
    assert "leases.coordination.k8s.io in namespace surgeboard" in lacking


def test_no_right_to_change_is_missing_where_nothing_is_to_be_changed(
    viewer, cluster, namespace, manifest, deployment, bundle
):
    wanted = deployment(namespace)
    subject = f"deployments.apps in namespace {namespace}"
    assert subject in {each.subject for each in found(viewer, bundle(wanted), "rights")}
    cluster.client.apply(f"/apis/apps/v1/namespaces/{namespace}/deployments/web", wanted)
    assert subject not in {each.subject for each in found(viewer, bundle(wanted), "rights")}
    other = deployment(namespace, env=[{"name": "A", "value": "1"}])
    assert subject in {each.subject for each in found(viewer, bundle(other), "rights")}


def test_a_right_on_the_very_object_is_enough(viewer, admin, namespace, manifest, bundle):
    where = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles"
    rule = {"apiGroups": [""], "resources": ["services"], "resourceNames": ["s"], "verbs": ["get", "create", "patch"]}
    own = {"apiGroups": ["", "apps"], "resources": ["configmaps", "deployments"], "verbs": ["get", "list"]}
    admin.patch(f"{where}/viewer", {"rules": [own, rule]})
    subject = f"services in namespace {namespace}"
    wanted = manifest("v1", "Service", "s", namespace)
    assert subject not in {each.subject for each in found(viewer, bundle(wanted), "rights")}
    more = manifest("v1", "Service", "other", namespace)
    assert subject in {each.subject for each in found(viewer, bundle(wanted, more), "rights")}


def test_a_namespace_is_there_or_comes_or_is_missing(cluster, namespace, manifest, bundle):
    labels = {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
    coming = manifest("v1", "Namespace", "coming-with-it")
    coming["metadata"].update(labels)
    objects = [manifest("v1", "ConfigMap", "c", where) for where in (namespace, "coming-with-it", "forgotten")]
    assert said(cluster, bundle(coming, *objects), "namespaces") == [
        ("missing", True, "Namespace forgotten is not there."),
        ("ok", False, "Namespace coming-with-it will be created and enforces the Pod Security level restricted."),
        ("ok", False, f"Namespace {namespace} is there and enforces no Pod Security level."),
    ]


def test_without_metrics_an_autoscaler_is_said_to_be_blind_but_nothing_blocks(cluster, namespace, manifest, bundle):
    resource = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 3}
    spec["metrics"] = [{"type": "Resource", "resource": resource}]
    scaler = manifest("autoscaling/v2", "HorizontalPodAutoscaler", "web", namespace, spec=spec)
    (told,) = found(cluster, bundle(scaler), "metrics API")
    assert (told.state, told.blocks) == ("missing", False)
    assert "autoscaler web needs it" in told.sentence
    service = manifest("apiregistration.k8s.io/v1", "APIService", "v1beta1.metrics.k8s.io")
    assert found(cluster, bundle(scaler, service), "metrics API")[0].state == "ok"


def test_who_may_not_read_the_registration_still_hears_whether_metrics_come(cluster, namespace, manifest, bundle):
    scaler = manifest("autoscaling/v2", "HorizontalPodAutoscaler", "web", namespace, spec={"maxReplicas": 3})
    cluster.fail("get", metrics_api.PATH, errors.Forbidden(403, "Forbidden", "not for you"))
    assert found(cluster, bundle(scaler), "metrics API")[0].state == "missing"
    cluster.fail("get", metrics_api.ROOT, errors.Unavailable(503, "ServiceUnavailable", "no endpoints"))
    assert "registered but does not answer: no endpoints" in found(cluster, bundle(scaler), "metrics API")[0].sentence
    cluster.fail("get", metrics_api.ROOT, errors.Forbidden(403, "Forbidden", "not for you"))
    assert found(cluster, bundle(scaler), "metrics API")[0].state == "unknown"


def test_a_metrics_api_is_judged_by_its_registration(cluster, namespace, manifest, bundle):
    scaler = manifest("autoscaling/v2", "HorizontalPodAutoscaler", "web", namespace, spec={"maxReplicas": 3})
    spec = {"service": {"name": "prometheus-adapter", "namespace": "monitoring"}}
    registration = manifest("apiregistration.k8s.io/v1", "APIService", metrics_api.NAME, spec=spec)
    condition = {"type": "Available", "status": "False", "reason": "MissingEndpoints", "message": "no addresses"}
    registration["status"] = {"conditions": [condition]}
    cluster.answer(metrics_api.PATH, registration)
    assert "registered but does not answer: no addresses" in found(cluster, bundle(scaler), "metrics API")[0].sentence
    condition["status"] = "True"
    (told,) = found(cluster, bundle(scaler), "metrics API")
    assert (told.state, told.sentence.split("answers. ")[1]) == ("ok", "It is served by prometheus-adapter.")


def test_volumes_need_a_class(cluster, namespace, manifest, bundle):
    def claiming(**spec):
        claim = {"metadata": {"name": "data"}, "spec": spec}
        return bundle(manifest("apps/v1", "StatefulSet", "db", namespace, spec={"volumeClaimTemplates": [claim]}))

    ((state, blocks, sentence),) = said(cluster, claiming(storageClassName="golden"), "storage class")
    assert (state, blocks) == ("missing", True)
    assert sentence.startswith("StatefulSet db asks for storage class golden;")
    comes = manifest("storage.k8s.io/v1", "StorageClass", "golden")
    wanted = claiming(storageClassName="golden")
    assert said(cluster, bundle(comes, *wanted.objects), "storage class")[0][0] == "ok"
    assert said(cluster, claiming(storageClassName=""), "storage class")[0][0] == "unknown"


def test_a_taken_node_port_names_who_has_it(cluster, admin, namespace, manifest, bundle):
    def service(name, port):
        spec = {"type": "NodePort", "selector": {"app": "a"}, "ports": [{"port": 80, "nodePort": port}]}
        return manifest("v1", "Service", name, namespace, spec=spec)

    admin.create(f"/api/v1/namespaces/{namespace}/services", service("first", 31999))
    assert said(cluster, bundle(service("second", 31999)), "node port") == [
        ("missing", True, f"Node port 31999 is taken by Service {namespace}/first.")
    ]
    assert said(cluster, bundle(service("first", 31999)), "node port")[0][0] == "ok"


def test_a_quota_without_room_blocks_and_one_short_of_the_maximum_only_warns(
    cluster, namespace, manifest, deployment, bundle
):
    quota = manifest("v1", "ResourceQuota", "q", namespace, spec={"hard": {"requests.cpu": "500m", "pods": "5"}})
    target = {"kind": "Deployment", "name": "web"}
    scaler = manifest(
        "autoscaling/v2", "HorizontalPodAutoscaler", "web", namespace,
        spec={"scaleTargetRef": target, "maxReplicas": 8, "metrics": [{"type": "External"}]},
    )  # fmt: skip
    small = deployment(namespace, resources={"requests": {"cpu": "100m"}})
    start, most = sorted(found(cluster, bundle(quota, small, scaler), "quota"), key=lambda each: each.state)[::-1]
    assert (start.state, start.sentence) == ("ok", f"Quota {namespace}/q has room for the 1 pod to come.")
    assert (most.state, most.blocks) == ("missing", False)
    assert "pods 8 wanted, 5 left; requests.cpu 800m wanted, 500m left" in most.sentence
    large = deployment(namespace, resources={"requests": {"cpu": "600m"}})
    assert said(cluster, bundle(quota, large), "quota") == [
        ("missing", True, f"Quota {namespace}/q has no room for the first pods: requests.cpu 600m wanted, 500m left.")
    ]


@pytest.mark.usefixtures("node")
def test_nodes_without_room_are_told_with_figures(cluster, namespace, deployment, bundle):
    fits = deployment(namespace, resources={"requests": {"cpu": "300m", "memory": "64Mi"}})
    assert said(cluster, bundle(fits), "nodes") == [
        ("ok", False, "1 node with 1000m CPU, 1024Mi and 10 pods left; the plan asks for 300m CPU and 64Mi for 1 pods.")
    ]
    many = deployment(namespace, spec={"replicas": 4}, resources={"requests": {"cpu": "300m"}})
    assert said(cluster, bundle(many), "nodes")[0][0] == "missing"
    large = deployment(namespace, resources={"requests": {"cpu": "2"}})
    sentences = " ".join(each.sentence for each in found(cluster, bundle(large), "nodes"))
    assert "No node has room for one pod of Deployment web, which asks for 2000m CPU and 0Mi." in sentences


@pytest.mark.usefixtures("node")
def test_an_image_is_on_a_node_or_unknown(cluster, namespace, deployment, bundle):
    assert said(cluster, bundle(deployment(namespace)), "images") == [
        ("ok", False, "1 of 1 images are on a node already.")
    ]
    ((state, blocks, sentence),) = said(cluster, bundle(deployment(namespace, image="shop/app:2")), "images")
    assert (state, blocks) == ("unknown", False)
    assert "No node has shop/app:2 yet" in sentence


@pytest.mark.usefixtures("node")
def test_an_image_that_a_pod_has_run_is_there_whatever_its_node_tells(cluster, admin, namespace, deployment, bundle):
    pods = f"/api/v1/namespaces/{namespace}/pods"
    spec = {"containers": [{"name": "a", "image": "shop/app:2"}]}
    admin.create(pods, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
    wanted = bundle(deployment(namespace, image="docker.io/shop/app:2"))
    assert [state for state, _, _ in said(cluster, wanted, "images")] == ["unknown"]

    status = {"name": "a", "image": "shop/app:2", "imageID": "", "ready": True, "restartCount": 0}
    running = {**status, "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}
    admin.patch(f"{pods}/p/status", {"status": {"containerStatuses": [running]}})

    assert said(cluster, wanted, "images") == [("ok", False, "1 of 1 images are on a node already.")]


def test_what_may_not_be_read_is_unknown_and_never_fine(viewer, namespace, manifest, deployment, bundle):
    service = manifest("v1", "Service", "s", namespace, spec={"ports": [{"port": 80, "nodePort": 31998}]})
    told = findings(viewer, [bundle(service, deployment(namespace))], records_namespace="surgeboard")
    states = {each.check: each.state for each in told if each.check != "rights"}
    assert states == {"namespaces": "unknown", "node port": "unknown", "nodes": "unknown", "images": "unknown"}


def test_no_answer_is_no_preflight(cluster, namespace, manifest, bundle):
    cluster.fail("list", "/api/v1/services", errors.Unreachable("nothing runs there now."))
    service = manifest("v1", "Service", "s", namespace, spec={"ports": [{"port": 80, "nodePort": 31997}]})
    with pytest.raises(Refused, match="does not answer about the preflight"):
        findings(cluster, [bundle(service)], records_namespace="surgeboard")


def test_only_what_blocks_stands_in_the_way_of_applying(cluster, namespace, manifest, bundle):
    lacking = findings(cluster, [bundle(manifest("v1", "ConfigMap", "c", "forgotten"))], records_namespace="surgeboard")
    assert not Plan({}, (), lacking).may_apply
    assert Plan({}, (), tuple(each for each in lacking if not each.blocks)).may_apply


def test_a_pod_asks_for_its_containers_or_its_largest_init_container():
    def container(cpu, **more):
        return {"resources": {"requests": {"cpu": cpu}}, **more}

    spec = {"containers": [container("100m"), {"resources": {"limits": {"cpu": "50m", "memory": "1Mi"}}}]}
    assert demand.requests_of({"spec": spec}) == demand.Demand(1, 150.0, 2**20)
    initial = [container("400m"), container("10m", restartPolicy="Always")]
    assert demand.requests_of({"spec": {**spec, "initContainers": initial}}).cpu == 400.0


def test_what_several_parts_need_of_the_same_resource_is_one_need(cluster, namespace, manifest, bundle):
    wanted = bundle(manifest("v1", "Secret", "a", namespace), secrets=(GeneratedSecret(namespace, "b"),))
    needs = [need for need in needs_of(Facts(cluster, [wanted]), namespace) if need.resource == "secrets"]
    assert [need.verbs for need in needs] == [("get", "create", "patch")]
    facts = Facts(cluster, [bundle(manifest("v1", "ConfigMap", "c", namespace))])
    of_records = [need for need in needs_of(facts, namespace) if need.resource == "configmaps"]
    assert [sorted(need.verbs) for need in of_records] == [["create", "delete", "get", "list", "patch"]]
