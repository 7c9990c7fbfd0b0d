"""What a URL path means: the resource, the object, the subresource. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from localcluster.resources import SERVED, Resource

_BY_PLURAL = {(resource.group, resource.version, resource.plural): resource for resource in SERVED}
_GROUP_VERSIONS = frozenset((resource.group, resource.version) for resource in SERVED)
_NAMESPACE_SUBRESOURCES = ("status", "finalize")


@dataclass(frozen=True, slots=True)
class Target:
    """A resource path taken apart. `rest` is what follows the subresource, undecoded."""

    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""

    @property
    def resource(self) -> Resource | None:
        """None for a resource we do not store, such as one of an aggregated API."""
        return _BY_PLURAL.get((self.group, self.version, self.plural))


def is_served(group: str, version: str) -> bool:
    """Whether the table has resources of that group version."""
    return (group, version) in _GROUP_VERSIONS


def split_group_version(path: str) -> tuple[str, str, list[str]] | None:
    """(group, version, further raw segments) of a path under /api or /apis that names a version."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) >= 2:
        return "", parts[1], parts[2:]
    if parts[0] == "apis" and len(parts) >= 3:
        return parts[1], parts[2], parts[3:]
    return None


def parse(path: str) -> Target | None:
    """The target of a raw path; None when the path names no resource."""
    found = split_group_version(path)
    if found is None or not found[2]:
        return None
    group, version, parts = found
    if parts[0] == "namespaces" and len(parts) >= 3 and not (len(parts) == 3 and parts[2] in _NAMESPACE_SUBRESOURCES):
        return _target(group, version, parts[2:], namespace=unquote(parts[1]), path=path)
    return _target(group, version, parts, namespace="", path=path)


def _target(group: str, version: str, parts: Sequence[str], *, namespace: str, path: str) -> Target:
    names = [unquote(part) for part in parts[:3]] + [""] * 3
    rest = "/".join(parts[3:])
    if len(parts) > 3 and path.endswith("/") and not rest.endswith("/"):
        rest += "/"
    return Target(group, version, names[0], namespace, names[1], names[2], rest)
