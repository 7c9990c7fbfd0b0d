"""What roles grant and what programs ask for, in the same words, so that the one can be held against the other."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote

from dashboard.kube.client import KubeClient
from dashboard.kube.config import Cluster
from dashboard.kube.credential import whose
from dashboard.kube.requests import Request
from dashboard.kube.streams import Stream

Manifest = Mapping[str, Any]
EVERYWHERE = "*"
ITSELF = "surgeboard"
VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}
NAMESPACES_OWN = ("finalize", "status")
ANYBODY = frozenset(
    {("authorization.k8s.io", "selfsubjectaccessreviews"), ("authorization.k8s.io", "selfsubjectrulesreviews"),
     ("authentication.k8s.io", "selfsubjectreviews")}
)  # fmt: skip
"""What every cluster lets whoever is signed in create (ClusterRole system:basic-user)."""


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """One request, as an authorizer judges it. `namespace` is empty for what is asked of the whole cluster."""

    verb: str
    group: str
    resource: str
    namespace: str
    name: str

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        what = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {what}{f' {self.name}' if self.name else ''}{where}"


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One verb on one resource, in a namespace or everywhere, of one object or of all (`name` empty)."""

    verb: str
    group: str
    resource: str
    namespace: str
    name: str = ""

    def allows(self, call: Call) -> bool:
        same = (self.verb, self.group, self.resource) == (call.verb, call.group, call.resource)
        return same and self.namespace in (EVERYWHERE, call.namespace) and self.name in ("", call.name)

    def is_used_by(self, call: Call) -> bool:
        """What is granted everywhere is used when it was asked of everything, and not of one namespace."""
        is_wide_enough = self.namespace != EVERYWHERE or not call.namespace or call.resource == "namespaces"
        return is_wide_enough and self.allows(call)

    def __str__(self) -> str:
        return str(Call(self.verb, self.group, self.resource, self.namespace, self.name))


def call_of(request: Request) -> Call | None:
    """None for what is no object: discovery, versions, OpenAPI."""
    where, _, query = request.path.partition("?")
    parts = [unquote(part) for part in where.strip("/").split("/")]
    start = {"api": 2, "apis": 3}.get(parts[0], len(parts))
    group, rest = parts[1] if parts[0] == "apis" and len(parts) > 1 else "", parts[start:]
    if not rest:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in NAMESPACES_OWN:
            rest = rest[2:]
    name, subresource = (rest[1] if len(rest) > 1 else ""), (rest[2] if len(rest) > 2 else "")
    asked = {**parse_qs(query), **{key: [str(value).lower()] for key, value in request.query.items()}}
    resource = f"{rest[0]}/{subresource}" if subresource else rest[0]
    return Call(_verb(request.method, name, asked), group, resource, namespace, name)


def calls_of(request: Request, status: int) -> list[Call]:
    """An apply that makes an object is judged twice, as a patch and as a creation of that name."""
    call = call_of(request)
    if call is None:
        return []
    return [call, replace(call, verb="create")] if (call.verb, status) == ("patch", 201) else [call]


def _verb(method: str, name: str, query: Mapping[str, Sequence[str]]) -> str:
    if method == "GET":
        return "get" if name else "watch" if query.get("watch") in (["true"], ["1"]) else "list"
    if method == "DELETE":
        return "delete" if name else "deletecollection"
    return VERBS[method]


def grants_of(objects: Iterable[Manifest], account: str) -> set[Grant]:
    """What Roles and ClusterRoles among the objects give the account of namespace surgeboard by their bindings."""
    held = list(objects)
    rules = {
        (each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]): each["rules"]
        for each in held
        if each["kind"] in ("Role", "ClusterRole")
    }
    found: set[Grant] = set()
    for binding in held:
        if binding["kind"] not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        subjects = [(each["kind"], each.get("namespace"), each["name"]) for each in binding["subjects"]]
        if ("ServiceAccount", "surgeboard", account) not in subjects:
            continue
        namespace, ref = binding["metadata"].get("namespace", ""), binding["roleRef"]
        home = namespace if ref["kind"] == "Role" else ""
        found |= set(_grants(rules[ref["kind"], home, ref["name"]], namespace or EVERYWHERE))
    return found


def _grants(rules: Iterable[Manifest], namespace: str) -> Iterator[Grant]:
    for rule in rules:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    for name in rule.get("resourceNames") or ("",):
                        yield Grant(verb, group, resource, namespace, name)


@dataclass(slots=True)
class Record:
    """Every request by who it was made as: calls that were allowed, and calls that were refused for want of a right."""

    allowed: dict[str, set[Call]] = field(default_factory=dict)
    refused: dict[str, set[Call]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, by: str, call: Call, *, is_refused: bool) -> None:
        with self._lock:
            (self.refused if is_refused else self.allowed).setdefault(by, set()).add(call)

    def unused(self, by: str, grants: Iterable[Grant]) -> list[str]:
        """Granted and never used."""
        calls = self.allowed.get(by, set())
        return sorted(str(each) for each in grants if not any(each.is_used_by(call) for call in calls))

    def ungranted(self, by: str, grants: Iterable[Grant]) -> list[str]:
        """Used and allowed by somebody else's role: what the manifests would lack on another cluster."""
        held = list(grants)
        return sorted(
            str(call)
            for call in self.allowed.get(by, set())
            if (call.group, call.resource) not in ANYBODY and not any(each.allows(call) for each in held)
        )

    def denied(self, by: str) -> list[str]:
        return sorted(str(call) for call in self.refused.get(by, set()))


class RecordingClient(KubeClient):
    """The dashboard's own in a cluster; writes down each request it sends, and as whom."""

    def __init__(self, cluster: Cluster, record: Record) -> None:
        super().__init__(cluster, only_reads=True)
        self.record = record

    def open(self, request: Request, **options: Any) -> Stream:
        person = whose(request.method, request.path)
        stream = super().open(request, **options)
        for call in calls_of(request, stream.status):
            self.record.add(person.by if person else ITSELF, call, is_refused=stream.status == 403)
        return stream
