"""What Kubernetes does not take as a role or a binding, cause by cause."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.admission.validation import validate_create, validate_update
from localcluster.resources import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES, Resource

GROUP = "rbac.authorization.k8s.io"
USER = {"kind": "User", "name": "jane", "apiGroup": GROUP}
ACCOUNT = {"kind": "ServiceAccount", "name": "robot"}
VIEW = {"kind": "ClusterRole", "name": "view", "apiGroup": GROUP}
GOOD = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}


def causes(resource: Resource, **body: Any) -> list[str]:
    metadata = {"name": "a", **({"namespace": "test"} if resource.namespaced else {})}
    obj = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata, **body}
    return [f"{cause['field']}: {cause['message']}" for cause in validate_create(resource, obj)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (GOOD, []),
        ({**GOOD, "verbs": []}, ["rules[0].verbs: Required value: verbs must contain at least one value"]),
        ({"verbs": ["get"]},
         ["rules[0].apiGroups: Required value: resource rules must supply at least one api group",
          "rules[0].resources: Required value: resource rules must supply at least one resource"]),
        ({**GOOD, "nonResourceURLs": ["/x"]},
         [('rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and '
          "non-resource URLs")]),
        ({"verbs": ["get"], "nonResourceURLs": ["/x"]}, []),
    ],
)  # fmt: skip
def test_a_rule_is_about_something(rule: dict[str, Any], expected: list[str]) -> None:
    assert causes(CLUSTER_ROLES, rules=[rule]) == expected


def test_urls_belong_to_no_namespace() -> None:
    assert causes(ROLES, rules=[{"verbs": ["get"], "nonResourceURLs": ["/x"]}]) == [
        'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs'
    ]


def test_gathering_selects_something() -> None:
    assert causes(CLUSTER_ROLES, rules=[], aggregationRule={}) == [
        (
            "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if "
            "aggregationRule is non-nil"
        )
    ]


@pytest.mark.parametrize(
    ("resource", "role", "subject", "expected"),
    [
        (ROLE_BINDINGS, VIEW, USER, []),
        (ROLE_BINDINGS, VIEW, ACCOUNT, []),
        (CLUSTER_ROLE_BINDINGS, VIEW, ACCOUNT, ["subjects[0].namespace: Required value"]),
        (CLUSTER_ROLE_BINDINGS, {**VIEW, "kind": "Role"}, USER,
         ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"']),
        (ROLE_BINDINGS, {**VIEW, "name": ""}, USER, ["roleRef.name: Required value"]),
        (ROLE_BINDINGS, {**VIEW, "apiGroup": "other"}, USER,
         [f'roleRef.apiGroup: Unsupported value: "other": supported values: "{GROUP}"']),
        (ROLE_BINDINGS, VIEW, {**USER, "name": ""}, ["subjects[0].name: Required value"]),
        (ROLE_BINDINGS, VIEW, {**USER, "kind": "Robot"},
         ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"']),
        (ROLE_BINDINGS, VIEW, {**ACCOUNT, "apiGroup": GROUP},
         [f'subjects[0].apiGroup: Unsupported value: "{GROUP}": supported values: ""']),
    ],
)  # fmt: skip
def test_a_binding_names_a_role_and_subjects(
    resource: Resource, role: dict[str, Any], subject: dict[str, Any], expected: list[str]
) -> None:
    assert causes(resource, roleRef=role, subjects=[subject]) == expected


def test_a_binding_keeps_its_role() -> None:
    objects = [
        {
            "kind": "RoleBinding",
            "apiVersion": f"{GROUP}/v1",
            "metadata": {"name": "a", "namespace": "test"},
            "roleRef": role,
        }
        for role in (VIEW, {**VIEW, "name": "edit"})
    ]
    shown = f'{{"APIGroup":"{GROUP}","Kind":"ClusterRole","Name":"edit"}}'
    found = validate_update(ROLE_BINDINGS, objects[0], objects[1])
    assert [cause["message"] for cause in found] == [f"Invalid value: {shown}: cannot change roleRef"]
