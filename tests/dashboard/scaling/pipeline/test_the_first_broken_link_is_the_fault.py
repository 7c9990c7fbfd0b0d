"""Each fault is found at its own link, by the API's own words; what follows from it is unknown and not broken too."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.kube import errors, metrics_api

ALL = ("api_service", "available", "endpoints", "kubelet_tls", "fresh", "requests", "hpa")


def only_broken(way: Any, fault: str) -> Any:
    """The link, once it is certain that it is the one that is broken."""
    found = way.judged()
    assert found.fault == fault
    assert [each.id for each in found.links if each.state == "broken"] == [fault]
    assert all("since" in each.text for each in found.links if each.state == "unknown")
    return next(each for each in found.links if each.id == fault)


def test_all_is_well(way: Any) -> None:
    found = way.judged()
    assert {each.id: each.state for each in found.links} == dict.fromkeys(ALL, "ok")
    assert (found.fault, found.repair) == (None, None)
    assert found.sentence == "HPA golden-hpa/app gets its figures: the newest is 9 s old."
    assert not any(path.endswith("/log") for path in way.asked), "nobody needs a log when all is well"


def test_a_missing_registration_is_the_users_own_story(way: Any) -> None:
    way.no_figures(19.18)
    del way.paths[metrics_api.PATH]

    link = only_broken(way, "api_service")

    assert link.cause == 'apiservices "v1beta1.metrics.k8s.io" not found'
    found = way.judged()
    assert found.sentence == (
        "HPA golden-hpa/app gets no figures, because nothing serves the metrics API: metrics-server is not there."
    )
    assert found.repair["bundle"] == "metrics-server"
    hpa = way.link("hpa")
    assert hpa.text == "reads nothing, since no metrics API is registered"
    assert "the server could not find the requested resource (get pods.metrics.k8s.io)" in hpa.cause
    assert way.states()["requests"] == "ok", "what can be judged is judged"


def test_a_server_that_is_only_not_registered_is_told_apart(way: Any) -> None:
    del way.paths[metrics_api.PATH]
    way.deployments["kube-system", "metrics-server"] = {"namespace": "kube-system", "name": "metrics-server"}
    way.no_figures(19.18)

    assert "Deployment kube-system/metrics-server is there" in only_broken(way, "api_service").text
    assert way.judged().sentence.endswith("metrics-server is there, but not registered.")


def test_an_api_that_the_api_server_does_not_reach(way: Any) -> None:
    words = "failing or missing response from https://10.96.4.2:443/apis/metrics.k8s.io/v1beta1: i/o timeout"
    way.not_available("FailedDiscoveryCheck", words)

    link = only_broken(way, "available")

    assert (link.text, link.cause) == ("FailedDiscoveryCheck", words)
    assert "NetworkPolicy" in link.advice
    assert way.judged().sentence == (
        f"HPA golden-hpa/app gets no figures, because the API server does not reach metrics-server: {words}."
    )


def test_an_api_that_is_called_available_and_does_not_answer(way: Any) -> None:
    """Kubernetes looks at the certificate with every request, but not where it says whether the API is available."""
    words = "error trying to reach service: tls: failed to verify certificate: x509: signed by unknown authority"
    way.paths["/apis/metrics.k8s.io/v1beta1/nodes"] = errors.Unavailable(503, "ServiceUnavailable", words)

    link = only_broken(way, "available")

    assert (link.text, link.cause) == ("called available, but it does not answer", words)
    assert link.advice.startswith("The caBundle of its APIService does not fit the certificate")
    assert "kubectl patch apiservice v1beta1.metrics.k8s.io" in link.advice
    assert way.judged().repair is not None
    way.paths["/apis/metrics.k8s.io/v1beta1/nodes"] = errors.Unavailable(
        503, "ServiceUnavailable", "error trying to reach service: i/o timeout"
    )
    assert "NetworkPolicy" in only_broken(way, "available").advice


def test_a_service_that_is_missing(way: Any) -> None:
    words = 'service/metrics-server in "kube-system" is not present'
    way.not_available("ServiceNotFound", words)
    del way.paths["/api/v1/namespaces/kube-system/services/metrics-server"]

    link = only_broken(way, "endpoints")

    assert (link.text, link.cause) == (
        "Service kube-system/metrics-server is missing", 'services "metrics-server" not found'
    )  # fmt: skip
    assert way.link("available").cause == words, "the API's own words stay where they were seen"


def test_a_service_without_pods(way: Any) -> None:
    way.not_ready()
    way.paths["/api/v1/namespaces/kube-system/pods"] = []

    assert only_broken(way, "endpoints").text == "no pod has the labels k8s-app=metrics-server"

    row = {"namespace": "kube-system", "name": "metrics-server", "replicas": 0}
    way.deployments["kube-system", "metrics-server"] = row
    assert only_broken(way, "endpoints").text == "Deployment kube-system/metrics-server is scaled to 0"
    way.deployments["kube-system", "metrics-server"] = {**row, "replicas": 1, "reason": "exceeded quota: pods"}
    assert only_broken(way, "endpoints").cause == "exceeded quota: pods"


def test_a_server_that_has_only_just_been_made_is_not_broken(way: Any) -> None:
    pod = way.server(ready=False)
    pod["metadata"]["creationTimestamp"] = "2026-11-23T04:59:40Z"
    way.not_ready(pod)

    found = way.judged()

    assert (found.fault, found.repair) == (None, None)
    assert way.link("endpoints").text == "its pod is starting; it is ready once it has read the nodes"
    assert way.link("available").text == "not available, since its server is starting"
    assert found.sentence.startswith("metrics-server is starting")

    pod["status"]["containerStatuses"][0]["restartCount"] = 1

    assert way.judged().fault == "endpoints"


@pytest.mark.parametrize(
    ("state", "last", "text", "cause"),
    [
        (
            {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container"}},
            {"terminated": {"exitCode": 2, "reason": "Error", "message": "unknown flag: --metrics"}},
            "Pod metrics-server-x: CrashLoopBackOff",
            "Container metrics-server ended with exit code 2 (Error): unknown flag: --metrics",
        ),
        (
            {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}},
            None,
            "Pod metrics-server-x: ImagePullBackOff",
            "Back-off pulling image",
        ),
    ],
)
def test_a_server_that_does_not_start(way: Any, state: Any, last: Any, text: str, cause: str) -> None:
    way.not_ready(way.server(state, restartCount=4, **({"lastState": last} if last else {})))

    link = only_broken(way, "endpoints")

    assert (link.text, link.cause) == (text, cause)
    available = way.link("available")
    assert available.text == "not available, since its server is not ready"
    assert available.cause == (
        'endpointslices for service/metrics-server in "kube-system" have no addresses with port name "https"'
    )


def test_the_last_words_of_a_server_that_crashed(way: Any) -> None:
    ended = {"terminated": {"exitCode": 2, "reason": "Error"}}
    way.not_ready(way.server({"waiting": {"reason": "CrashLoopBackOff"}}, restartCount=4, lastState=ended))
    way.log = ["usage: metrics-server", "unknown flag: --metrics", ""]

    cause = only_broken(way, "endpoints").cause

    assert cause == "Container metrics-server ended with exit code 2 (Error): unknown flag: --metrics"
    assert way.previous is True


def test_a_pod_that_finds_no_node(way: Any) -> None:
    pod = way.server()
    words = "0/1 nodes are available: 1 Insufficient cpu."
    pod["status"] = {"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}]}  # fmt: skip
    way.not_ready(pod)

    assert only_broken(way, "endpoints").cause == words


def test_kubelets_that_signed_their_own_certificates(way: Any, x509: str) -> None:
    way.not_ready()
    way.log = ["I1123 serving", x509, "I1123 another line"]

    link = only_broken(way, "kubelet_tls")

    assert link.text == "node kind-control-plane: the kubelet's certificate is not accepted"
    assert link.cause.startswith('Get "https://172.18.0.2:10250/metrics/resource": tls: failed to verify certificate')
    assert "--kubelet-insecure-tls" in link.advice
    assert way.link("endpoints").text == "not ready, since the nodes cannot be read"
    found = way.judged()
    assert found.sentence.startswith(
        "HPA golden-hpa/app gets no figures, because metrics-server cannot read every node"
    )
    assert found.repair["needed"] is True


NO_ROUTE = 'err="Get \\"https://10.0.0.7:10250/metrics/resource\\": dial tcp: no route to host" node="worker"'
REFUSED = 'err="request failed, status: \\"403 Forbidden\\"" node="worker"'
LOCAL = "WARNING node local could not be read: GET https://127.64.0.1:10250/metrics/resource"
NOT_SIGNED = "failed: [SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer certificate"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (f'"Failed to scrape node" {REFUSED}', "node worker: the kubelet does not let it read"),
        (f'"Failed to scrape node" {NO_ROUTE}', "node worker: the kubelet cannot be reached"),
        (f"{LOCAL} answered 401", "node local: the kubelet does not let it read"),
        (f"{LOCAL} {NOT_SIGNED}", "node local: the kubelet's certificate is not accepted"),
    ],
)
def test_other_reasons_why_a_node_is_not_read(way: Any, line: str, text: str) -> None:
    way.not_ready()
    way.log = [line]
    assert only_broken(way, "kubelet_tls").text == text


def test_one_node_of_two_without_figures(way: Any) -> None:
    way.paths["/api/v1/nodes"].append(way.node("worker"))

    link = only_broken(way, "kubelet_tls")

    assert link.text == "no figures of node worker"
    way.paths["/api/v1/nodes"][1] = way.node("worker", ready=False)
    assert only_broken(way, "kubelet_tls").text == "no figures of node worker, not Ready"


def test_stale_figures(way: Any) -> None:
    way.pods = [way.pod("app-1", age=9), way.pod("app-2", age=95)]

    link = only_broken(way, "fresh")

    assert link.text == "those of app-2 are 95 s old; they come every 15 s"
    assert way.judged().repair is None, "applying what is applied mends nothing"


def test_pods_without_a_figure_are_named_once_they_are_due(way: Any) -> None:
    way.pods = [way.pod("app-1"), way.pod("app-2", age=None, lived=20)]
    assert way.link("fresh").text == "9 s old; 1 of 2 pods too young"

    way.pods = [way.pod("app-1"), way.pod("app-2", age=None)]

    assert only_broken(way, "fresh").text == "none of app-2"
    way.pods = [way.pod("app-1", age=None, lived=20)]
    assert way.link("fresh").state == "unknown"


def test_containers_that_ask_for_no_cpu(way: Any) -> None:
    """The HPA was recorded to say which container of which pod; the pods' rows say the same of all."""
    way.hpa = way.recorded_hpa(79.281)
    way.pods = [way.pod("noreq-1", lacks={"cpu": ["main"], "memory": ["main"]})]

    link = only_broken(way, "requests")

    assert link.text == "container main asks for no cpu in 1 of 1 pods"
    assert link.advice == "Set resources.requests.cpu on container main of Deployment noreq."
    assert "missing request for cpu in container main of Pod noreq" in way.link("hpa").cause


