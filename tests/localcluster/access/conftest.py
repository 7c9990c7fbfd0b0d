"""Roles and bindings without an API server, and a storage of its own with a clock that can be turned."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcluster import certificates
from localcluster.apiserver.access.rbac import Rbac
from localcluster.apiserver.access.tokens import Tokens
from localcluster.apiserver.storage import Storage
from localcluster.resources import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    NODES,
    PODS,
    ROLE_BINDINGS,
    ROLES,
    SECRETS,
    SERVICE_ACCOUNTS,
    Resource,
)

KINDS = {
    "Role": ROLES, "ClusterRole": CLUSTER_ROLES, "RoleBinding": ROLE_BINDINGS,
    "ClusterRoleBinding": CLUSTER_ROLE_BINDINGS, "ServiceAccount": SERVICE_ACCOUNTS, "Pod": PODS, "Secret": SECRETS,
    "Node": NODES,
}  # fmt: skip


@dataclass
class Policy:
    """A lister that policy can be put into."""

    objects: dict[tuple[Resource, str, str], dict[str, Any]] = field(default_factory=dict)

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> dict[str, Any] | None:
        return self.objects.get((resource, namespace, name))

    def list(self, resource: Resource, *, namespace: str = "") -> list[dict[str, Any]]:
        return [
            body
            for (kind, home, _), body in self.objects.items()
            if kind == resource and (not namespace or home == namespace)
        ]

    def role(self, name: str, *rules: dict[str, Any], namespace: str = "") -> None:
        self._put("Role" if namespace else "ClusterRole", name, namespace, {"rules": list(rules)})

    def bind(self, role: str, subject: dict[str, str], *, namespace: str = "", name: str = "") -> None:
        """`role` as `ClusterRole/view`."""
        kind, _, role_name = role.partition("/")
        body = {"roleRef": {"kind": kind, "name": role_name}, "subjects": [subject]}
        self._put("RoleBinding" if namespace else "ClusterRoleBinding", name or f"b-{role_name}", namespace, body)

    def _put(self, kind: str, name: str, namespace: str, body: dict[str, Any]) -> None:
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        self.objects[KINDS[kind], namespace, name] = {"kind": kind, "metadata": metadata, **body}


@pytest.fixture
def policy() -> Policy:
    return Policy()


@pytest.fixture
def rbac(policy: Policy) -> Rbac:
    return Rbac(policy)


@dataclass
class Issuing:
    """Tokens over a storage with a ServiceAccount `robot` in namespace `test`."""

    storage: Storage = field(default_factory=Storage)
    moment: datetime = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.storage, now=lambda: self.moment, key=certificates.new_key())
        self.put("ServiceAccount", "robot")

    def put(self, kind: str, name: str, *, uid: str = "", **rest: Any) -> None:
        home = "" if kind == "Node" else "test"
        metadata = {"name": name, "uid": uid or f"uid-of-{name}", **rest.pop("metadata", {})}
        self.storage.put(KINDS[kind], (home, name), {"kind": kind, "metadata": metadata, **rest})

    def remove(self, kind: str, name: str) -> None:
        self.storage.remove(KINDS[kind], ("test", name))

    def pass_time(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture
def issuing() -> Issuing:
    return Issuing()
