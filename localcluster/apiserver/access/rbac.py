"""Role-based access control over the stored roles and bindings. Reads only; must not know requests.

Members of `system:masters` are never asked: what they may do does not hang on any object.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.identity import MASTERS, Identity, account_user
from localcluster.apiserver.access.rules import Rule, allows
from localcluster.client import Object
from localcluster.errors import ApiError, not_found
from localcluster.resources import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES, Resource


class Lister(Protocol):
    """Where roles and bindings are read from."""

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Object | None: ...

    def list(self, resource: Resource, *, namespace: str = "") -> list[Object]: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether, and why as far as there is a reason to tell."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Grant:
    """One binding that names the user: its rules, or why they cannot be had."""

    description: str
    rules: list[Rule]
    problem: str = ""


class Rbac:
    """Answers from the objects as they are now."""

    def __init__(self, lister: Lister) -> None:
        self._lister = lister

    def authorize(self, who: Identity, asked: Attributes) -> Decision:
        """Whether the user may. Roles only ever add: what nothing allows is refused."""
        if MASTERS in who.groups:
            return Decision(allowed=True)
        problems = []
        for grant in self._grants(who, asked.namespace):
            if any(allows(rule, asked) for rule in grant.rules):
                return Decision(allowed=True, reason=f"RBAC: allowed by {grant.description}")
            if grant.problem:
                problems.append(grant.problem)
        return Decision(allowed=False, reason=f"RBAC: {_joined(problems)}" if problems else "")

    def rules_for(self, who: Identity, namespace: str) -> list[Rule]:
        """Everything bindings give the user in the namespace and in the whole cluster."""
        return [rule for grant in self._grants(who, namespace) for rule in grant.rules]

    def rules_of(self, reference: Object, *, namespace: str) -> list[Rule]:
        """The rules of the role a binding in `namespace` refers to; 404 when there is none."""
        kind, name = reference.get("kind"), str(reference.get("name", ""))
        cluster_wide = kind == "ClusterRole"
        resource = CLUSTER_ROLES if cluster_wide else ROLES
        role = self._lister.get(resource, name, namespace="" if cluster_wide else namespace)
        if role is None:
            raise not_found(resource=resource.singular, group=resource.group, name=name)
        return role.get("rules") or []

    def _grants(self, who: Identity, namespace: str) -> Iterator[_Grant]:
        for binding in self._lister.list(CLUSTER_ROLE_BINDINGS):
            subject = _subject_for(binding, who)
            if subject is not None:
                yield self._grant(binding, subject, namespace="")
        if namespace:
            for binding in self._lister.list(ROLE_BINDINGS, namespace=namespace):
                subject = _subject_for(binding, who)
                if subject is not None:
                    yield self._grant(binding, subject, namespace=namespace)

    def _grant(self, binding: Object, subject: Object, *, namespace: str) -> _Grant:
        reference, name = binding["roleRef"], binding["metadata"]["name"]
        shown = f'RoleBinding "{name}/{namespace}"' if namespace else f'ClusterRoleBinding "{name}"'
        description = f'{shown} of {reference["kind"]} "{reference["name"]}" to {_described(subject, namespace)}'
        try:
            return _Grant(description, self.rules_of(reference, namespace=namespace))
        except ApiError as error:
            return _Grant(description, [], error.message)


def _subject_for(binding: Object, who: Identity) -> Object | None:
    namespace = str(binding["metadata"].get("namespace", ""))
    return next((subject for subject in binding.get("subjects") or () if _is(subject, who, namespace)), None)


def _is(subject: Object, who: Identity, namespace: str) -> bool:
    kind, name = subject.get("kind"), str(subject.get("name", ""))
    if kind == "User":
        return name == who.user
    if kind == "Group":
        return name in who.groups
    home = subject.get("namespace") or namespace
    return kind == "ServiceAccount" and bool(home) and account_user(home, name) == who.user


def _described(subject: Object, namespace: str) -> str:
    if subject["kind"] == "ServiceAccount":
        return f'ServiceAccount "{subject["name"]}/{subject.get("namespace") or namespace}"'
    return f'{subject["kind"]} "{subject["name"]}"'


def _joined(problems: list[str]) -> str:
    distinct = list(dict.fromkeys(problems))
    return distinct[0] if len(distinct) == 1 else "[" + ", ".join(distinct) + "]"