def test_requests_matter_where_the_hpa_divides_by_them(way: Any) -> None:
    way.pods = [way.pod("app-1", lacks={"cpu": ["sidecar"]})]
    metric = {"type": "ContainerResource", "name": "cpu", "container": "main", "target": {"utilization": 50}}
    way.hpa["metrics"] = [metric]
    assert way.states()["requests"] == "ok"
    way.hpa["metrics"] = [{**metric, "container": "sidecar"}]
    assert way.states()["requests"] == "broken"
    way.hpa["metrics"] = [{"type": "Resource", "name": "cpu", "target": {"average_value": "200m"}}]
    assert way.link("requests").text == "not needed: its target is an amount, not a share"


def test_an_hpa_that_reads_only_one_of_its_metrics(way: Any) -> None:
    read = {"type": "Resource", "name": "cpu", "target": {"utilization": 50}, "current": {"utilization": 60}}
    lost = {"type": "External", "name": "queue", "target": {"average_value": "30"}, "current": None}
    way.hpa["metrics"], way.well_for_s = [read, lost], 3600.0
    told = "reads CPU, but not queue (external): until it can, it only grows"
    assert only_broken(way, "hpa").text == told
    assert way.judged().sentence == f"HPA golden-hpa/app {told}."
    way.hpa["metrics"] = [read]
    assert way.link("hpa").state == "ok"


