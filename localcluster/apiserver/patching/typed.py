"""Reading values along their schema: the fields they set, how two differ, their merge, removing fields.

Lists are atomic, sets or maps by key and maps granular or atomic, as the schema says. Nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcluster.apiserver.patching import fieldsets
from localcluster.apiserver.patching.fieldsets import FieldSet, Path
from localcluster.schema import Schema

MISSING: Any = object()
Child = tuple[str, Any, Any, Schema | None]


@dataclass(slots=True)
class Comparison:
    """How `after` differs from `before`, in paths."""

    added: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)

    @property
    def is_same(self) -> bool:
        return not (self.added or self.modified or self.removed)

    def without(self, ignored: FieldSet) -> Comparison:
        """The same, leaving out paths at or below one of `ignored`."""
        return Comparison(
            set(outside(self.added, ignored)),
            set(outside(self.modified, ignored)),
            set(outside(self.removed, ignored)),
        )


def outside(paths: set[Path] | FieldSet, ignored: FieldSet) -> FieldSet:
    """Those of `paths` that are not at or below one of `ignored`."""
    return frozenset(path for path in paths if not any(path[: len(stem)] == stem for stem in ignored))


def field_set(value: Any, schema: Schema) -> FieldSet:
    """The leaves a value sets, and its list items and map entries."""
    found: set[Path] = set()
    _collect(value, schema, path=(), found=found)
    return frozenset(found)


def compare(before: Any, after: Any, schema: Schema) -> Comparison:
    """The leaves that differ; a container that appears or goes counts as a leaf of its own too."""
    comparison = Comparison()
    _compare(before, after, schema, path=(), out=comparison)
    return comparison


def merge(live: Any, applied: Any, schema: Schema | None) -> Any:
    """`applied` over `live`: granular maps and keyed lists item by item, everything else replaced."""
    if applied is MISSING:
        return live
    if live is MISSING or live is None or _is_leaf(schema, live, applied):
        return applied
    if isinstance(applied, list):
        return _merge_lists(live, applied, schema)
    children = _children(live, applied, schema)
    return {name.removeprefix("f:"): merge(left, right, below) for name, left, right, below in children}


def remove(value: Any, schema: Schema | None, paths: set[Path]) -> Any:
    """`value` without what stands at `paths`."""
    below: dict[str, set[Path]] = {}
    for path in paths:
        below.setdefault(path[0], set()).add(path[1:])
    if not below or _is_leaf(schema, value, value):
        return value
    kept: list[tuple[str, Any]] = []
    for name, _, item, inner in _children(value, value, schema):
        rest = below.get(name, set())
        if () not in rest:
            kept.append((name, remove(item, inner, rest)))
    if isinstance(value, list):
        return [item for _, item in kept]
    return {name.removeprefix("f:"): item for name, item in kept}


def _collect(value: Any, schema: Schema | None, *, path: Path, found: set[Path]) -> None:
    if _is_leaf(schema, value, value):
        found.add(path)
        return
    is_list = isinstance(value, list)
    for name, _, item, below in _children(value, value, schema):
        here = (*path, name)
        _collect(item, below, path=here, found=found)
        if is_list or item in ({}, None) or not (schema and schema.is_struct):
            found.add(here)


def _compare(before: Any, after: Any, schema: Schema | None, *, path: Path, out: Comparison) -> None:
    if _is_leaf(schema, before, after) or (not _filled(before) and not _filled(after)):
        if before is MISSING:
            out.added.add(path)
        elif after is MISSING:
            out.removed.add(path)
        elif before != after:
            out.modified.add(path)
        return
    if before is after:
        return
    for name, left, right, below in _children(before, after, schema):
        _compare(left, right, below, path=(*path, name), out=out)
    if before is MISSING:
        out.added.add(path)
    elif after is MISSING:
        out.removed.add(path)


def _is_leaf(schema: Schema | None, left: Any, right: Any) -> bool:
    """Whether the two are compared and owned as one value."""
    sample = right if isinstance(right, dict | list) else left
    if schema is None or not isinstance(sample, dict | list):
        return True
    if _filled(left) and _filled(right) and type(left) is not type(right):
        return True
    if isinstance(sample, list):
        return schema.type != "array" or schema.list_type == "atomic"
    return schema.type == "array" or schema.map_is_atomic


def _filled(value: Any) -> bool:
    return value is not MISSING and bool(value)


def _children(left: Any, right: Any, schema: Schema | None) -> Iterator[Child]:
    """(element, left item, right item, schema) of two maps or two lists; left's order, then right's new ones."""
    if schema is None:
        return
    if isinstance(left, list) or isinstance(right, list):
        lefts, rights = _by_element(left, schema), _by_element(right, schema)
        for name in _union(lefts, rights):
            yield name, lefts.get(name, MISSING), rights.get(name, MISSING), schema.items
        return
    lefts, rights = (value if isinstance(value, dict) else {} for value in (left, right))
    for key in _union(lefts, rights):
        yield fieldsets.field(key), lefts.get(key, MISSING), rights.get(key, MISSING), schema.field(key)


def _union(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, None]:
    return dict.fromkeys((*left, *right))


def _by_element(items: Any, schema: Schema) -> dict[str, Any]:
    return {element_of(item, schema): item for item in items} if isinstance(items, list) else {}


def element_of(item: Any, schema: Schema) -> str:
    """The path element of one item of a set or keyed list."""
    if schema.list_type == "set" or not isinstance(item, dict):
        return fieldsets.value(item)
    found = {}
    for key in schema.map_keys:
        value = item.get(key, schema.items.default_of(key) if schema.items else None)
        if value is not None:
            found[key] = value
    return fieldsets.keys(found)


def _merge_lists(live: list[Any], applied: list[Any], schema: Schema | None) -> list[Any]:
    """Applied order rules; an item that only `live` has stays before the item it stood before."""
    if schema is None:
        return applied
    lefts, rights = _by_element(live, schema), _by_element(applied, schema)
    result: list[Any] = []
    waiting = list(lefts)
    for name, item in rights.items():
        if name in waiting:
            at = waiting.index(name)
            result += [lefts[earlier] for earlier in waiting[:at] if earlier not in rights]
            waiting = [left for left in waiting[:at] if left in rights] + waiting[at + 1 :]
        result.append(merge(lefts.get(name, MISSING), item, schema.items))
    return result + [lefts[name] for name in waiting if name not in rights]
