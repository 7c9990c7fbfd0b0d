"""What a request asks for, in the words authorization judges: verb, resource, name, or a plain path. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localcluster.apiserver.http.paths import Target

_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_FALSE = ("0", "f", "false")
_NAME_FIELD = "metadata.name"


@dataclass(frozen=True, slots=True)
class Attributes:
    """One question to the authorizer; without a `resource` it is about `path`."""

    verb: str
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def combined(self) -> str:
        """`pods`, or `pods/log`: a resource as rules name it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def of_request(method: str, *, path: str, query: Mapping[str, str], target: Target | None) -> Attributes:
    """The question a request asks; `target` is its path taken apart."""
    verb = _VERBS.get(method, method.lower())
    if target is None:
        return Attributes(method.lower(), path=path)
    name = target.name
    if not name and verb == "get":
        verb = "watch" if query.get("watch", "false").lower() not in _FALSE else "list"
        name = _selected_name(query.get("fieldSelector", ""))
    elif not name and verb == "delete":
        verb = "deletecollection"
    own = target.name if target.plural == "namespaces" and not target.namespace else target.namespace
    return Attributes(verb, target.group, target.version, target.plural, target.subresource, own, name, path)


def _selected_name(selector: str) -> str:
    """The one object a field selector leaves: rules with resourceNames apply to such a list too."""
    for term in selector.split(","):
        field, _, value = term.partition("=")
        if field.strip() == _NAME_FIELD:
            return value.removeprefix("=").strip()
    return ""
