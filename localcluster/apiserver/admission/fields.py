"""Decoding as Kubernetes' Go types would do it: fields of the wrong type are refused, unknown fields are named."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from localcluster import quantity
from localcluster.apiserver.http.bodies import is_too_deep
from localcluster.client import Object
from localcluster.errors import ApiError, bad_request
from localcluster.resources import Resource
from localcluster.schema import INT_OR_STRING, QUANTITY, Schema, definition, schema_of

_TIMES = {"Time": "2006-01-02T15:04:05Z07:00", "MicroTime": "2006-01-02T15:04:05.000000Z07:00"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DEEPEST_FREE_FORM = 150
"""Less than a body may have, so that an object stays within that wherever such a value lies in it."""

_INTEGER_RANGES = {"int32": 2**31, "int64": 2**63}


def unknown_fields(resource: Resource, obj: Object) -> list[str]:
    """Paths of fields the type does not have, such as `spec.containers[0].imagee`, in the order met."""
    return list(_unknown(obj, schema_of(resource), path=""))


def drop_unknown_fields(resource: Resource, obj: Object) -> None:
    """Take fields the type does not have out of `obj`, in place."""
    _drop_unknown(obj, schema_of(resource))


def check_types(resource: Resource, obj: Object) -> None:
    """Raises 400 for the first field whose JSON type, number, quantity, time or base64 text cannot be decoded."""
    schema = schema_of(resource) if resource.custom is None else resource.custom.head
    problem = next(_problems(obj, schema, path="", struct=resource.kind), None)
    if problem is not None:
        raise cannot_be_handled(resource, problem)


def check_definition(name: str, body: Any) -> None:
    """The same for what is never stored, such as a Scale: `name` is that of its definition."""
    kind, version = name.rpartition(".")[2], name.split(".")[-2]
    problem = decoding_problem(name, body)
    if problem:
        raise bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {problem}')


def decoding_problem(name: str, body: Any) -> str:
    """Why `body` cannot be of the type of that definition, or ""."""
    return next(_problems(body, definition(name), path="", struct=_short(name)), "")


def cannot_be_handled(resource: Resource, problem: str) -> ApiError:
    """400 for an object that cannot be decoded."""
    kind = resource.kind
    return bad_request(f'{kind} in version "{resource.version}" cannot be handled as a {kind}: {problem}')


def _unknown(value: Any, schema: Schema | None, *, path: str) -> Iterator[str]:
    if schema is None:
        yield path
    elif isinstance(value, dict) and not schema.is_free_form:
        for name, item in value.items():
            yield from _unknown(item, schema.field(name), path=f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown(item, schema.items, path=f"{path}[{index}]")


def _drop_unknown(value: Any, schema: Schema | None) -> None:
    if schema is None or schema.is_free_form:
        return
    if isinstance(value, dict):
        for name in [name for name in value if schema.field(name) is None]:
            del value[name]
        for name, item in value.items():
            _drop_unknown(item, schema.field(name))
    elif isinstance(value, list):
        for item in value:
            _drop_unknown(item, schema.items)


def _problems(value: Any, schema: Schema | None, *, path: str, struct: str) -> Iterator[str]:
    if schema is None or value is None:
        return
    problem = _scalar_problem(value, schema, field=f"{struct}.{path}")
    if problem:
        yield problem
    elif schema.is_free_form:
        if is_too_deep(value, limit=_DEEPEST_FREE_FORM):
            yield "exceeded max depth"
    elif isinstance(value, dict):
        inner = _short(schema.name) if schema.is_struct and schema.name else struct
        for name, item in value.items():
            below = schema.field(name)
            deeper = (f"{path}.{name}" if path else name) if schema.is_struct else path
            yield from _problems(item, below, path=deeper, struct=inner)
    elif isinstance(value, list):
        for item in value:
            yield from _problems(item, schema.items, path=path, struct=struct)


def _scalar_problem(value: Any, schema: Schema, *, field: str) -> str:
    if schema.name == QUANTITY:
        return _quantity_problem(value)
    if schema.name == INT_OR_STRING:
        wrong = isinstance(value, dict | list | bool | float)
        return f"json: cannot unmarshal {_json_type(value)} into Go value of type string" if wrong else ""
    if _short(schema.name) in _TIMES:
        return _time_problem(value, layout=_TIMES[_short(schema.name)])
    if schema.type and not _fits(value, schema):
        return f"json: cannot unmarshal {_json_type(value)} into Go struct field {field} of type {_go_type(schema)}"
    if schema.node.get("format") == "byte":
        return _base64_problem(value)
    return ""


def _fits(value: Any, schema: Schema) -> bool:
    if schema.type == "integer":
        limit = _INTEGER_RANGES.get(schema.node.get("format", "int64"), 2**63)
        return isinstance(value, int) and not isinstance(value, bool) and -limit <= value < limit
    if schema.type == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    expected = {"string": str, "boolean": bool, "array": list, "object": dict}[schema.type]
    return isinstance(value, expected)


def _quantity_problem(value: Any) -> str:
    try:
        quantity.parse("true" if isinstance(value, bool | dict | list) else value)
    except ValueError as error:
        return str(error)
    return ""


def _time_problem(value: Any, *, layout: str) -> str:
    if not isinstance(value, str):
        return f"json: cannot unmarshal {_json_type(value)} into Go value of type string"
    if _TIME.fullmatch(value):
        return ""
    return f'parsing time "{value}" as "{layout}": cannot parse "{value}" as "2006"'


def _base64_problem(value: str) -> str:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        wrong = re.search(r"[^A-Za-z0-9+/]", value)
        return f"illegal base64 data at input byte {wrong.start() if wrong else len(value) // 4 * 4}"
    return ""


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float):
        return f"number {value}"
    names = {str: "string", int: "number", list: "array", dict: "object"}
    return names[type(value)]


def _go_type(schema: Schema) -> str:
    if schema.type == "array":
        return "[]" + (_go_type(schema.items) if schema.items else "interface {}")
    if schema.type == "integer":
        return str(schema.node.get("format", "int64"))
    if schema.type == "object":
        values = schema.field("")
        return f"v1.{_short(schema.name)}" if schema.name else f"map[string]{_go_type(values) if values else 'string'}"
    if schema.name == QUANTITY:
        return "resource.Quantity"
    return {"boolean": "bool", "number": "float64"}.get(schema.type, schema.type)


def _short(name: str) -> str:
    return name.rpartition(".")[2]
