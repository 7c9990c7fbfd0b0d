"""Whether a definition's OpenAPI schema is structural: typed everywhere, so that unknown fields can be told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.fields import decoding_problem
from localcluster.apiserver.custom import values
from localcluster.apiserver.custom.structural import EMBEDDED, PRESERVE
from localcluster.client import Object

_PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_UNSUPPORTED = ("$ref", "definitions", "dependencies", "id", "patternProperties", "additionalItems")
_COMBINING = ("allOf", "anyOf", "oneOf")
_ONLY_OUTSIDE = (
    "type", "default", "additionalProperties", "nullable", "title", "description", PRESERVE, EMBEDDED,
    values.INT_OR_STRING,
)  # fmt: skip
_ROOT, _FIELD, _ITEM = "at the root", "for specified object fields", "for specified array items"
_METADATA = "must not specify anything other than name and generateName, but metadata is implicitly specified"


def faults_of_schema(schema: Object, *, path: str) -> list[Cause]:
    """Causes to refuse the schema of whole objects, which stands at `path`."""
    return list(_of_node(schema, path=path, where=_ROOT))


def _of_node(node: Object, *, path: str, where: str) -> Iterator[Cause]:
    yield from _of_type(node, path=path, where=where)
    yield from _of_extensions(node, path=path)
    yield from _of_values(node, path=path)
    if where == _ROOT or node.get(EMBEDDED):
        yield from _of_metadata(node, path=path)
    for name, below in (node.get("properties") or {}).items():
        yield from _of_node(below, path=f"{path}.properties[{name}]", where=_FIELD)
    yield from _of_contents(node, path=path)
    for field in _COMBINING:
        for index, below in enumerate(node.get(field) or ()):
            yield from _of_combined(below, path=f"{path}.{field}[{index}]", free=_int_or_string(node, field))
    if node.get("not") is not None:
        yield from _of_combined(node["not"], path=f"{path}.not")


def _of_contents(node: Object, *, path: str) -> Iterator[Cause]:
    """What a list or a map holds: free of form for the decoder, so its types are looked at here."""
    for field, level in (("items", _ITEM), ("additionalProperties", _FIELD)):
        below = node.get(field)
        problem = decoding_problem(_PROPS, below) if isinstance(below, dict) else ""
        if isinstance(below, dict) and not problem:
            yield from _of_node(below, path=f"{path}.{field}", where=level)
        elif below is not None and not (field == "additionalProperties" and isinstance(below, bool)):
            yield faults.forbidden(f"{path}.{field}", problem or f"{field} must be a schema object and not an array")
    if node.get("additionalProperties") is False:
        yield faults.forbidden(f"{path}.additionalProperties", "additionalProperties cannot be set to false")
    if node.get("additionalProperties") and node.get("properties"):
        detail = "additionalProperties and properties are mutual exclusive"
        yield faults.forbidden(f"{path}.additionalProperties", detail)


def _of_type(node: Object, *, path: str, where: str) -> Iterator[Cause]:
    kind = node.get("type") or ""
    if node.get(values.INT_OR_STRING):
        if kind:
            detail = "must be empty if x-kubernetes-int-or-string is true"
            yield faults.invalid(f"{path}.type", kind, detail)
    elif not kind:
        if not node.get(PRESERVE) or where == _ROOT:
            yield faults.required(f"{path}.type", f"must not be empty {where}")
    elif kind not in _TYPES:
        yield faults.unsupported(f"{path}.type", kind, _TYPES)
    elif where == _ROOT and kind != "object":
        yield faults.invalid(f"{path}.type", kind, "must be object at the root")
    if kind == "array" and node.get("items") is None:
        yield faults.required(f"{path}.items", "must be specified")


def _of_extensions(node: Object, *, path: str) -> Iterator[Cause]:
    if node.get(PRESERVE) is False:
        yield faults.invalid(f"{path}.{PRESERVE}", False, "must be true or undefined")
    if node.get(EMBEDDED) and node.get("type") != "object":
        yield faults.invalid(
            f"{path}.type", node.get("type", ""), "must be object if x-kubernetes-embedded-resource is true"
        )
    list_type, keys = node.get("x-kubernetes-list-type"), node.get("x-kubernetes-list-map-keys") or []
    if list_type not in (None, "atomic", "set", "map"):
        yield faults.unsupported(f"{path}.x-kubernetes-list-type", list_type, ("atomic", "map", "set"))
    if list_type and node.get("type") != "array":
        detail = "must be array if x-kubernetes-list-type is specified"
        yield faults.invalid(f"{path}.type", node.get("type", ""), detail)
    if list_type == "map" and not keys:
        detail = "must not be empty if x-kubernetes-list-type is map"
        yield faults.required(f"{path}.x-kubernetes-list-map-keys", detail)
    items = node.get("items")
    fields = items.get("properties") if isinstance(items, dict) else None
    for index, key in enumerate(keys):
        if not isinstance(fields, dict) or key not in fields:
            detail = "entries must all be names of item properties"
            yield faults.invalid(f"{path}.x-kubernetes-list-map-keys[{index}]", key, detail)
    if node.get("x-kubernetes-map-type") not in (None, "granular", "atomic"):
        supported = ("atomic", "granular")
        yield faults.unsupported(f"{path}.x-kubernetes-map-type", node["x-kubernetes-map-type"], supported)


def _of_values(node: Object, *, path: str) -> Iterator[Cause]:
    for field in _UNSUPPORTED:
        if node.get(field):
            yield faults.forbidden(f"{path}.{field}", f"{field} is not supported")
    if node.get("uniqueItems"):
        detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield faults.forbidden(f"{path}.uniqueItems", detail)
    pattern_fault = _pattern_fault(node.get("pattern"))
    if pattern_fault:
        detail = f"must be a valid regular expression, but isn't: {pattern_fault}"
        yield faults.invalid(f"{path}.pattern", node["pattern"], detail)
    elif "default" in node and not decoding_problem(_PROPS, node):
        for cause in values.faults_of(node["default"], node, path="default") if _is_judged(node) else ():
            yield {**cause, "field": f"{path}.{cause['field']}"}


def _is_judged(node: Object) -> bool:
    """Whether the schema of a default is sound enough to judge it; if not, that is refused anyway."""
    return not any(_of_parts(node))


def _of_parts(node: Any) -> Iterator[bool]:
    if isinstance(node, dict):
        yield bool(_pattern_fault(node.get("pattern")))
        for key in ("items", "additionalProperties", "not"):
            yield from _of_parts(node.get(key))
        for key in _COMBINING:
            for below in node.get(key) or ():
                yield from _of_parts(below)
        for below in (node.get("properties") or {}).values():
            yield from _of_parts(below)


def _pattern_fault(pattern: Any) -> str:
    if not isinstance(pattern, str):
        return ""
    try:
        values.compiled(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    return ""


def _of_metadata(node: Object, *, path: str) -> Iterator[Cause]:
    metadata = (node.get("properties") or {}).get("metadata") or {}
    others = set(metadata) - {"type", "properties", "description"}
    fields = set(metadata.get("properties") or {}) - {"name", "generateName"}
    if others or fields:
        yield faults.forbidden(f"{path}.properties[metadata]", _METADATA)


def _int_or_string(node: Object, field: str) -> bool:
    """Whether the combination is the one by which older clients spell out a number or a text."""
    types = [below.get("type") for below in node.get(field) or () if isinstance(below, dict)]
    return bool(node.get(values.INT_OR_STRING)) and set(types) <= {"integer", "string", None}


def _of_combined(node: Object, *, path: str, free: bool = False) -> Iterator[Cause]:
    """A schema within a combination narrows values down; what a field is, only the schema around it says."""
    for field in _ONLY_OUTSIDE:
        if node.get(field) and not (free and field == "type"):
            yield faults.forbidden(f"{path}.{field}", "must be empty to be structural")
    yield from _of_values(node, path=path)
    for name, below in (node.get("properties") or {}).items():
        yield from _of_combined(below, path=f"{path}.properties[{name}]", free=free)
    if isinstance(node.get("items"), dict) and not decoding_problem(_PROPS, node["items"]):
        yield from _of_combined(node["items"], path=f"{path}.items", free=free)
    for field in _COMBINING:
        for index, below in enumerate(node.get(field) or ()):
            yield from _of_combined(below, path=f"{path}.{field}[{index}]", free=free)
