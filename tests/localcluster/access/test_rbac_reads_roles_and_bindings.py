"""Who is bound to what: subjects, namespaces, missing roles, and the reasons given."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.identity import Identity, account_groups, account_user

READ_PODS = {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]}
JANE = {"kind": "User", "name": "jane"}
ROBOT = {"kind": "ServiceAccount", "name": "robot", "namespace": "test"}
AS_ROBOT = Identity(account_user("test", "robot"), account_groups("test"))


def pods(namespace: str = "") -> Attributes:
    return Attributes("list", "", "v1", "pods", namespace=namespace)


@pytest.mark.parametrize(
    ("subject", "who", "allowed"),
    [
        (JANE, Identity("jane"), True),
        (JANE, Identity("joe"), False),
        ({"kind": "Group", "name": "staff"}, Identity("joe", ("staff",)), True),
        ({"kind": "Group", "name": "jane"}, Identity("jane"), False),
        (ROBOT, AS_ROBOT, True),
        ({**ROBOT, "namespace": "other"}, AS_ROBOT, False),
        ({"kind": "ServiceAccount", "name": "robot"}, AS_ROBOT, True),
        ({"kind": "User", "name": "system:serviceaccount:test:robot"}, AS_ROBOT, True),
        ({"kind": "Group", "name": "system:serviceaccounts:test"}, AS_ROBOT, True),
    ],
)
def test_a_binding_names_users_groups_and_accounts(
    policy: Any, rbac: Any, subject: dict[str, str], who: Identity, allowed: bool
) -> None:
    policy.role("reader", READ_PODS, namespace="test")
    policy.bind("Role/reader", subject, namespace="test")
    assert rbac.authorize(who, pods("test")).allowed is allowed


def test_a_binding_in_a_namespace_counts_only_there(policy: Any, rbac: Any) -> None:
    """Whatever role it refers to."""
    policy.role("reader", READ_PODS)
    policy.bind("ClusterRole/reader", JANE, namespace="test")
    jane = Identity("jane")
    assert rbac.authorize(jane, pods("test")).allowed
    assert not rbac.authorize(jane, pods("other")).allowed
    assert not rbac.authorize(jane, pods()).allowed
    policy.bind("ClusterRole/reader", JANE)
    assert rbac.authorize(jane, pods("other")).allowed
    assert rbac.authorize(jane, pods()).allowed


def test_reasons_name_the_binding_the_role_and_the_subject(policy: Any, rbac: Any) -> None:
    policy.role("reader", READ_PODS, namespace="test")
    policy.bind("Role/reader", {"kind": "ServiceAccount", "name": "robot"}, namespace="test", name="b")
    assert rbac.authorize(AS_ROBOT, pods("test")).reason == (
        'RBAC: allowed by RoleBinding "b/test" of Role "reader" to ServiceAccount "robot/test"'
    )
    policy.role("all", READ_PODS)
    policy.bind("ClusterRole/all", {"kind": "Group", "name": "staff"}, name="everywhere")
    assert rbac.authorize(Identity("joe", ("staff",)), pods()).reason == (
        'RBAC: allowed by ClusterRoleBinding "everywhere" of ClusterRole "all" to Group "staff"'
    )


def test_a_binding_to_no_role_gives_nothing_and_says_so(policy: Any, rbac: Any) -> None:
    policy.bind("ClusterRole/gone", JANE)
    decision = rbac.authorize(Identity("jane"), pods())
    assert (decision.allowed, decision.reason) == (
        False,
        'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    )
    policy.role("reader", READ_PODS)
    policy.bind("ClusterRole/reader", JANE)
    assert rbac.authorize(Identity("jane"), pods()).allowed


def test_masters_need_no_roles(rbac: Any) -> None:
    decision = rbac.authorize(Identity("root", ("system:masters",)), pods())
    assert (decision.allowed, decision.reason) == (True, "")
    assert not rbac.authorize(Identity("system:masters"), pods()).allowed
