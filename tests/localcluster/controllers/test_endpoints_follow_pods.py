"""EndpointSlices tell which pods answer for a Service."""

from __future__ import annotations

from typing import Any

from localcluster.client import Object
from localcluster.controllers.endpointslice import slices
from localcluster.resources import DEPLOYMENTS, ENDPOINT_SLICES, PODS, SERVICES, STATEFUL_SETS


def service(name: str, **spec: Any) -> Object:
    port = {"name": "http", "port": 80, "targetPort": "http"}
    return {"metadata": {"name": name}, "spec": {"selector": {"app": "web"}, "ports": [port], **spec}}


def endpoints(cluster: Any) -> list[Object]:
    return [one for found in cluster.all(ENDPOINT_SLICES) for one in found.get("endpoints") or []]


async def test_a_service_has_an_empty_slice_from_the_start(cluster: Any) -> None:
    await cluster.api.create(SERVICES, service("web"), namespace="demo")
    await cluster.until(lambda: cluster.all(ENDPOINT_SLICES))
    [found] = cluster.all(ENDPOINT_SLICES)
    assert (found["endpoints"], found["ports"], found["addressType"]) == (None, None, "IPv4")
    assert found["metadata"]["labels"] == {
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": "web",
    }
    assert found["metadata"]["ownerReferences"][0]["kind"] == "Service"


async def test_ready_pods_are_endpoints_with_the_number_of_a_named_port(cluster: Any, deployment: Object) -> None:
    await cluster.api.create(SERVICES, service("web"), namespace="demo")
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: len(endpoints(cluster)) == 2)
    [found] = cluster.all(ENDPOINT_SLICES)
    assert found["ports"] == [{"name": "http", "protocol": "TCP", "port": 8080}]
    pod = cluster.one(PODS, endpoints(cluster)[0]["targetRef"]["name"])
    assert endpoints(cluster)[0] == {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": True, "serving": True, "terminating": False},
        "targetRef": {
            "kind": "Pod", "namespace": "demo", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"],
        },
        "nodeName": "local",
    }  # fmt: skip


async def test_a_pod_on_its_way_out_still_serves_but_is_not_ready(cluster: Any, deployment: Object) -> None:
    deployment["spec"]["replicas"] = 1
    await cluster.api.create(SERVICES, service("web"), namespace="demo")
    await cluster.api.create(DEPLOYMENTS, deployment, namespace="demo")
    await cluster.until(lambda: len(endpoints(cluster)) == 1)
    cluster.kubelet.keep_terminating = True
    await cluster.api.delete(PODS, cluster.names(PODS)[0], namespace="demo")
    await cluster.until(lambda: endpoints(cluster)[0]["conditions"]["terminating"])
    assert endpoints(cluster)[0]["conditions"] == {"ready": False, "serving": True, "terminating": True}


async def test_a_headless_service_names_members_and_publishes_unready_ones(cluster: Any, pod_template: Object) -> None:
    await cluster.api.create(SERVICES, service("db", clusterIP="None", publishNotReadyAddresses=True), namespace="demo")
    spec = {"serviceName": "db", "replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": pod_template}
    cluster.kubelet.hold = lambda pod: True
    await cluster.api.create(STATEFUL_SETS, {"metadata": {"name": "db"}, "spec": spec}, namespace="demo")
    await cluster.until(lambda: cluster.one(PODS, "db-0") and cluster.one(PODS, "db-0")["spec"].get("nodeName"))
    await cluster.kubelet.report(cluster.one(PODS, "db-0"), "Running", ready=False)
    await cluster.until(lambda: endpoints(cluster))
    [found] = endpoints(cluster)
    assert found["hostname"] == "db-0"
    assert found["conditions"] == {"ready": True, "serving": False, "terminating": False}
    labels = cluster.all(ENDPOINT_SLICES)[0]["metadata"]["labels"]
    assert labels["service.kubernetes.io/headless"] == ""


def test_the_trigger_time_is_the_first_change_since_the_last_look() -> None:
    """At the first look the Service's own; later what is new, pod by pod; else none."""
    first = {"": "2026-11-23T04:00:00Z", "a": "2026-11-23T04:00:05Z"}
    assert slices.trigger_time(first, before=None) == "2026-11-23T04:00:00Z"
    later = {**first, "a": "2026-11-23T04:00:09Z", "b": "2026-11-23T04:00:07Z"}
    assert slices.trigger_time(later, before=first) == "2026-11-23T04:00:07Z"
    assert slices.trigger_time(later, before=later) is None
