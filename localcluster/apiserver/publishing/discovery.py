"""Discovery: which groups, versions and resources there are, made from the table and the aggregated APIs. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence

from localcluster.client import Object
from localcluster.resources import NAMESPACES, SERVED, Resource

AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

_STATUS_VERBS = ["get", "patch", "update"]
_SUBRESOURCES: dict[tuple[str, str], tuple[str, str, str, list[str]]] = {
    ("namespaces", "finalize"): ("", "v1", "Namespace", ["update"]),
    ("pods", "attach"): ("", "v1", "PodAttachOptions", ["create", "get"]),
    ("pods", "binding"): ("", "v1", "Binding", ["create"]),
    ("pods", "eviction"): ("policy", "v1", "Eviction", ["create"]),
    ("pods", "exec"): ("", "v1", "PodExecOptions", ["create", "get"]),
    ("pods", "log"): ("", "v1", "Pod", ["get"]),
    ("pods", "portforward"): ("", "v1", "PodPortForwardOptions", ["create", "get"]),
    ("pods", "proxy"): ("", "v1", "PodProxyOptions", ["create", "delete", "get", "patch", "update"]),
    ("services", "proxy"): ("", "v1", "ServiceProxyOptions", ["create", "delete", "get", "patch", "update"]),
    ("serviceaccounts", "token"): ("authentication.k8s.io", "v1", "TokenRequest", ["create"]),
}
"""(group, version, kind, verbs) of subresources that are not a status or a scale."""


def _review(group: str, kind: str, *, namespaced: bool = False) -> Resource:
    return Resource(group, "v1", f"{kind.lower()}s", kind, kind.lower(), namespaced, verbs=("create",))


REVIEWS: tuple[Resource, ...] = (
    _review("authentication.k8s.io", "SelfSubjectReview"),
    _review("authentication.k8s.io", "TokenReview"),
    _review("authorization.k8s.io", "LocalSubjectAccessReview", namespaced=True),
    _review("authorization.k8s.io", "SelfSubjectAccessReview"),
    _review("authorization.k8s.io", "SelfSubjectRulesReview"),
    _review("authorization.k8s.io", "SubjectAccessReview"),
)
"""Resources that only answer a question and are never stored."""

ALL = (*SERVED, *REVIEWS)

GroupVersion = tuple[str, str]
Served = Sequence[Resource]
"""The table's resources and reviews, and after them the custom resources there are."""


def api_versions(address: str) -> Object:
    """GET /api."""
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def group_versions(aggregated: Iterable[GroupVersion] = (), *, served: Served = ALL) -> dict[str, list[str]]:
    """The versions of each named group, in the order of `served`."""
    found: dict[str, list[str]] = {}
    for group, version in [*((r.group, r.version) for r in served), *aggregated]:
        if group and version not in found.setdefault(group, []):
            found[group].append(version)
    return found


def group_list(aggregated: Iterable[GroupVersion] = (), *, served: Served = ALL) -> Object:
    """GET /apis."""
    groups = [_group(name, versions) for name, versions in group_versions(aggregated, served=served).items()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(name: str, aggregated: Iterable[GroupVersion] = (), *, served: Served = ALL) -> Object | None:
    """GET /apis/{group}."""
    versions = group_versions(aggregated, served=served).get(name)
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions)} if versions else None


def resource_list(group_name: str, version: str, *, served: Served = ALL) -> Object | None:
    """GET of a group version of ours."""
    rows = [row for resource in _of(group_name, version, served=served) for row in _rows(resource)]
    if not rows:
        return None
    rows.sort(key=lambda row: str(row["name"]))
    head: Object = {"kind": "APIResourceList"}
    if group_name:
        head["apiVersion"] = "v1"
    return {**head, "groupVersion": f"{group_name}/{version}" if group_name else version, "resources": rows}


def aggregated_core() -> Object:
    """GET /api as APIGroupDiscoveryList."""
    return _discovery([{"metadata": {}, "versions": [_version_discovery("", "v1", served=ALL)]}])


def aggregated_groups(others: Iterable[tuple[GroupVersion, Object]] = (), *, served: Served = ALL) -> Object:
    """GET /apis as APIGroupDiscoveryList; `others` are aggregated APIs with the resource list each gave."""
    items = [
        {"metadata": {"name": name}, "versions": [_version_discovery(name, each, served=served) for each in versions]}
        for name, versions in group_versions(served=served).items()
    ]
    for (name, version), resources in others:
        rows = [_discovered_row(row) for row in resources.get("resources", []) if "/" not in row["name"]]
        fresh = {"version": version, "resources": rows, "freshness": "Current"}
        items.append({"metadata": {"name": name}, "versions": [fresh]})
    return _discovery(items)


def _discovery(items: Sequence[Object]) -> Object:
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _group(name: str, versions: Sequence[str]) -> Object:
    entries = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


def _of(group_name: str, version: str, *, served: Served) -> list[Resource]:
    return [resource for resource in served if (resource.group, resource.version) == (group_name, version)]


def _rows(resource: Resource) -> Iterable[Object]:
    row: Object = {
        "name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced,
        "kind": resource.kind, "verbs": _verbs(resource),
    }  # fmt: skip
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    if "list" in resource.verbs:
        digest = hashlib.sha256(f"{resource.group}/{resource.version}/{resource.kind}".encode()).digest()
        row["storageVersionHash"] = base64.b64encode(digest[:8]).decode()
    yield row
    for name in resource.subresources:
        group_name, version, kind, verbs = _subresource(resource, name)
        below: Object = {"name": f"{resource.plural}/{name}", "singularName": "", "namespaced": resource.namespaced}
        if (group_name, version) != (resource.group, resource.version):
            below |= {"group": group_name, "version": version}
        yield {**below, "kind": kind, "verbs": verbs}


def _subresource(resource: Resource, name: str) -> tuple[str, str, str, list[str]]:
    if name == "scale":
        return "autoscaling", "v1", "Scale", _STATUS_VERBS
    default = (resource.group, resource.version, resource.kind, _STATUS_VERBS)
    return _SUBRESOURCES.get((resource.plural, name), default)


def _verbs(resource: Resource) -> list[str]:
    if resource is NAMESPACES:
        return [verb for verb in resource.verbs if verb != "deletecollection"]
    return list(resource.verbs)


def _version_discovery(group_name: str, version: str, *, served: Served) -> Object:
    found = sorted(_of(group_name, version, served=served), key=lambda r: r.plural)
    resources = [_discovered(resource) for resource in found]
    return {"version": version, "resources": resources, "freshness": "Current"}


def _discovered(resource: Resource) -> Object:
    entry: Object = {
        "resource": resource.plural, "responseKind": {"group": "", "version": "", "kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster", "singularResource": resource.singular,
        "verbs": _verbs(resource),
    }  # fmt: skip
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    below = []
    for name in resource.subresources:
        group_name, version, kind, verbs = _subresource(resource, name)
        own = (group_name, version) == (resource.group, resource.version)
        answer = {"group": "" if own else group_name, "version": "" if own else version, "kind": kind}
        below.append({"subresource": name, "responseKind": answer, "verbs": verbs})
    if below:
        entry["subresources"] = below
    return entry


def _discovered_row(row: Object) -> Object:
    entry: Object = {
        "resource": row["name"], "responseKind": {"group": "", "version": "", "kind": row["kind"]},
        "scope": "Namespaced" if row["namespaced"] else "Cluster", "singularResource": row.get("singularName", ""),
        "verbs": row["verbs"],
    }  # fmt: skip
    if row.get("shortNames"):
        entry["shortNames"] = row["shortNames"]
    return entry
