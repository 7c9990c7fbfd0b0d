"""get in all its forms, and the commands that tell about the cluster itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

Kubectl = Any
pytestmark = pytest.mark.cluster


def test_get_wide_shows_where_pods_are(shared: Kubectl) -> None:
    head, first, *_ = shared.lines("get", "pods", "-o", "wide")
    assert head[:7] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"]
    assert (first[1], first[2], first[6]) == ("1/1", "Running", "local")
    assert first[5].startswith("127.")


def test_get_gives_yaml_and_json(shared: Kubectl) -> None:
    assert "kind: Deployment\n" in shared("get", "deployment", "web", "-o", "yaml")
    assert shared.read("get", "deployment", "web")["spec"]["replicas"] == 2
    assert shared.read("get", "deployment")["kind"] == "List"


def test_get_selects_by_labels_and_fields(shared: Kubectl) -> None:
    assert len(shared.lines("get", "pods", "-l", "app=web", "--no-headers")) == 2
    assert "No resources found" in shared("get", "pods", "-l", "app notin (web)")
    assert len(shared.lines("get", "pods", "--field-selector", "status.phase=Running", "--no-headers")) == 2
    assert "field label not supported" in shared("get", "pods", "--field-selector", "spec.nope=1", fails=True)


def test_get_sorts_and_shows_own_columns(shared: Kubectl) -> None:
    columns = "custom-columns=NAME:.metadata.name,CPU:.spec.containers[0].resources.requests.cpu"
    head, *rows = shared.lines("get", "pods", "--sort-by=.metadata.name", "-o", columns)
    assert head == ["NAME", "CPU"]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert {row[1] for row in rows} == {"10m"}


def test_get_understands_jsonpath_go_templates_and_names(shared: Kubectl) -> None:
    assert shared("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[*].image}") == "busybox:1"
    assert shared("get", "deploy", "web", "-o", "go-template={{.metadata.name}}") == "web"
    assert shared("get", "deploy,rs", "-o", "name").startswith("deployment.apps/web\nreplicaset.apps/web-")


def test_get_shows_all_namespaces_labels_and_label_columns(shared: Kubectl) -> None:
    rows = shared.lines("get", "deployments", "--all-namespaces", "--no-headers")
    assert [shared.namespace, "web", "2/2"] in [row[:3] for row in rows]
    assert "pod-template-hash=" in shared("get", "pods", "--show-labels")
    assert shared.lines("get", "pods", "-L", "app")[0][-1] == "APP"
    assert "deployment.apps/web" in shared("get", "all")


def test_get_asks_for_lists_in_pages(shared: Kubectl) -> None:
    assert len(shared.lines("get", "pods", "--chunk-size=1", "--no-headers")) == 2


def test_get_watches_what_changes(shared: Kubectl) -> None:
    with shared.running("get", "configmaps", "-w", "-l", "watched=yes", "--output-watch-events") as lines:
        shared("create", "configmap", "seen", "--from-literal=a=b")
        shared("label", "configmap", "seen", "watched=yes")
        assert lines.readline().split() == ["EVENT", "NAME", "DATA", "AGE"]
        assert lines.readline().split()[:3] == ["ADDED", "seen", "1"]
        shared("delete", "configmap", "seen")
        assert lines.readline().split()[:3] == ["DELETED", "seen", "1"]


def test_get_shows_what_a_watch_says(kubectl: Kubectl) -> None:
    kubectl("create", "configmap", "c")
    watch = (
        "get",
        "configmaps",
        "--field-selector=metadata.name=c",
        "--watch",
        "--output-watch-events",
        "--no-headers",
    )
    with kubectl.running(*watch) as lines:
        assert lines.readline().split()[:2] == ["ADDED", "c"]
        kubectl("patch", "configmap", "c", "--type=merge", "-p", '{"data":{"a":"b"}}')
        assert lines.readline().split()[:3] == ["MODIFIED", "c", "1"]
        kubectl("delete", "configmap", "c")
        assert lines.readline().split()[:2] == ["DELETED", "c"]


def test_get_tells_what_is_missing_and_what_is_no_kind(shared: Kubectl) -> None:
    assert '(NotFound): deployments.apps "nope" not found' in shared("get", "deployment", "nope", fails=True)
    assert shared("get", "deployment", "nope", "--ignore-not-found") == ""
    assert 'doesn\'t have a resource type "nonsense"' in shared("get", "nonsense", fails=True)


def test_get_raw_reads_any_path(shared: Kubectl) -> None:
    assert shared("get", "--raw", "/readyz") == "ok"
    assert json.loads(shared("get", "--raw", "/version"))["major"] == "1"
    assert "(NotFound)" in shared("get", "--raw", "/apis/nope.example/v1", fails=True)


def test_events_are_listed_by_object_and_type(shared: Kubectl) -> None:
    assert "ScalingReplicaSet" in shared("events", "--for", "deployment/web")
    assert "No events found" in shared("events", "--types=Warning", "--for", "deployment/web")
    assert "SuccessfulCreate" in shared("get", "events", "--sort-by=.metadata.creationTimestamp")


def test_explain_knows_every_field(shared: Kubectl) -> None:
    told = shared("explain", "deployment.spec.template.spec.containers.livenessProbe.httpGet")
    assert "FIELD: httpGet <HTTPGetAction>" in told
    assert "port\t<IntOrString> -required-" in told
    assert "limits\t<map[string]Quantity>" in shared("explain", "pods.spec.containers.resources", "--recursive")
    assert "VERSION:    v2" in shared("explain", "hpa", "--api-version=autoscaling/v2")
    older = shared("explain", "pods.spec.hostname", "--output=plaintext-openapiv2")
    assert "FIELD:    hostname <string>" in older
    assert 'field "nope" does not exist' in shared("explain", "pods.spec.nope", fails=True)


def test_api_resources_and_versions_are_those_served(shared: Kubectl) -> None:
    rows = shared.lines("api-resources", "--no-headers")
    assert ["deployments", "deploy", "apps/v1", "true", "Deployment"] in rows
    assert "autoscaling/v2" in shared("api-versions").splitlines()
    namespaced = shared("api-resources", "--namespaced=false", "--verbs=list", "-o", "name").split()
    assert "nodes" in namespaced
    assert "pods" not in namespaced


def test_the_cluster_tells_about_itself(shared: Kubectl) -> None:
    assert "Kubernetes control plane" in shared("cluster-info")
    assert "Server Version: v1.36" in shared("version")
    assert "current-context" in shared("config", "view")
    assert "REDACTED" not in shared("config", "view", "--raw")


def test_top_shows_what_nodes_and_pods_use(shared: Kubectl) -> None:
    assert "local" in shared.until("local", "top", "nodes")
    told = shared.until("metrics-server-", "top", "pods", "--all-namespaces", "--containers")
    assert told.split()[:5] == ["NAMESPACE", "POD", "NAME", "CPU(cores)", "MEMORY(bytes)"]
