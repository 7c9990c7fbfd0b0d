"""Defaults of custom resources: those their schema names, wherever the object around them is there. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from localcluster.apiserver.admission.normalising import normalise
from localcluster.client import Object
from localcluster.resources import Resource
from localcluster.schema import OBJECT_META, definition

_NOTHING: Mapping[str, Any] = {}


def with_defaults(resource: Resource, obj: Object) -> Object:
    """A new object, its metadata as all objects' is."""
    document = resource.custom.document if resource.custom is not None else _NOTHING
    found: Object = filled({key: value for key, value in obj.items() if key != "metadata"}, document)
    found.pop("metadata", None)
    head: Object = {key: found.pop(key) for key in ("apiVersion", "kind") if key in found}
    return {**head, "metadata": normalise(obj["metadata"], definition(OBJECT_META)), **found}


def filled(value: Any, node: Mapping[str, Any]) -> Any:
    """`value` with defaults in it; a null that may not be one makes room for a default."""
    if isinstance(value, list):
        items = node.get("items")
        return [filled(item, items) for item in value] if isinstance(items, dict) else value
    if not isinstance(value, dict):
        return value
    fields, values = node.get("properties") or {}, node.get("additionalProperties")
    others = values if isinstance(values, dict) else _NOTHING
    found = {
        name: filled(item, fields.get(name, others))
        for name, item in value.items()
        if item is not None or not _replaces_null(fields.get(name, others))
    }
    for name, below in fields.items():
        if name not in found and "default" in below:
            found[name] = filled(copy.deepcopy(below["default"]), below)
    return found


def _replaces_null(node: Mapping[str, Any]) -> bool:
    return "default" in node and not node.get("nullable")
