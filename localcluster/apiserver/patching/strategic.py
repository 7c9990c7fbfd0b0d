"""Strategic merge patch: lists with a merge key are merged item by item, and `$patch` directives are obeyed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from localcluster.client import Object
from localcluster.errors import bad_request
from localcluster.schema import Schema

_PATCH = "$patch"
_RETAIN = "$retainKeys"
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def strategic_merge_patch(target: Object, patch: Object, *, schema: Schema) -> Object:
    """A new object; neither argument is changed. Raises 400 for a directive that makes no sense."""
    return _merge_map(target, patch, schema)


def _merge_map(target: dict[str, Any], patch: dict[str, Any], schema: Schema | None) -> dict[str, Any]:
    directive = patch.get(_PATCH)
    if directive == "replace":
        return {name: _plain(value) for name, value in patch.items() if name != _PATCH and value is not None}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise bad_request(f"Unknown patch type: {directive}")
    result = copy.deepcopy(target)
    if _RETAIN in patch:
        result = {name: value for name, value in result.items() if name in patch[_RETAIN]}
    for name, value in patch.items():
        if name.startswith(_DELETE):
            _delete_primitives(result, name.removeprefix(_DELETE), gone=value)
        elif not name.startswith("$"):
            _set_field(result, name, value, schema=schema, order=patch.get(_ORDER + name))
    for name, order in patch.items():
        field = name.removeprefix(_ORDER)
        if name.startswith(_ORDER) and field not in patch and isinstance(result.get(field), list):
            result[field] = _ordered(result[field], order, merge_key=_merge_key(schema, field), served=result[field])
    return result


def _set_field(
    result: dict[str, Any], name: str, value: Any, *, schema: Schema | None, order: Sequence[Any] | None
) -> None:
    if value is None:
        result.pop(name, None)
        return
    below = schema.field(name) if schema is not None else None
    if isinstance(value, dict):
        current = result.get(name)
        if below is not None and "replace" in below.patch_strategies:
            result[name] = _plain(value)
            return
        merged = _merge_map(current if isinstance(current, dict) else {}, value, below)
        if value.get(_PATCH) == "delete":
            result.pop(name, None)
        else:
            result[name] = merged
    elif isinstance(value, list) and below is not None and "merge" in below.patch_strategies:
        result[name] = _merge_list(result.get(name) or [], value, below, order=order)
    else:
        result[name] = _plain(value)


def _merge_list(target: list[Any], patch: list[Any], schema: Schema, *, order: Sequence[Any] | None) -> list[Any]:
    key = schema.merge_key
    if not key:
        merged = [*target, *(item for item in patch if item not in target)]
        return _ordered(merged, order, merge_key="", served=target)
    if any(isinstance(item, dict) and item.get(_PATCH) == "replace" for item in patch):
        return [_plain(item) for item in patch if item.get(_PATCH) != "replace"]
    merged = copy.deepcopy(target)
    for item in patch:
        if not isinstance(item, dict) or key not in item:
            raise bad_request(f"map: {item} does not contain declared merge key: {key}")
        at = next((at for at, old in enumerate(merged) if old.get(key) == item[key]), None)
        if item.get(_PATCH) == "delete":
            merged = [old for old in merged if old.get(key) != item[key]]
        elif at is None:
            merged.append(_merge_map({}, item, schema.items))
        else:
            merged[at] = _merge_map(merged[at], item, schema.items)
    return _ordered(merged, order, merge_key=key, served=target)


def _ordered(items: list[Any], order: Sequence[Any] | None, *, merge_key: str, served: list[Any]) -> list[Any]:
    """Items named by `$setElementOrder` in its order; the others stay behind the item they followed on the server."""
    if order is None:
        return items
    wanted = [_key(item, merge_key) for item in order]
    known = [item for item in items if _key(item, merge_key) in wanted]
    known.sort(key=lambda item: wanted.index(_key(item, merge_key)))
    positions = [_key(item, merge_key) for item in served]
    result = known
    for item in items:
        key = _key(item, merge_key)
        if key in wanted:
            continue
        before = positions[: positions.index(key)] if key in positions else positions
        at = max((index for index, other in enumerate(result, start=1) if _key(other, merge_key) in before), default=0)
        result.insert(at if key in positions else len(result), item)
    return result


def _key(item: Any, merge_key: str) -> Any:
    return item.get(merge_key) if merge_key and isinstance(item, dict) else item


def _merge_key(schema: Schema | None, name: str) -> str:
    below = schema.field(name) if schema is not None else None
    return below.merge_key if below is not None else ""


def _delete_primitives(result: dict[str, Any], name: str, *, gone: list[Any]) -> None:
    if isinstance(result.get(name), list):
        result[name] = [item for item in result[name] if item not in gone]


def _plain(value: Any) -> Any:
    """A value that is taken as it is: without directives and without nulls."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None and not name.startswith("$")}
    if isinstance(value, list):
        return [_plain(item) for item in value if not (isinstance(item, dict) and item.get(_PATCH) == "delete")]
    return value
