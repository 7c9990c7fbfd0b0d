"""A path or a refusal of the API server becomes a sentence, and a rule that can be pasted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.kube.client import KubeClient
from dashboard.kube.errors import Forbidden, from_response
from dashboard.kube.rules import Rule, rule_of, rule_of_refusal

RECORDING = Path(__file__).resolve().parents[3] / ".." / "shared" / "golden" / "auth.jsonl"
PODS = "/api/v1/namespaces/flask/pods"
PROXY = "/api/v1/namespaces/mongodb/pods/mongo-0:8081/proxy/status"


@pytest.mark.parametrize(
    ("verb", "path", "sentence"),
    [
        ("list", PODS, "needs list pods in namespace flask"),
        ("GET", "/api/v1/pods", "needs list pods in every namespace"),
        ("GET", "/api/v1/pods?watch=true", "needs watch pods in every namespace"),
        ("GET", f"{PODS}/web-0", "needs get pods web-0 in namespace flask"),
        ("GET", f"{PODS}/web-0/log?follow=true", "needs get pods/log web-0 in namespace flask"),
        ("GET", PROXY, "needs get pods/proxy mongo-0:8081 in namespace mongodb"),
        ("POST", "/api/v1/namespaces/flask/services/guestbook:80/proxy/entries",
         "needs create services/proxy guestbook:80 in namespace flask"),
        ("GET", "/api/v1/nodes", "needs list nodes"),
        ("GET", "/api/v1/namespaces", "needs list namespaces"),
        ("GET", "/api/v1/namespaces/kube-system", "needs get namespaces kube-system"),
        ("PATCH", "/api/v1/namespaces/flask/status", "needs patch namespaces/status flask"),
        ("GET", "/apis/metrics.k8s.io/v1beta1/pods", "needs list pods.metrics.k8s.io in every namespace"),
        ("DELETE", "/apis/apps/v1/namespaces/flask/deployments",
         "needs deletecollection deployments in namespace flask"),
        ("DELETE", "/apis/apps/v1/namespaces/flask/deployments/web", "needs delete deployments web in namespace flask"),
        ("GET", "/version", "needs get the path /version"),
        ("GET", "/apis/apps/v1", "needs get the path /apis/apps/v1"),
        ("GET", "/openapi/v3/apis/apps/v1", "needs get the path /openapi/v3/apis/apps/v1"),
    ],
)  # fmt: skip
def test_a_path_is_told_as_the_right_it_takes(verb: str, path: str, sentence: str) -> None:
    assert rule_of(verb, path).sentence == sentence


def test_the_yaml_is_a_role_that_can_be_pasted() -> None:
    (role,) = yaml.safe_load_all(rule_of("list", PODS).of("list", "watch").yaml)
    assert (role["kind"], role["metadata"]) == ("Role", {"name": "surgeboard-list-watch-pods", "namespace": "flask"})
    assert role["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]}]


def test_what_is_of_the_whole_cluster_takes_a_cluster_role() -> None:
    (role,) = yaml.safe_load_all(rule_of("GET", "/apis/metrics.k8s.io/v1beta1/pods").yaml)
    assert (role["kind"], "namespace" in role["metadata"]) == ("ClusterRole", False)
    assert role["rules"][0]["apiGroups"] == ["metrics.k8s.io"]
    (path,) = yaml.safe_load_all(rule_of("GET", "/metrics").yaml)
    assert path["rules"] == [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}]


def test_names_and_subresources_are_in_the_rule() -> None:
    (role,) = yaml.safe_load_all(rule_of("GET", f"{PODS}/web-0/log").yaml)
    assert role["rules"][0] == {
        "apiGroups": [""], "resources": ["pods/log"], "resourceNames": ["web-0"], "verbs": ["get"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("system:serviceaccount:demo:viewer", {"kind": "ServiceAccount", "namespace": "demo", "name": "viewer"}),
        ('ja"ne: {x}', {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": 'ja"ne: {x}'}),
    ],
)
def test_whoever_was_refused_gets_the_binding(user: str, subject: dict[str, str]) -> None:
    role, binding = yaml.safe_load_all(Rule("", "pods", None, ("list",), "flask", user=user).yaml)
    assert binding["kind"] == "RoleBinding"
    assert binding["subjects"] == [subject]
    assert binding["roleRef"]["name"] == role["metadata"]["name"] == binding["metadata"]["name"]


def test_a_quota_that_refuses_is_no_missing_right() -> None:
    told = 'pods "web-0" is forbidden: exceeded quota: guestbook, requested: pods=1, used: pods=8, limited: pods=8'
    assert rule_of_refusal(told, PODS) is None


def test_what_was_refused_counts_and_not_what_was_asked_for() -> None:
    """An apply is a PATCH, and needs `create` where the object is not there."""
    told = 'deployments.apps "web" is forbidden: User "jane" cannot create resource "deployments" in API group "apps" '
    rule = rule_of_refusal(f'{told}in the namespace "flask"', "/apis/apps/v1/namespaces/flask/deployments/web")
    assert rule is not None
    assert (rule.verbs, rule.names, rule.user) == (("create",), (), "jane")


def test_a_recorded_refusal_gives_the_rule_of_its_path() -> None:
    if not RECORDING.is_file():
        pytest.skip("no recordings")
    refused = [json.loads(line) for line in RECORDING.read_text().splitlines() if '"status":403' in line]
    assert refused
    for each in refused:
        error = from_response(403, {}, json.dumps(each["response"]).encode(), path=each["path"])
        assert isinstance(error, Forbidden)
        assert error.rule is not None, each["path"]
        asked = rule_of(each["method"], each["path"])
        told = (error.rule.api_group, error.rule.combined, error.rule.verbs, error.rule.namespace)
        assert told == (asked.api_group, asked.combined, asked.verbs, asked.namespace)


def refusal(resource: str, verb: str = "list", where: str = "at the cluster scope") -> dict[str, Any]:
    message = f'{resource} is forbidden: User "jane" cannot {verb} resource "{resource}" in API group "" {where}'
    return {"kind": "Status", "status": "Failure", "reason": "Forbidden", "message": message, "code": 403}


def test_a_reflector_says_which_right_it_lacks(api: Any, watched: Any, until: Any) -> None:
    api.refuse(403, times=99, on="list", reason="Forbidden", message=refusal("pods")["message"])
    watched.start()
    until(lambda: any(each.state == "forbidden" for each in watched.states))
    rule = next(each.rule for each in watched.states if each.state == "forbidden")
    assert rule.sentence == "needs list and watch pods in every namespace"
    assert "jane" in rule.yaml


def test_the_api_server_s_own_refusal_of_a_proxy_is_raised(api: Any, client: KubeClient) -> None:
    told = refusal("pods/proxy", "get", 'in the namespace "mongodb"')
    api.answers[PROXY] = (403, json.dumps(told).encode(), {"Content-Type": "application/json"})
    with pytest.raises(Forbidden) as raised:
        client.proxy_pod("mongodb", "mongo-0", 8081, "/status")
    assert raised.value.rule is not None
    assert raised.value.rule.sentence == "needs get pods/proxy in namespace mongodb"


def test_a_refusal_of_what_is_behind_the_proxy_is_its_answer(api: Any, client: KubeClient) -> None:
    api.answers[PROXY] = (403, b'{"message": "not with this token"}', {"Content-Type": "application/json"})
    answer = client.proxy_pod("mongodb", "mongo-0", 8081, "/status")
    assert (answer.status, answer.read()) == (403, b'{"message": "not with this token"}')
