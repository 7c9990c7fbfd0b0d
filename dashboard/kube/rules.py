"""Which RBAC rule a request to the Kubernetes API needs: from its verb and path, or from the words of a refusal. Pure.

A person reads the sentence and pastes the YAML; nothing here is ever applied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, unquote

CLUSTER_SCOPED = frozenset(
    {"namespaces", "nodes", "persistentvolumes", "componentstatuses", "clusterroles", "clusterrolebindings",
     "apiservices", "customresourcedefinitions", "storageclasses", "priorityclasses", "ingressclasses",
     "runtimeclasses", "csidrivers", "csinodes", "volumeattachments", "validatingwebhookconfigurations",
     "mutatingwebhookconfigurations", "certificatesigningrequests", "selfsubjectaccessreviews",
     "selfsubjectrulesreviews", "subjectaccessreviews", "tokenreviews"}
)  # fmt: skip
"""A collection's path does not tell whether it is of the whole cluster or of every namespace."""
PLAIN_GROUPS = frozenset({"", "apps", "batch", "autoscaling", "policy", "rbac.authorization.k8s.io"})
"""Groups whose resources nobody mistakes for another's, so that a sentence need not name them."""
ROLES = "rbac.authorization.k8s.io"
ACCOUNT = "system:serviceaccount:"
_OF_METHOD = {"HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "OPTIONS": "get"}
_OF_NAMESPACE = ("status", "finalize")
_REFUSAL = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>[a-z]+) (?:path "(?P<url>[^"]*)"|resource "(?P<resource>[^"/]+)'
    r'(?:/(?P<sub>[^"]+))?" in API group "(?P<group>[^"]*)"(?: in the namespace "(?P<namespace>[^"]+)")?)'
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What RBAC would have to allow. `namespace`: None for the whole cluster. `names`: only objects called so.

    `url`: of a path that is no resource; `resource` is empty then. `user`: who was refused, where that is known.
    """

    api_group: str
    resource: str
    subresource: str | None
    verbs: tuple[str, ...]
    namespace: str | None
    names: tuple[str, ...] = ()
    url: str | None = None
    user: str | None = None

    @property
    def combined(self) -> str:
        """As RBAC names it: `pods`, `pods/proxy`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @property
    def sentence(self) -> str:
        """`needs list pods in namespace flask`."""
        verbs = self.verbs[0] if len(self.verbs) == 1 else f"{', '.join(self.verbs[:-1])} and {self.verbs[-1]}"
        if self.url is not None:
            return f"needs {verbs} the path {self.url}"
        group = "" if self.api_group in PLAIN_GROUPS else f".{self.api_group}"
        plain = f"{self.resource}{group}" + (f"/{self.subresource}" if self.subresource else "")
        named = f" {', '.join(self.names)}" if self.names else ""
        return f"needs {verbs} {plain}{named}{self._where()}"

    @property
    def yaml(self) -> str:
        """A Role or ClusterRole with this one rule, and its binding where it is known for whom."""
        kind = "Role" if self.namespace else "ClusterRole"
        group = "" if self.api_group in PLAIN_GROUPS else f".{self.api_group}"
        name = _called("surgeboard", *self.verbs, f"{self.resource or 'path'}{group}", self.subresource or "")
        head = _head(kind, name, self.namespace)
        documents = [f"{head}rules:\n{self._item()}"]
        if self.user:
            documents.append(
                f"{_head(f'{kind}Binding', name, self.namespace)}roleRef:\n  apiGroup: {ROLES}\n  kind: {kind}\n"
                f"  name: {name}\nsubjects:\n{_subject(self.user)}"
            )
        return "---\n".join(documents)

    def of(self, *verbs: str) -> Rule:
        """The same for these verbs, such as all that a reader of it needs."""
        return replace(self, verbs=verbs)

    def of_all(self) -> Rule:
        """The same for whatever the objects are called."""
        return replace(self, names=())

    def document(self) -> dict[str, Any]:
        """As it stands in a row."""
        return {
            "api_group": self.api_group, "resource": self.combined, "verbs": list(self.verbs),
            "namespace": self.namespace, "names": list(self.names), "sentence": self.sentence, "yaml": self.yaml,
        }  # fmt: skip

    def _where(self) -> str:
        if self.namespace:
            return f" in namespace {self.namespace}"
        return "" if self.names or self.resource in CLUSTER_SCOPED else " in every namespace"

    def _item(self) -> str:
        if self.url is not None:
            return f"  - nonResourceURLs: {_list(self.url)}\n    verbs: {_list(*self.verbs)}\n"
        named = f"    resourceNames: {_list(*self.names)}\n" if self.names else ""
        return (
            f"  - apiGroups: {_list(self.api_group)}\n    resources: {_list(self.combined)}\n"
            f"{named}    verbs: {_list(*self.verbs)}\n"
        )


def rule_of(verb: str, path: str) -> Rule:
    """The rule for a request. `verb`: Kubernetes' (`list`) or HTTP's (`GET`); `path` may carry a query."""
    where, _, query = path.partition("?")
    parts = [unquote(part) for part in where.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        group, rest = "", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, rest = parts[1], parts[3:]
    else:
        return Rule("", "", None, (_verb(verb, has_name=True, query=query),), None, url=where)
    namespace = None
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in _OF_NAMESPACE:
        namespace, rest = rest[1], rest[2:]
    name = rest[1] if len(rest) > 1 else ""
    subresource = rest[2] if len(rest) > 2 else None
    verbs = (_verb(verb, has_name=bool(name), query=query),)
    return Rule(group, rest[0], subresource, verbs, namespace, (name,) if name else ())


def rule_of_refusal(message: str, path: str = "") -> Rule | None:
    """The rule that an authorizer missed, by its words; None when it was not the missing of one that refused.

    `path`: what was asked for, which tells the object's name.
    """
    told = _REFUSAL.search(message)
    if told is None:
        return None
    user = told["user"] or None
    if told["url"] is not None:
        return Rule("", "", None, (told["verb"],), None, url=told["url"], user=user)
    found = Rule(told["group"], told["resource"], told["sub"], (told["verb"],), told["namespace"], user=user)
    asked = rule_of("get", path) if path else None
    if asked is not None and (asked.api_group, asked.combined) == (found.api_group, found.combined):
        # A name is of no use to a rule for `create`, which comes before there is one; a proxy's has a port in it.
        is_one = asked.subresource != "proxy" and told["verb"] not in ("create", "list", "watch", "deletecollection")
        found = replace(found, names=asked.names if is_one else (), namespace=_home(found, asked))
    return found


def document_of(error: Exception | None) -> Mapping[str, Any] | None:
    """The rule that an error carries, as it stands in a row; None where there is none."""
    rule = getattr(error, "rule", None)
    return rule.document() if isinstance(rule, Rule) else None


def _home(found: Rule, asked: Rule) -> str | None:
    """A Namespace is asked for in itself, though only a ClusterRole is sure to reach it."""
    return None if found.resource == "namespaces" else found.namespace or asked.namespace


def _verb(verb: str, *, has_name: bool, query: str) -> str:
    if verb.islower():
        return verb
    if verb == "GET":
        if parse_qs(query).get("watch", [""])[0] in ("true", "1"):
            return "watch"
        return "get" if has_name else "list"
    if verb == "DELETE":
        return "delete" if has_name else "deletecollection"
    return _OF_METHOD.get(verb, verb.lower())


def _head(kind: str, name: str, namespace: str | None) -> str:
    where = f"  namespace: {json.dumps(namespace)}\n" if namespace else ""
    return f"apiVersion: {ROLES}/v1\nkind: {kind}\nmetadata:\n  name: {name}\n{where}"


def _subject(user: str) -> str:
    namespace, _, account = user.removeprefix(ACCOUNT).partition(":")
    if user.startswith(ACCOUNT) and account:
        return f"  - kind: ServiceAccount\n    namespace: {json.dumps(namespace)}\n    name: {json.dumps(account)}\n"
    return f"  - apiGroup: {ROLES}\n    kind: User\n    name: {json.dumps(user)}\n"


def _called(*parts: str) -> str:
    return re.sub(r"[^a-z0-9.-]+", "-", "-".join(part for part in parts if part).lower()).strip("-.")


def _list(*values: str) -> str:
    return json.dumps(list(values))
