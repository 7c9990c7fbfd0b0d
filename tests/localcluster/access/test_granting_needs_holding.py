"""Nobody raises their own rights: what writes to roles and bindings are refused."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.access.escalation import check_grants
from localcluster.apiserver.access.identity import MASTERS, Identity
from localcluster.errors import ApiError
from localcluster.resources import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, CONFIG_MAPS, ROLE_BINDINGS, ROLES

JANE = Identity("jane", ("staff", "system:authenticated"))
SUBJECT = {"kind": "User", "name": "jane"}
READ_PODS = {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]}
READ_SECRETS = {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}


def role(*rules: dict[str, Any], namespace: str = "test", **more: Any) -> dict[str, Any]:
    metadata = {"name": "new", **({"namespace": namespace} if namespace else {})}
    return {"metadata": metadata, "rules": list(rules), **more}


def binding(kind: str, name: str, namespace: str = "test") -> dict[str, Any]:
    return {**role(namespace=namespace), "roleRef": {"kind": kind, "name": name}, "subjects": [SUBJECT]}


def allow(policy: Any, verb: str, resource: str, *, names: list[str] | None = None) -> None:
    rule = {"verbs": [verb], "apiGroups": ["rbac.authorization.k8s.io"], "resources": [resource]}
    policy.role(verb, {**rule, **({"resourceNames": names} if names else {})})
    policy.bind(f"ClusterRole/{verb}", SUBJECT)


@pytest.fixture
def jane_reads_pods(policy: Any) -> None:
    policy.role("reader", READ_PODS, namespace="test")
    policy.bind("Role/reader", SUBJECT, namespace="test")


def refusal(rbac: Any, resource: Any, after: dict[str, Any], before: dict[str, Any] | None = None) -> ApiError:
    with pytest.raises(ApiError) as caught:
        check_grants(rbac, JANE, resource, before=before, after=after)
    return caught.value


@pytest.mark.usefixtures("jane_reads_pods")
def test_a_role_may_hold_what_its_writer_holds_and_no_more(rbac: Any) -> None:
    check_grants(rbac, JANE, ROLES, before=None, after=role(READ_PODS))
    error = refusal(rbac, ROLES, role(READ_PODS, READ_SECRETS))
    assert (error.code, error.reason, error.details) == (
        403, "Forbidden", {"name": "new", "group": "rbac.authorization.k8s.io", "kind": "roles"},
    )  # fmt: skip
    assert error.message == (
        'roles.rbac.authorization.k8s.io "new" is forbidden: user "jane" (groups=["staff" "system:authenticated"]) '
        "is attempting to grant RBAC permissions not currently held:\n"
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'
    )


@pytest.mark.usefixtures("jane_reads_pods")
def test_rights_in_a_namespace_are_none_elsewhere(rbac: Any) -> None:
    refusal(rbac, ROLES, role(READ_PODS, namespace="other"))
    refusal(rbac, CLUSTER_ROLES, role(READ_PODS, namespace=""))


def test_escalate_is_a_right_of_its_own(policy: Any, rbac: Any) -> None:
    allow(policy, "escalate", "roles")
    check_grants(rbac, JANE, ROLES, before=None, after=role(READ_SECRETS))
    refusal(rbac, CLUSTER_ROLES, role(READ_SECRETS, namespace=""))


def test_bind_is_a_right_by_role(policy: Any, rbac: Any) -> None:
    policy.role("view", READ_PODS)
    policy.role("other", READ_SECRETS)
    allow(policy, "bind", "clusterroles", names=["view"])
    check_grants(rbac, JANE, ROLE_BINDINGS, before=None, after=binding("ClusterRole", "view"))
    assert "not currently held" in refusal(rbac, ROLE_BINDINGS, binding("ClusterRole", "other")).message


@pytest.mark.usefixtures("jane_reads_pods")
def test_a_binding_may_give_what_its_writer_holds(policy: Any, rbac: Any) -> None:
    policy.role("everything", {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]})
    check_grants(rbac, JANE, ROLE_BINDINGS, before=None, after=binding("Role", "reader"))
    assert '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}' in (
        refusal(rbac, CLUSTER_ROLE_BINDINGS, binding("ClusterRole", "everything", "")).message
    )


def test_a_binding_to_no_role_is_not_found(rbac: Any) -> None:
    error = refusal(rbac, ROLE_BINDINGS, binding("ClusterRole", "gone"))
    assert (error.code, error.reason) == (404, "NotFound")


@pytest.mark.usefixtures("jane_reads_pods")
def test_choosing_roles_to_gather_takes_every_right(rbac: Any) -> None:
    after = role(namespace="", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]})
    assert refusal(rbac, CLUSTER_ROLES, after).message == (
        'clusterroles.rbac.authorization.k8s.io "new" is forbidden: must have cluster-admin privileges to use the '
        "aggregationRule"
    )


def test_owners_and_finalizers_change_without_rights(rbac: Any) -> None:
    """The garbage collector must be able to do that to any role."""
    before, after = role(READ_SECRETS), role(READ_SECRETS)
    after["metadata"] |= {"finalizers": ["foregroundDeletion"], "resourceVersion": "2"}
    check_grants(rbac, JANE, ROLES, before=before, after=after)
    after["metadata"]["labels"] = {"a": "b"}
    refusal(rbac, ROLES, after, before)


def test_masters_and_other_kinds_are_not_asked(rbac: Any) -> None:
    master = Identity("root", (MASTERS,))
    check_grants(rbac, master, CLUSTER_ROLES, before=None, after=role(READ_SECRETS, namespace=""))
    check_grants(rbac, JANE, CONFIG_MAPS, before=None, after=role())
