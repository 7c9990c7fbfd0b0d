"""Whether a value fulfils its OpenAPI schema, in the words of Kubernetes' own validator. Pure.

Fields the schema does not name are no matter of this module: they are gone before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.custom import formats

INT_OR_STRING = "x-kubernetes-int-or-string"
_WHOLE = "<nil>"
"""What stands for the field where a refusal names none."""

Node = Mapping[str, Any]


def faults_of(value: Any, node: Node, *, path: str) -> list[Cause]:
    """Everything wrong with `value`, which stands at `path`."""
    return list(_faults(value, node, path=path))


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as Kubernetes reads it. Raises re.error."""
    return re.compile(pattern.replace(r"\z", r"\Z"))


def _faults(value: Any, node: Node, *, path: str) -> Iterator[Cause]:
    if value is None and (node.get("nullable") or not _types(node)):
        return
    types = _types(node)
    if types and not any(_is(value, kind) for kind in types):
        yield _wrong_type(path, type_name(value), f"must be of type {','.join(types)}: {_quoted(type_name(value))}")
        return
    if "enum" in node and value not in node["enum"]:
        choice = [one if isinstance(one, str) else json.dumps(one) for one in node["enum"]]
        yield faults.unsupported(path, value, choice)
    if isinstance(value, str):
        yield from _of_text(value, node, path=path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _of_number(value, node, path=path)
    elif isinstance(value, list):
        yield from _of_list(value, node, path=path)
    elif isinstance(value, dict):
        yield from _of_object(value, node, path=path)
    yield from _of_combinations(value, node, path=path)


def _of_text(value: str, node: Node, *, path: str) -> Iterator[Cause]:
    if len(value) > node.get("maxLength", len(value)):
        yield faults.too_long(path, most=node["maxLength"])
    if len(value) < node.get("minLength", 0):
        yield _wrong(path, value, f"should be at least {node['minLength']} chars long")
    if node.get("pattern") and not compiled(node["pattern"]).search(value):
        yield _wrong(path, value, f"should match '{node['pattern']}'")
    kind = node.get("format")
    if kind and not formats.fits(value, kind):
        yield _wrong_type(path, value, f"must be of type {kind}: {_quoted(value)}")


def _of_number(value: float, node: Node, *, path: str) -> Iterator[Cause]:
    least, most, step = node.get("minimum"), node.get("maximum"), node.get("multipleOf")
    if most is not None and (value >= most if node.get("exclusiveMaximum") else value > most):
        amount = f"{'' if node.get('exclusiveMaximum') else 'or equal to '}{_number(most)}"
        yield _wrong(path, value, f"should be less than {amount}")
    if least is not None and (value <= least if node.get("exclusiveMinimum") else value < least):
        amount = f"{'' if node.get('exclusiveMinimum') else 'or equal to '}{_number(least)}"
        yield _wrong(path, value, f"should be greater than {amount}")
    if step and value % step:
        yield _wrong(path, value, f"should be a multiple of {_number(step)}")
    bits = formats.INTEGER_BITS.get(node.get("format", ""))
    if bits and not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        yield _wrong(path, value, f"should be a number of format {node['format']}")


def _of_list(value: list[Any], node: Node, *, path: str) -> Iterator[Cause]:
    if len(value) > node.get("maxItems", len(value)):
        yield faults.too_many(path, len(value), most=node["maxItems"])
    if len(value) < node.get("minItems", 0):
        yield _wrong(path, value, f"should have at least {node['minItems']} items")
    if isinstance(node.get("items"), dict):
        for index, item in enumerate(value):
            yield from _faults(item, node["items"], path=f"{path}[{index}]")
    yield from _repeated(value, node, path=path)


def _repeated(value: list[Any], node: Node, *, path: str) -> Iterator[Cause]:
    kind, keys = node.get("x-kubernetes-list-type"), node.get("x-kubernetes-list-map-keys") or []
    if kind not in ("set", "map"):
        return
    seen: set[str] = set()
    defaults = {key: (node.get("items") or {}).get("properties", {}).get(key, {}).get("default") for key in keys}
    for index, item in enumerate(value):
        if kind == "map" and not isinstance(item, dict):
            continue
        mark = {k: item.get(k, defaults[k]) for k in keys if item.get(k, defaults[k]) is not None} if keys else item
        text = json.dumps(mark, sort_keys=True)
        if text in seen:
            yield faults.duplicate(f"{path}[{index}]", mark)
        seen.add(text)


def _of_object(value: dict[str, Any], node: Node, *, path: str) -> Iterator[Cause]:
    if len(value) > node.get("maxProperties", len(value)):
        yield faults.too_many(path, len(value), most=node["maxProperties"])
    if len(value) < node.get("minProperties", 0):
        yield _wrong(path, value, f"should have at least {node['minProperties']} properties")
    for name in node.get("required") or ():
        if name not in value:
            yield faults.required(_below(path, name))
    fields, values = node.get("properties") or {}, node.get("additionalProperties")
    for name, item in value.items():
        below = fields.get(name, values if isinstance(values, dict) else None)
        if below is not None:
            yield from _faults(item, below, path=_below(path, name))


def _of_combinations(value: Any, node: Node, *, path: str) -> Iterator[Cause]:
    """What several schemas say together; the refusal of a combination names no field."""
    for choice in node.get("allOf") or ():
        found = faults_of(value, choice, path=path)
        if found:
            yield from found
            yield faults.invalid(_WHOLE, "", f"{_quoted(path)} must validate all the schemas (allOf)")
    any_of, one_of = node.get("anyOf") or (), node.get("oneOf") or ()
    if any_of and not any(_fulfils(value, choice) for choice in any_of):
        yield faults.invalid(_WHOLE, "", f"{_quoted(path)} must validate at least one schema (anyOf)")
    fitting = sum(_fulfils(value, choice) for choice in one_of)
    if one_of and fitting != 1:
        number = "none valid" if not fitting else f"{fitting} valid alternatives"
        text = f"{_quoted(path)} must validate one and only one schema (oneOf). Found {number}"
        yield faults.invalid(_WHOLE, "", text)
    if node.get("not") is not None and _fulfils(value, node["not"]):
        yield faults.invalid(_WHOLE, "", f"{_quoted(path)} must not validate the schema (not)")


def _fulfils(value: Any, node: Node) -> bool:
    return next(_faults(value, node, path=""), None) is None


def _types(node: Node) -> tuple[str, ...]:
    if node.get(INT_OR_STRING):
        return "integer", "string"
    return (node["type"],) if node.get("type") else ()


def _is(value: Any, kind: str) -> bool:
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "integer":
        return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value % 1 == 0))
    return type_name(value) == kind


def type_name(value: Any) -> str:
    """What JSON calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return names[type(value)]


def _wrong(path: str, value: Any, text: str) -> Cause:
    return faults.invalid(path, value, f"{path} in body {text}")


def _wrong_type(path: str, value: Any, text: str) -> Cause:
    return {**_wrong(path, value, text), "reason": "FieldValueTypeInvalid"}


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _number(value: float) -> str:
    return str(int(value)) if value % 1 == 0 else str(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
