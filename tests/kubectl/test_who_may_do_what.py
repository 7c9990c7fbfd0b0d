"""auth and create token, and how the API refuses what is not offered here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

Kubectl = Any
pytestmark = pytest.mark.cluster

ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: reader, namespace: {namespace}}}
rules: [{{apiGroups: [""], resources: [pods], verbs: [{verbs}]}}]
"""


def test_whoami_tells_user_and_groups(shared: Kubectl) -> None:
    told = shared("auth", "whoami")
    assert "kubernetes-admin" in told
    assert "system:masters" in told


def test_can_i_answers_for_the_admin(shared: Kubectl) -> None:
    assert shared("auth", "can-i", "delete", "pods") == "yes\n"
    assert shared("auth", "can-i", "get", "/metrics") == "yes\n"
    assert "*.*" in shared("auth", "can-i", "--list")


def test_can_i_answers_for_others(kubectl: Kubectl) -> None:
    bot = f"system:serviceaccount:{kubectl.namespace}:default"
    assert kubectl("auth", "can-i", "list", "pods", "--as", bot, fails=True) == "no\n"
    kubectl("create", "role", "reader", "--verb=list", "--resource=pods")
    kubectl("create", "rolebinding", "reader", "--role=reader", f"--serviceaccount={kubectl.namespace}:default")
    assert kubectl("auth", "can-i", "list", "pods", "--as", bot) == "yes\n"
    assert "No resources found" in kubectl("get", "pods", "--as", bot)
    assert f'User "{bot}" cannot delete resource "pods"' in kubectl("delete", "pod", "x", "--as", bot, fails=True)


def test_reconcile_adds_and_takes_away_rules(kubectl: Kubectl, tmp_path: Path) -> None:
    role = tmp_path / "role.yaml"
    role.write_text(ROLE.format(namespace=kubectl.namespace, verbs="get, list"))
    assert "reconciliation required create" in kubectl("auth", "reconcile", "-f", role)
    role.write_text(ROLE.format(namespace=kubectl.namespace, verbs="get"))
    assert "reconciliation required update" in kubectl("auth", "reconcile", "--remove-extra-permissions", "-f", role)
    assert kubectl.value("role/reader", ".rules[*].verbs") == '["get"]'


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "cronjob", "c", "--image=busybox:1", "--schedule=* * * * *"),
        ("create", "ingress", "i", "--rule=example.org/=web:80"),
        ("create", "priorityclass", "p", "--value=1"),
        ("debug", "pod/web", "--image=busybox:1", "--profile=general"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_what_is_not_offered_is_told_as_the_api_tells_it(shared: Kubectl, arguments: tuple[str, ...]) -> None:
    told = shared(*arguments, fails=True)
    assert "could not find the requested resource" in told or "(NotFound)" in told


@pytest.mark.parametrize(
    "path",
    ["/apis/batch/v1/cronjobs", "/api/v1/namespaces/default/pods/x/nonsense", "/apis/policy/v1/nonsense", "/nonsense"],
)
def test_unknown_paths_are_not_found(shared: Kubectl, path: str) -> None:
    assert "(NotFound)" in shared("get", "--raw", path, fails=True)


def test_methods_that_make_no_sense_are_not_allowed(shared: Kubectl) -> None:
    body = '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"}}'
    assert "(MethodNotAllowed)" in shared("create", "--raw", "/api/v1/pods", "-f", "-", stdin=body, fails=True)


def test_discovery_lists_nothing_that_is_not_served(shared: Kubectl) -> None:
    listed = shared("api-resources", "--verbs=list", "-o", "name").split()
    shared("get", ",".join(listed), "--all-namespaces", "-o", "name")
    assert "cronjobs" not in shared("api-resources", "-o", "name")
