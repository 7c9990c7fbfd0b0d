"""Strategic merge patch: lists with a merge key are merged item by item, and `$patch` directives are obeyed."""

from __future__ import annotations

import copy
from operator import itemgetter
from typing import Any

import orjson

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
        retained = {_mark(name) for name in _listed(patch[_RETAIN], "retainKeys")}
        result = {name: value for name, value in result.items() if name in retained}
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


def _set_field(result: dict[str, Any], name: str, value: Any, *, schema: Schema | None, order: Any) -> None:
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


def _merge_list(target: list[Any], patch: list[Any], schema: Schema, *, order: Any) -> list[Any]:
    key = schema.merge_key
    if not key:
        there = {_mark(item) for item in target}
        merged = [*target, *(item for item in patch if _mark(item) not in there)]
        return _ordered(merged, order, merge_key="", served=target)
    if any(isinstance(item, dict) and item.get(_PATCH) == "replace" for item in patch):
        return [_plain(item) for item in patch if item.get(_PATCH) != "replace"]
    return _ordered(_merge_items(target, patch, schema.items, key=key), order, merge_key=key, served=target)


def _merge_items(target: list[Any], patch: list[Any], schema: Schema | None, *, key: str) -> list[Any]:
    merged: list[Any] = copy.deepcopy(target)
    places: dict[Any, list[int]] = {}
    for at, old in enumerate(merged):
        places.setdefault(_mark(old.get(key)), []).append(at)
    gone: set[int] = set()
    for item in patch:
        if not isinstance(item, dict) or key not in item:
            raise bad_request(f"map: {item} does not contain declared merge key: {key}")
        mark = _mark(item[key])
        if item.get(_PATCH) == "delete":
            gone.update(places.pop(mark, ()))
        elif mark in places:
            at = places[mark][0]
            merged[at] = _merge_map(merged[at], item, schema)
        else:
            places[mark] = [len(merged)]
            merged.append(_merge_map({}, item, schema))
    return [item for at, item in enumerate(merged) if at not in gone]


def _ordered(items: list[Any], order: Any, *, merge_key: str, served: list[Any]) -> list[Any]:
    """Items named by `$setElementOrder` in its order; the others stay behind the item they followed on the server."""
    if order is None:
        return items
    ranks = _first_places(_listed(order, "setElementOrder list"), merge_key)
    places = _first_places(served, merge_key)
    known = [item for item in items if _mark(_key(item, merge_key)) in ranks]
    known.sort(key=lambda item: ranks[_mark(_key(item, merge_key))])
    marks = [_mark(_key(item, merge_key)) for item in known]
    ends = sorted((places[mark], index) for index, mark in enumerate(marks, start=1) if mark in places)
    behind: list[list[Any]] = [[] for _ in range(len(known) + 1)]
    others = [(_mark(_key(item, merge_key)), item) for item in items]
    others = [(mark, item) for mark, item in others if mark not in ranks]
    anchor = passed = 0
    for place, item in sorted(((places[mark], item) for mark, item in others if mark in places), key=itemgetter(0)):
        while passed < len(ends) and ends[passed][0] < place:
            anchor = max(anchor, ends[passed][1])  # further down that list, what it follows only ever moves on
            passed += 1
        behind[anchor].append(item)
    followed = [each for item, after in zip(known, behind[1:], strict=True) for each in (item, *after)]
    return [*behind[0], *followed, *(item for mark, item in others if mark not in places)]


def _first_places(items: list[Any], merge_key: str) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for at, item in enumerate(items):
        found.setdefault(_mark(_key(item, merge_key)), at)
    return found


def _listed(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise bad_request(f"invalid patch format of {what}")
    return value


def _mark(value: Any) -> Any:
    """What a value is known by in an index: itself, or its text for what has no place in one."""
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _key(item: Any, merge_key: str) -> Any:
    return item.get(merge_key) if merge_key and isinstance(item, dict) else item


def _merge_key(schema: Schema | None, name: str) -> str:
    below = schema.field(name) if schema is not None else None
    return below.merge_key if below is not None else ""


def _delete_primitives(result: dict[str, Any], name: str, *, gone: Any) -> None:
    marks = {_mark(item) for item in _listed(gone, "primitive list")}
    if isinstance(result.get(name), list):
        result[name] = [item for item in result[name] if _mark(item) not in marks]


def _plain(value: Any) -> Any:
    """A value that is taken as it is: without directives and without nulls."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None and not name.startswith("$")}
    if isinstance(value, list):
        return [_plain(item) for item in value if not (isinstance(item, dict) and item.get(_PATCH) == "delete")]
    return value
