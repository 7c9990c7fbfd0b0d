"""create, run, expose and autoscale: what kubectl makes by itself, in the encodings it chooses."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

Kubectl = Any
pytestmark = pytest.mark.cluster


def test_create_deployment(kubectl: Kubectl) -> None:
    kubectl("create", "deployment", "d", "--image=busybox:1", "--replicas=0", "--port=80", "--", "sleep", "1")
    spec = kubectl.read("get", "deployment", "d")["spec"]
    assert spec["replicas"] == 0
    container = spec["template"]["spec"]["containers"][0]
    assert (container["ports"][0]["containerPort"], container["command"]) == (80, ["sleep", "1"])


def test_create_configmap_from_literals_and_files(kubectl: Kubectl, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\x00")
    kubectl("create", "configmap", "c", "--from-literal=a=b", f"--from-file={tmp_path / 'binary'}")
    body = kubectl.read("get", "configmap", "c")
    assert (body["data"], body["binaryData"]) == ({"a": "b"}, {"binary": "/wA="})


def test_create_secrets(kubectl: Kubectl) -> None:
    kubectl("create", "secret", "generic", "s", "--from-literal=password=x")
    assert base64.b64decode(kubectl.value("secret/s", ".data.password")) == b"x"
    kubectl(
        "create", "secret", "docker-registry", "r", "--docker-server=s", "--docker-username=u", "--docker-password=p"
    )
    assert kubectl.value("secret/r", ".type") == "kubernetes.io/dockerconfigjson"


def test_create_services_of_every_type(kubectl: Kubectl) -> None:
    kubectl("create", "service", "clusterip", "c", "--tcp=80:8080")
    kubectl("create", "service", "clusterip", "headless", "--clusterip=None", "--tcp=80")
    kubectl("create", "service", "nodeport", "n", "--tcp=80")
    kubectl("create", "service", "loadbalancer", "l", "--tcp=80")
    kubectl("create", "service", "externalname", "e", "--external-name=example.org")
    rows = {row[0]: row for row in kubectl.lines("get", "services", "--no-headers")}
    assert {name: row[1] for name, row in rows.items()} == {
        "c": "ClusterIP", "headless": "ClusterIP", "n": "NodePort", "l": "LoadBalancer", "e": "ExternalName",
    }  # fmt: skip
    assert (rows["headless"][2], rows["l"][3], rows["e"][3]) == ("None", "<pending>", "example.org")


def test_create_job_that_completes(kubectl: Kubectl) -> None:
    kubectl("create", "job", "j", "--image=busybox:1", "--", "echo", "done")
    kubectl("wait", "--for=condition=Complete", "job/j", "--timeout=90s")
    assert kubectl("logs", "job/j") == "done\n"


def test_create_namespace_and_serviceaccount(kubectl: Kubectl) -> None:
    name = f"{kubectl.namespace}-more"
    assert kubectl("create", "namespace", name) == f"namespace/{name} created\n"
    assert kubectl("create", "serviceaccount", "bot") == "serviceaccount/bot created\n"
    assert "deleted" in kubectl("delete", "namespace", name)


def test_create_roles_and_bindings(kubectl: Kubectl) -> None:
    kubectl("create", "role", "r", "--verb=get,list", "--resource=pods,deployments.apps", "--resource-name=web")
    assert kubectl.read("get", "role", "r")["rules"] == [
        {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["web"]},
        {"verbs": ["get", "list"], "apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["web"]},
    ]
    kubectl("create", "rolebinding", "b", "--role=r", "--user=joe", f"--serviceaccount={kubectl.namespace}:bot")
    row = kubectl.lines("get", "rolebinding", "b", "-o", "wide")[1]
    assert row[1] == "Role/r"
    assert row[-2:] == ["joe", f"{kubectl.namespace}/bot"]


def test_create_cluster_roles_and_bindings(kubectl: Kubectl) -> None:
    name = kubectl.namespace
    kubectl("create", "clusterrole", name, "--verb=get", "--non-resource-url=/metrics")
    kubectl("create", "clusterrolebinding", name, f"--clusterrole={name}", "--group=readers")
    assert kubectl.value(f"clusterrolebinding/{name}", ".subjects[0].name") == "readers"
    kubectl("create", "clusterrole", f"{name}-sum", "--aggregation-rule=a=b")
    assert '"matchLabels":{"a":"b"}' in kubectl.value(f"clusterrole/{name}-sum", ".aggregationRule")
    kubectl("delete", "clusterrolebinding,clusterrole", name)
    kubectl("delete", "clusterrole", f"{name}-sum")


def test_create_quota_and_disruption_budget(kubectl: Kubectl) -> None:
    kubectl("create", "quota", "q", "--hard=pods=3,requests.cpu=1500m")
    assert kubectl.read("get", "quota", "q")["spec"]["hard"] == {"pods": "3", "requests.cpu": "1500m"}
    kubectl("create", "poddisruptionbudget", "p", "--selector=app=web", "--min-available=50%")
    assert kubectl.value("pdb/p", ".spec.minAvailable") == "50%"


def test_create_token_for_a_service_account(kubectl: Kubectl, tmp_path: Path) -> None:
    token = kubectl("create", "token", "default").strip()
    assert token.count(".") == 2
    assert 'serviceaccounts "nobody" not found' in kubectl("create", "token", "nobody", fails=True)
    found = kubectl.read("config", "view", "--raw")["clusters"][0]["cluster"]
    (tmp_path / "ca.crt").write_bytes(base64.b64decode(found["certificate-authority-data"]))
    bot = replace(kubectl, kubeconfig=tmp_path / "none")
    options = ("--server", found["server"], "--certificate-authority", tmp_path / "ca.crt", "--token", token)
    who = bot("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}", *options)
    assert who == f"system:serviceaccount:{kubectl.namespace}:default"


def test_create_reads_files_and_refuses_what_is_there(kubectl: Kubectl, web: str) -> None:
    assert kubectl("create", "-f", "-", stdin=web) == "deployment.apps/web created\n"
    refusal = kubectl("create", "-f", "-", stdin=web, fails=True)
    assert '(AlreadyExists): error when creating "STDIN": deployments.apps "web" already exists' in refusal
    assert "created (server dry run)" in kubectl("create", "configmap", "dry", "--dry-run=server")
    assert "kind: ConfigMap" in kubectl("create", "configmap", "dry", "--dry-run=client", "-o", "yaml")
    assert "(NotFound)" in kubectl("get", "configmap", "dry", fails=True)


def test_run_starts_a_pod(kubectl: Kubectl) -> None:
    kubectl(
        "run", "p", "--image=busybox:1", "--restart=Never", "--env=A=b", "--labels=x=z", "--", "sh", "-c", "echo $A"
    )
    kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/p", "--timeout=90s")
    assert kubectl("logs", "p") == "b\n"
    assert kubectl.value("pod/p", ".metadata.labels.x") == "z"


def test_run_attaches_and_cleans_up(kubectl: Kubectl) -> None:
    told = kubectl(
        "run", "p", "-i", "--rm", "--quiet", "--image=busybox:1", "--restart=Never", "--", "cat", stdin="hello\n"
    )
    assert "hello" in told
    assert "(NotFound)" in kubectl("get", "pod", "p", fails=True)


def test_expose_makes_a_service(kubectl: Kubectl, web: str) -> None:
    kubectl("create", "-f", "-", stdin=web)
    assert kubectl("expose", "deployment", "web", "--port=80", "--target-port=http") == "service/web exposed\n"
    spec = kubectl.read("get", "service", "web")["spec"]
    assert (spec["selector"], spec["ports"][0]["targetPort"]) == ({"app": "web"}, "http")


def test_autoscale_makes_an_autoscaler(kubectl: Kubectl, web: str) -> None:
    kubectl("create", "-f", "-", stdin=web)
    told = kubectl("autoscale", "deployment", "web", "--min=1", "--max=3", "--cpu=70%")
    assert told == "horizontalpodautoscaler.autoscaling/web autoscaled\n"
    again = kubectl("autoscale", "deployment", "web", "--min=1", "--max=3", "--cpu=70%", fails=True)
    assert 'horizontalpodautoscalers.autoscaling "web" already exists' in again
    spec = kubectl.read("get", "hpa", "web")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (1, 3)
    assert spec["metrics"][0]["resource"]["target"] == {"type": "Utilization", "averageUtilization": 70}
