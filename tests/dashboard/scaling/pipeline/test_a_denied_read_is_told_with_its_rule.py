"""What RBAC keeps from us is denied, with the rule that would allow it; the links that can be seen are judged."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.kube import errors, metrics_api

KUBE = "kube-system"


@pytest.mark.parametrize(
    ("path", "resource", "group", "namespace", "link", "rule"),
    [
        (metrics_api.PATH, "apiservices", "apiregistration.k8s.io", "", "api_service",
         "needs get apiservices.apiregistration.k8s.io v1beta1.metrics.k8s.io"),
        ("/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices", "endpointslices", "discovery.k8s.io", KUBE,
         "endpoints", "needs get endpointslices.discovery.k8s.io in namespace kube-system"),
        ("/api/v1/namespaces/kube-system/services/metrics-server", "services", "", KUBE, "endpoints",
         "needs get services metrics-server in namespace kube-system"),
        ("/api/v1/nodes", "nodes", "", "", "kubelet_tls", "needs get nodes"),
        ("/apis/metrics.k8s.io/v1beta1/nodes", "nodes", "metrics.k8s.io", "", "kubelet_tls",
         "needs get nodes.metrics.k8s.io"),
    ],
)  # fmt: skip
def test_each_read(
    way: Any, forbidden: Any, path: str, resource: str, group: str, namespace: str, link: str, rule: str
) -> None:
    way.paths[path] = forbidden(path, resource, group=group, namespace=namespace)

    found = way.link(link)

    assert (found.state, found.rule["sentence"]) == ("denied", rule)
    assert f'cannot get resource "{resource}"' in found.cause
    judged = way.judged()
    assert judged.fault is None
    assert judged.sentence.startswith("Not all of the way may be seen (")


def test_who_may_not_see_the_registration_still_learns_that_there_is_none(way: Any, forbidden: Any) -> None:
    way.paths[metrics_api.PATH] = forbidden(metrics_api.PATH, "apiservices", group="apiregistration.k8s.io")
    way.no_figures(19.18)
    way.paths["/apis/metrics.k8s.io/v1beta1/nodes"] = errors.NotFound(404, "", "404 page not found")
    found = way.judged()
    assert (found.fault, found.repair["needed"]) == ("api_service", True)


def test_the_pods_behind_the_service_are_only_asked_for_the_cause(way: Any, forbidden: Any) -> None:
    way.not_ready()
    path = "/api/v1/namespaces/kube-system/pods"
    way.paths[path] = forbidden(path, "pods", namespace=KUBE)
    link = way.link("endpoints")
    assert (link.state, link.text) == ("broken", "Service kube-system/metrics-server has no ready endpoint")
    assert link.rule["sentence"] == "needs get pods in namespace kube-system"


def test_a_log_that_may_not_be_read(way: Any, forbidden: Any) -> None:
    way.paths["/api/v1/nodes"].append(way.node("worker"))
    way.log = forbidden("/api/v1/namespaces/kube-system/pods/metrics-server-x/log", "pods/log", namespace=KUBE)
    link = way.link("kubelet_tls")
    assert (link.state, link.text) == ("broken", "no figures of node worker")
    assert link.rule["resource"] == "pods/log"


@pytest.mark.parametrize(
    ("read", "link"), [("metrics", "fresh"), ("pods", "requests"), ("horizontalpodautoscalers", "hpa")]
)
def test_what_is_watched_is_denied_by_its_own_row(way: Any, read: str, link: str) -> None:
    way.denied[read] = {"state": "forbidden", "detail": f"{read} is forbidden", "rule": {"sentence": "needs list"}}
    found = way.link(link)
    assert (found.state, found.cause, found.rule) == ("denied", f"{read} is forbidden", {"sentence": "needs list"})
