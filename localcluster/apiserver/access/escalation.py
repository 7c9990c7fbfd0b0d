"""Nobody may grant what they do not hold: checks on writes to roles and bindings. Pure but for reading roles."""

from __future__ import annotations

from collections.abc import Sequence

from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.identity import MASTERS, Identity
from localcluster.apiserver.access.rbac import Rbac
from localcluster.apiserver.access.rules import EVERYTHING, Rule, compact, described, quoted, uncovered
from localcluster.client import Object
from localcluster.errors import forbidden
from localcluster.resources import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES, Resource

_ROLES = (ROLES, CLUSTER_ROLES)
_BINDINGS = (ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS)
_NEEDS_ALL = "must have cluster-admin privileges to use the aggregationRule"


def check_grants(rbac: Rbac, who: Identity, resource: Resource, *, before: Object | None, after: Object) -> None:
    """403 when storing `after` would give rights its writer does not have; 404 for a role that is not there."""
    if resource not in (*_ROLES, *_BINDINGS) or MASTERS in who.groups:
        return
    if before is not None and _same_rights(before, after):
        return
    if resource in _ROLES:
        _check_role(rbac, who, resource, before=before, after=after)
    else:
        _check_binding(rbac, who, resource, after=after)


def _check_role(rbac: Rbac, who: Identity, resource: Resource, *, before: Object | None, after: Object) -> None:
    if _authorized(rbac, who, "escalate", resource, after):
        return
    namespace, name = _place(after)
    aggregates = any(body and body.get("aggregationRule") for body in (before, after))
    if aggregates and uncovered(rbac.rules_for(who, namespace), EVERYTHING):
        raise forbidden(resource=resource.plural, group=resource.group, name=name, message=_NEEDS_ALL)
    _check_held(rbac, who, resource, after, rules=after.get("rules") or ())


def _check_binding(rbac: Rbac, who: Identity, resource: Resource, *, after: Object) -> None:
    namespace, _ = _place(after)
    reference = after.get("roleRef") or {}
    role = CLUSTER_ROLES if reference.get("kind") == "ClusterRole" else ROLES
    asked = Attributes(
        "bind", role.group, role.version, role.plural, namespace=namespace, name=str(reference.get("name", ""))
    )
    if rbac.authorize(who, asked).allowed:
        return
    _check_held(rbac, who, resource, after, rules=rbac.rules_of(reference, namespace=namespace))


def _check_held(rbac: Rbac, who: Identity, resource: Resource, after: Object, *, rules: Sequence[Rule]) -> None:
    namespace, name = _place(after)
    missing = uncovered(rbac.rules_for(who, namespace), rules)
    if not missing:
        return
    lines = "\n".join(sorted({described(rule) for rule in compact(missing)}))
    message = (
        f'user "{who.user}" (groups={quoted(who.groups)}) is attempting to grant RBAC permissions not currently '
        f"held:\n{lines}"
    )
    raise forbidden(resource=resource.plural, group=resource.group, name=name, message=message)


def _authorized(rbac: Rbac, who: Identity, verb: str, resource: Resource, after: Object) -> bool:
    namespace, name = _place(after)
    asked = Attributes(verb, resource.group, resource.version, resource.plural, namespace=namespace, name=name)
    return rbac.authorize(who, asked).allowed


def _place(body: Object) -> tuple[str, str]:
    metadata = body["metadata"]
    return str(metadata.get("namespace", "")), str(metadata.get("name", ""))


def _same_rights(before: Object, after: Object) -> bool:
    """Whether nothing but owners and finalizers changed, which the garbage collector must be able to do."""
    return _judged(before) == _judged(after)


def _judged(body: Object) -> Object:
    free = ("ownerReferences", "finalizers", "managedFields", "resourceVersion")
    metadata = {key: value for key, value in body["metadata"].items() if key not in free}
    return {**body, "metadata": metadata}
