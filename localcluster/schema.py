"""Kubernetes' own OpenAPI definitions: which fields a type has and how its lists and maps are merged.

Read once, at the first question, from the data of the installed `kubernetes_validate`; never fetched.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from localcluster.resources import Resource

KUBERNETES_VERSION = "1.36.0"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

ListType = Literal["atomic", "set", "map"]
_REF = "#/$defs/"
_V2, _V3 = "#/definitions/", "#/components/schemas/"
_FREE_FORM = ("JSON", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrArray", "JSONSchemaPropsOrStringArray")


class SchemaMissingError(Exception):
    """The definitions are not where the installed package should have them."""


@dataclass(frozen=True, eq=False)
class Schema:
    """One type. `name`: its definition's name, or "" for a type written in place. `hints`: what the field
    that leads to it says besides its type (list type, map keys, patch strategy).
    """

    name: str
    node: dict[str, Any]
    hints: dict[str, Any]

    @functools.cached_property
    def type(self) -> str:
        """`object`, `array`, `string`, `integer`, `number`, `boolean`, or "" where several are allowed."""
        kind = self.node.get("type")
        if isinstance(kind, list):
            return next((name for name in kind if name != "null"), "")
        return kind or ""

    @functools.cached_property
    def fields(self) -> dict[str, Any]:
        """The declared fields, empty for a map with free keys."""
        return self.node.get("properties") or {}

    @functools.cached_property
    def is_struct(self) -> bool:
        """Whether field names are declared; a struct refuses others."""
        return bool(self.fields)

    @functools.cached_property
    def is_free_form(self) -> bool:
        """Whether anything may stand here (a `RawExtension`, `FieldsV1`, or an unknown type)."""
        return self.type in ("", "object") and not self.fields and "additionalProperties" not in self.node

    def field(self, name: str) -> Schema | None:
        """The type of field or map value `name`; None when there is no such field."""
        if name in self.fields:
            return _resolve(self.fields[name])
        values = self.node.get("additionalProperties")
        return _resolve(values) if isinstance(values, dict) else None

    @functools.cached_property
    def items(self) -> Schema | None:
        """The type of a list's items."""
        items = self.node.get("items")
        return _resolve(items) if isinstance(items, dict) else None

    @functools.cached_property
    def map_is_atomic(self) -> bool:
        """Whether the map is owned and replaced as one value."""
        return self._hint("x-kubernetes-map-type") == "atomic" or self.is_free_form

    @functools.cached_property
    def list_type(self) -> ListType:
        """How server-side apply sees the list; a merge key without a list type makes it a map."""
        declared = self._hint("x-kubernetes-list-type")
        if declared in ("set", "map"):
            return "set" if declared == "set" else "map"
        if declared is None and "merge" in self.patch_strategies:
            return "map" if self.merge_key else "set"
        return "atomic"

    @functools.cached_property
    def map_keys(self) -> tuple[str, ...]:
        """The fields that tell one item of a `map` list from another."""
        keys = self._hint("x-kubernetes-list-map-keys")
        if keys:
            return tuple(keys)
        return (self.merge_key,) if self.merge_key else ()

    @functools.cached_property
    def patch_strategies(self) -> frozenset[str]:
        """Of a strategic merge patch: `merge`, `retainKeys`, `replace`."""
        return frozenset((self._hint("x-kubernetes-patch-strategy") or "").split(",")) - {""}

    @functools.cached_property
    def merge_key(self) -> str:
        """The one key a strategic merge patch tells items by, or ""."""
        return str(self._hint("x-kubernetes-patch-merge-key") or "")

    def default_of(self, name: str) -> Any:
        """The default the schema names for a field, None when it names none."""
        if not self.name:  # written in place, as the types of custom resources are
            return (self.fields.get(name) or {}).get("default")
        return _DEFAULTS.get((self.name, name))

    def _hint(self, name: str) -> Any:
        return self.hints.get(name, self.node.get(name))


# Map keys that a client may leave out: the server fills them before it compares items.
_DEFAULTS = {
    ("io.k8s.api.core.v1.ContainerPort", "protocol"): "TCP",
    ("io.k8s.api.core.v1.ServicePort", "protocol"): "TCP",
}


