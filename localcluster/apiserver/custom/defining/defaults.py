"""Defaults of CustomResourceDefinitions, and the versions their status says objects may lie in."""

from __future__ import annotations

from typing import Any

from localcluster.apiserver.admission.normalising import normalise
from localcluster.client import Object
from localcluster.schema import definition

_PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"


def default_definition(obj: Object) -> None:
    """In place; tolerant of what validation will refuse."""
    spec = obj["spec"]
    names = spec.setdefault("names", {})
    if names.get("kind"):
        names.setdefault("singular", names["kind"].lower())
        names.setdefault("listKind", f"{names['kind']}List")
    spec.setdefault("conversion", {}).setdefault("strategy", "None")
    for version in spec.get("versions") or ():
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if schema:
            version["schema"]["openAPIV3Schema"] = _tidied(schema)
    status = obj["status"]
    stored = status.get("storedVersions") or []
    storage = [version["name"] for version in spec.get("versions") or () if version.get("storage")]
    status["storedVersions"] = [*stored, *(name for name in storage[:1] if name not in stored)]


def _tidied(node: Any) -> Any:
    """A schema without nulls in what lists and maps hold, which the definitions call free of form."""
    if not isinstance(node, dict):
        return node
    found = dict(node)
    for key in ("items", "additionalProperties", "not"):
        if isinstance(node.get(key), dict):
            found[key] = _tidied(normalise(node[key], definition(_PROPS)))
    if isinstance(node.get("properties"), dict):
        found["properties"] = {name: _tidied(below) for name, below in node["properties"].items()}
    for key in ("allOf", "anyOf", "oneOf"):
        if isinstance(node.get(key), list):
            found[key] = [_tidied(below) for below in node[key]]
    return found
