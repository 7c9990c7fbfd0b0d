"""Whether an object has the shape its kind asks for, by the cluster's own OpenAPI document. Pure.

For objects that cannot be tried, as their namespace is not there yet: required, unknown and wrongly typed fields.
What a value may be is for the API server to say, when the object's turn comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.stack.planning.addressing import Place

Document = Mapping[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,),
    "object": (dict,),
}  # fmt: skip
_WORDS = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a map"}
_OPEN = ("additionalProperties", "x-kubernetes-preserve-unknown-fields", "oneOf", "anyOf", "x-kubernetes-int-or-string")
_LOOSE = (".Quantity", ".IntOrString")
"""Types that take numbers and text; older documents call them text."""

_DEEPEST = 40


def document_path(api_version: str) -> str:
    """Where the API serves the document of a group version."""
    return f"/openapi/v3/{'apis' if '/' in api_version else 'api'}/{api_version}"


def faults(document: Document, manifest: Mapping[str, Any]) -> list[str]:
    """What is wrong with the shape, one clause each; empty also when the document does not know the kind."""
    schemas = (document.get("components") or {}).get("schemas") or {}
    group, _, version = manifest["apiVersion"].rpartition("/")
    wanted = {"group": group, "version": version, "kind": manifest["kind"]}
    about = "x-kubernetes-group-version-kind"
    schema = next((each for each in schemas.values() if wanted in (each.get(about) or [])), None)
    return list(_faults(schemas, schema, manifest, Place(), 0)) if schema is not None else []


def _faults(schemas: Document, schema: Any, value: Any, place: Place, depth: int) -> Iterator[str]:
    schema = _resolved(schemas, schema)
    if not schema or value is None or depth > _DEEPEST:
        return
    kind = schema.get("type")
    if kind and not any(name in schema for name in ("oneOf", "anyOf")) and not _is(value, kind):
        yield f"{place.text} must be {_WORDS[_TYPES[kind][0]]}, it is {_WORDS.get(type(value), type(value).__name__)}"
        return
    if isinstance(value, dict):
        yield from _in_map(schemas, schema, value, place, depth)
    if isinstance(value, list) and "items" in schema:
        for at, item in enumerate(value):
            yield from _faults(schemas, schema["items"], item, place.item(at), depth + 1)


def _in_map(schemas: Document, schema: Document, value: Mapping[str, Any], place: Place, depth: int) -> Iterator[str]:
    properties = schema.get("properties") or {}
    for name in schema.get("required") or []:
        if value.get(name) is None:
            yield f"{place.field(name).text} is missing"
    free = schema.get("additionalProperties")
    for name, below in value.items():
        if name in properties:
            yield from _faults(schemas, properties[name], below, place.field(name), depth + 1)
        elif isinstance(free, dict):
            yield from _faults(schemas, free, below, place.field(str(name)), depth + 1)
        elif properties and not any(schema.get(each) for each in _OPEN):
            yield f"{place.field(str(name)).text} is no field of this kind"


def _resolved(schemas: Document, schema: Any) -> Document:
    for _ in range(_DEEPEST):
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref") or next(
            (each["$ref"] for each in schema.get("allOf") or [] if "$ref" in each), None
        )
        if reference is None:
            return schema
        name = reference.rpartition("/")[2]
        if name.endswith(_LOOSE):
            return {}
        schema = schemas.get(name)
    return {}


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, (object,)))