def schema_of(resource: Resource) -> Schema:
    """The type of a resource's objects."""
    if resource.custom is not None:
        return resource.custom.schema
    return definition(_names_by_kind()[resource.group, resource.version, resource.kind])


@functools.cache
def definition(name: str) -> Schema:
    """The type of that name, such as `io.k8s.api.core.v1.Pod`."""
    return Schema(name, definitions()[name], {})


@functools.cache
def definitions() -> dict[str, Any]:
    """Every definition by its name, as the package carries them."""
    path = _data_file()
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise SchemaMissingError(
            f"cannot read Kubernetes' definitions from {path}: install kubernetes-validate"
        ) from error
    found: dict[str, Any] = document["$defs"]
    return found


def openapi_v2() -> dict[str, Any]:
    """The definitions as `/openapi/v2` gives them: plain types, references into `definitions`."""
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": f"v{KUBERNETES_VERSION}"},
        "paths": {},
        "definitions": {name: _published(node, prefix=_V2) for name, node in definitions().items()},
    }


def openapi_v3(*, group: str, version: str) -> dict[str, Any]:
    """The definitions a group version needs, as `/openapi/v3/...` gives them."""
    return document_v3([name for (of, at, _), name in _names_by_kind().items() if (of, at) == (group, version)])


def document_v3(roots: list[str]) -> dict[str, Any]:
    """The definitions of those names and what they refer to, as `/openapi/v3/...` gives them."""
    schemas = {name: _published(definitions()[name], prefix=_V3) for name in sorted(_reachable(roots))}
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": f"v{KUBERNETES_VERSION}"},
        "paths": {},
        "components": {"schemas": schemas},
    }


def _data_file() -> Path:
    found = importlib.util.find_spec("kubernetes_validate")
    if found is None or not found.submodule_search_locations:
        raise SchemaMissingError("the local cluster needs the package kubernetes-validate: install surgeboard[local]")
    folder = Path(found.submodule_search_locations[0])
    return folder / "kubernetes-json-schema" / f"v{KUBERNETES_VERSION}-local" / "_definitions.json"


@functools.cache
def _names_by_kind() -> dict[tuple[str, str, str], str]:
    names: dict[tuple[str, str, str], str] = {}
    for name, node in definitions().items():
        kinds = node.get("x-kubernetes-group-version-kind", [])
        if len(kinds) == 1:  # types such as DeleteOptions belong to every group
            names[kinds[0]["group"], kinds[0]["version"], kinds[0]["kind"]] = name
    return names


def _resolve(node: dict[str, Any]) -> Schema:
    """Each place in the definitions is read once: they live as long as the process, so its id names it."""
    known = _RESOLVED.get(id(node))
    if known is None:
        known = _RESOLVED[id(node)] = _read(node)
    return known


_RESOLVED: dict[int, Schema] = {}


def _read(node: dict[str, Any]) -> Schema:
    reference = node.get("$ref")
    if reference is None:
        return Schema("", node, {})
    name = reference.removeprefix(_REF)
    return Schema(name, definitions()[name], {key: value for key, value in node.items() if key.startswith("x-")})


def _reachable(roots: list[str]) -> set[str]:
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(_references(definitions()[name]))
    return seen


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_REF)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _published(node: Any, *, prefix: str) -> Any:
    """Undo what the package adds for validation: nullable types, enums of kind, its own reference root."""
    if isinstance(node, list):
        return [_published(value, prefix=prefix) for value in node]
    if not isinstance(node, dict):
        return node
    result = {key: _published(value, prefix=prefix) for key, value in node.items() if key != "enum"}
    if isinstance(node.get("$ref"), str):
        reference = {"$ref": prefix + result.pop("$ref").removeprefix(_REF)}
        # The third version of OpenAPI ignores what stands beside a reference.
        result = {**result, "allOf": [reference]} if result and prefix == _V3 else {**result, **reference}
    if isinstance(node.get("type"), list):
        result["type"] = next(name for name in node["type"] if name != "null")
    if "oneOf" in node and len(node) == 1:
        if prefix == _V3:
            return result
        kinds = [choice["type"] for choice in result["oneOf"]]
        return {"type": "string", **({"format": "int-or-string"} if "integer" in kinds else {})}
    return result
