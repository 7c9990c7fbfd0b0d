"""What OpenAPI says of custom resources. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from localcluster import schema
from localcluster.apiserver.custom.structural import EMBEDDED
from localcluster.client import Object
from localcluster.resources import Resource
from localcluster.schema import OBJECT_META

_ABOUT = {
    "apiVersion": "APIVersion defines the versioned schema of this representation of an object.",
    "kind": "Kind is a string value representing the REST resource this object represents.",
    "metadata": "Standard object's metadata.",
}
_PLAIN = ("type", "format", "description", "required", "title")
"""All that version 2 takes over as it is; it has no words for the rest."""


def document_v3(resources: Sequence[Resource]) -> Object:
    """Of one group version; without paths."""
    document = schema.document_v3([OBJECT_META])
    for resource in resources:
        node = _node(resource, reference={"allOf": [{"$ref": f"#/components/schemas/{OBJECT_META}"}]})
        document["components"]["schemas"][name_of(resource)] = node
    return document


def definitions_v2(resources: Sequence[Resource]) -> Object:
    return {
        name_of(resource): _plain(_node(resource, reference={"$ref": f"#/definitions/{OBJECT_META}"}))
        for resource in resources
    }


def name_of(resource: Resource) -> str:
    """`com.example.v1.Widget`."""
    return ".".join((*reversed(resource.group.split(".")), resource.version, resource.kind))


def _node(resource: Resource, *, reference: Object) -> Object:
    document = dict(resource.custom.document) if resource.custom is not None else {}
    identity = {
        "apiVersion": {"description": _ABOUT["apiVersion"], "type": "string"},
        "kind": {"description": _ABOUT["kind"], "type": "string"},
        "metadata": {"description": _ABOUT["metadata"], **reference},
    }
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    properties = {**(document.get("properties") or {}), **identity}
    return {**document, "type": "object", "properties": properties, "x-kubernetes-group-version-kind": [kind]}


def _plain(node: Any) -> Object:
    found: Object = {
        key: value for key, value in node.items() if key in _PLAIN or key.startswith("x-") or key == "$ref"
    }
    found.pop(EMBEDDED, None)
    if node.get("properties"):
        found["properties"] = {name: _plain(below) for name, below in node["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            found[key] = _plain(node[key])
    return found
