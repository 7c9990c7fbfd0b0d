"""Keeps the default roles and bindings whole: made at the start, what is missing added again, and aggregation."""

from __future__ import annotations

import asyncio

from localcluster.apiserver.access import policy
from localcluster.apiserver.access.rules import uncovered
from localcluster.apiserver.options import WriteOptions
from localcluster.apiserver.registry import APPLY, Registry
from localcluster.client import Object
from localcluster.errors import ApiError
from localcluster.resources import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, CONFIG_MAPS, ROLES, Resource
from localcluster.selectors import from_object

_API_SERVER = WriteOptions("kube-apiserver")
_AGGREGATOR = "clusterrole-aggregation-controller"
_SYSTEM = "kube-system"
_GATHER_S = 0.05
"""Changes that come together are worked on together; it also bounds the work for roles that select one another."""


async def create_policy(registry: Registry, *, authority: str) -> None:
    """The default policy, once at every start; `authority` is that of client certificates, PEM."""
    for body in policy.cluster_roles():
        await _ensure(registry, CLUSTER_ROLES, body)
    for body in policy.cluster_role_bindings():
        await _ensure(registry, CLUSTER_ROLE_BINDINGS, body)
    for body in policy.roles():
        await _ensure(registry, ROLES, body, namespace=_SYSTEM)
    await _ensure(registry, CONFIG_MAPS, policy.authentication_config(authority), namespace=_SYSTEM)
    while await aggregate(registry):  # ours lead into one another, but never in a circle
        pass


async def keep_aggregated(registry: Registry) -> None:
    """Fill aggregated ClusterRoles whenever one of the others changes. Runs until cancelled."""
    with registry.storage.waking(CLUSTER_ROLES) as changed:
        while True:
            changed.clear()
            await aggregate(registry)
            await changed.wait()
            await asyncio.sleep(_GATHER_S)


async def aggregate(registry: Registry) -> bool:
    """Write into every aggregated ClusterRole the rules of those it selects; whether any has changed."""
    changed = False
    for version in registry.storage.all(CLUSTER_ROLES):
        role = version.object
        if not role.get("aggregationRule"):
            continue
        rules = aggregated_rules(role, [other.object for other in registry.storage.all(CLUSTER_ROLES)])
        if not _same(rules, role.get("rules") or []):
            changed = await _write_rules(registry, role["metadata"]["name"], rules) or changed
    return changed


def aggregated_rules(role: Object, others: list[Object]) -> list[Object]:
    """The rules of all roles that the role's selectors match, each rule once."""
    rules: list[Object] = []
    for selector in role["aggregationRule"].get("clusterRoleSelectors") or ():
        matching = from_object(selector)
        for other in others:
            if other["metadata"]["name"] != role["metadata"]["name"] and matching.matches(
                other["metadata"].get("labels")
            ):
                rules += [rule for rule in other.get("rules") or () if rule not in rules]
    return rules


def _same(rules: list[Object], others: list[Object]) -> bool:
    return all(rule in others for rule in rules) and all(rule in rules for rule in others)


async def _write_rules(registry: Registry, name: str, rules: list[Object]) -> bool:
    patch = {
        "apiVersion": CLUSTER_ROLES.api_version, "kind": CLUSTER_ROLES.kind, "metadata": {"name": name}, "rules": rules,
    }  # fmt: skip
    try:
        await registry.patch(
            CLUSTER_ROLES, name, patch, patch_type=APPLY, options=WriteOptions(_AGGREGATOR, force=True)
        )
    except ApiError as error:
        if error.code not in (404, 409, 422):
            raise
        return False
    return True


async def _ensure(registry: Registry, resource: Resource, body: Object, *, namespace: str = "") -> None:
    """Create what is missing; give back to a role or binding what was taken from it, unless its owner forbids it."""
    name = body["metadata"]["name"]
    current = registry.storage.get(resource, (namespace, name))
    if current is None:
        await registry.create(resource, body, namespace=namespace, options=_API_SERVER)
        return
    after = current.copy()
    if resource is CONFIG_MAPS:
        after["data"] = {**(after.get("data") or {}), **body["data"]}
    elif (after["metadata"].get("annotations") or {}).get(policy.AUTOUPDATE) != "true":
        return
    elif "subjects" in body:
        present = after.get("subjects") or []
        after["subjects"] = [*present, *(subject for subject in body["subjects"] if subject not in present)]
    elif uncovered(after.get("rules") or (), body["rules"]):
        after["rules"] = [*(after.get("rules") or []), *uncovered(after.get("rules") or (), body["rules"])]
    await registry.update(resource, name, after, namespace=namespace, options=_API_SERVER)