def test_an_hpa_whose_target_is_missing(way: Any) -> None:
    way.hpa, way.pods = way.recorded_hpa(19.212), []

    link = way.link("hpa")

    assert (link.state, link.text) == ("broken", "its target Deployment missing is not found")
    assert link.cause.endswith('deployments.apps "missing" not found')
    assert way.judged().fault == "hpa"


def test_what_an_hpa_said_before_the_repair_is_not_held_against_it_at_once(way: Any) -> None:
    way.hpa = way.recorded_hpa(64.235)
    way.well_for_s = 10
    assert way.states()["hpa"] == "unknown"
    assert way.judged().fault is None

    way.well_for_s = 60

    assert only_broken(way, "hpa").text == "FailedGetResourceMetric"


def test_another_provider_is_named_and_not_called_broken(way: Any) -> None:
    way.provided_by("monitoring", "prometheus-adapter")
    way.paths["/apis/metrics.k8s.io/v1beta1/nodes"] = []

    found = way.judged()

    assert found.fault is None
    assert way.link("api_service").text == "served by prometheus-adapter"
    assert way.link("kubelet_tls").text == "prometheus-adapter gets its figures in its own way"


def test_another_provider_that_is_down_is_not_replaced(way: Any) -> None:
    way.not_ready()
    way.provided_by("monitoring", "prometheus-adapter")
    found = way.judged()
    assert (found.fault, found.repair) == ("endpoints", None)
    assert "because prometheus-adapter is not ready" in found.sentence


def test_without_an_hpa_nothing_is_missed(way: Any) -> None:
    way.hpa, way.pods = None, []
    found = way.judged()
    assert found.fault is None
    assert found.sentence == "The metrics API answers; no HPA reads it yet."


def test_a_cluster_that_does_not_answer_is_unknown_all_the_way(way: Any) -> None:
    way.paths[metrics_api.PATH] = errors.Unreachable("nobody is there")
    way.pods, way.hpa = [], None
    found = way.judged()
    assert {each.state for each in found.links} == {"unknown"}
    assert found.sentence == "The cluster does not answer, so the way of the figures is not known."
    assert way.asked[-1:] == [metrics_api.PATH], "who does not answer is not asked on"
