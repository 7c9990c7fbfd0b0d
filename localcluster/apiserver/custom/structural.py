"""The schema of a custom resource in the form all of the API reads types in. Pure.

A type known here lives as long as the process, as those of the table do: a definition that changes leaves its old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcluster.schema import OBJECT_META, Schema

PRESERVE = "x-kubernetes-preserve-unknown-fields"
EMBEDDED = "x-kubernetes-embedded-resource"
_FREE: dict[str, Any] = {}
_ANYTHING: dict[str, Any] = {}
_ANYTHING |= {"items": _ANYTHING, "additionalProperties": _ANYTHING}
"""What nobody has described: maps in it are owned field by field, lists as a whole."""

_STRING: dict[str, Any] = {"type": "string"}
_IDENTITY: dict[str, Any] = {
    "apiVersion": _STRING, "kind": _STRING, "metadata": {"$ref": f"#/$defs/{OBJECT_META}"},
}  # fmt: skip
_HEAD = Schema("", {"type": "object", "properties": _IDENTITY, "additionalProperties": _FREE}, {})


def head() -> Schema:
    """An object of which only the metadata is known."""
    return _HEAD


def schema(document: Mapping[str, Any]) -> Schema:
    """The type of whole objects."""
    node = _translated(document)
    return Schema("", {**node, "type": "object", "properties": {**node.get("properties", {}), **_IDENTITY}}, {})


def _translated(node: Mapping[str, Any]) -> dict[str, Any]:
    """The same node, saying of every object which fields it has and whether it takes others."""
    found = {key: value for key, value in node.items() if key not in ("properties", "items", "additionalProperties")}
    fields = {name: _translated(below) for name, below in (node.get("properties") or {}).items()}
    if node.get(EMBEDDED):
        fields |= _IDENTITY
    if fields:
        found["properties"] = fields
    if isinstance(node.get("items"), dict):
        found["items"] = _translated(node["items"])
    values = node.get("additionalProperties")
    if isinstance(values, dict):
        found["additionalProperties"] = _translated(values)
    elif values is True or node.get(PRESERVE):
        found["additionalProperties"] = _ANYTHING
        found.setdefault("items", _ANYTHING)
    elif node.get("type") == "object" and not fields:
        found["additionalProperties"] = False  # an object without fields: everything in it is unknown
    return found
