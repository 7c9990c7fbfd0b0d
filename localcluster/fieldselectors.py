"""Field selectors: `?fieldSelector=status.phase=Running`, for the fields each resource offers; with the refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcluster.errors import bad_request
from localcluster.resources import Resource


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """Conditions on fields: (path, must be equal, value)."""

    terms: tuple[tuple[str, bool, str], ...] = ()

    def matches(self, obj: Mapping[str, Any]) -> bool:
        """Whether an object is selected; an absent field counts as ""."""
        return all((_field_text(obj, path) == value) is equal for path, equal, value in self.terms)

    @property
    def empty(self) -> bool:
        """Whether it selects everything."""
        return not self.terms


def parse_field_selector(text: str, *, resource: Resource) -> FieldSelector:
    """`status.phase=Running,spec.nodeName!=local`. Raises 400 for a field the resource does not offer."""
    terms = [_field_term(term, whole=text) for term in text.split(",") if term]
    own = _FIELDS.get(resource.plural, ()) if resource.custom is None else resource.custom.selectable
    known = ("metadata.name", "metadata.namespace", *own)
    for path, _, _ in terms:
        if path not in known:
            raise bad_request(_unknown_field(path, resource=resource))
    return FieldSelector(tuple(terms))


_FIELDS: dict[str, tuple[str, ...]] = {
    "pods": (
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
    ),
    "nodes": ("spec.unschedulable",),
    "namespaces": ("status.phase",),
    "secrets": ("type",),
    "services": ("spec.clusterIP", "spec.type"),
    "replicasets": ("status.replicas",),
    "jobs": ("status.successful",),
    "events": (
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
        "reportingComponent", "source", "type",
    ),
}  # fmt: skip


def _unknown_field(path: str, *, resource: Resource) -> str:
    if resource.plural in _FIELDS:
        return f"field label not supported: {path}"
    return f'"{path}" is not a known field selector: only "metadata.name", "metadata.namespace"'


def _field_term(term: str, *, whole: str) -> tuple[str, bool, str]:
    match = re.match(r"([^=!]*)(!=|==|=)(.*)", term)
    if match is None:
        raise bad_request(f"invalid selector: '{whole}'; can't understand '{term}'")
    return match[1], match[2] != "!=", match[3]


def _field_text(obj: Mapping[str, Any], path: str) -> str:
    if path == "source":
        path = "source.component"
    if path == "status.successful":
        path = "status.succeeded"
    value: Any = obj
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return {
            "status.replicas": "0",
            "status.succeeded": "0",
            "spec.unschedulable": "false",
            "spec.hostNetwork": "false",
        }.get(path, "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
