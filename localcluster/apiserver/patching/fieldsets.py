"""Sets of field paths, and their two spellings: `FieldsV1` in managedFields and the path in a conflict.

A path is a tuple of elements as FieldsV1 spells them: `f:name`, `k:{"name":"main"}`, `v:"x"`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
FieldSet = frozenset[Path]
EMPTY: FieldSet = frozenset()


def from_fields_v1(fields: Mapping[str, Any]) -> FieldSet:
    """Read `fieldsV1`: a leaf `{}` and a `.` are members."""
    return frozenset(_members(fields, path=()))


def to_fields_v1(paths: Iterable[Path]) -> dict[str, Any]:
    """Write `fieldsV1`; a member that has members below gets a `.`."""
    root: dict[str, Any] = {}
    members = set(paths)
    for path in sorted(members):
        node = root
        for depth, element in enumerate(path, start=1):
            if element not in node:
                node[element] = {}
            node = node[element]
            if path[:depth] in members and depth < len(path):
                node.setdefault(".", {})
    return root


def ancestors(paths: Iterable[Path]) -> set[Path]:
    """Every path on the way to one of `paths`, and the paths themselves."""
    return {path[:depth] for path in paths for depth in range(1, len(path) + 1)}


def field(name: str) -> str:
    """The element of a struct's field or a map's key."""
    return f"f:{name}"


def value(item: Any) -> str:
    """The element of a set's item."""
    return f"v:{_compact(item)}"


def keys(found: Mapping[str, Any]) -> str:
    """The element of an item told by its keys."""
    return f"k:{_compact(dict(sorted(found.items())))}"


def describe(path: Path) -> str:
    """A path as conflicts name it: `.spec.containers[name="main"].image`."""
    return "".join(_described(element) for element in path)


def _described(element: str) -> str:
    kind, _, text = element.partition(":")
    if kind == "f":
        return f".{text}"
    if kind == "k":
        found = json.loads(text)
        return "[" + ",".join(f"{key}={_compact(found[key])}" for key in sorted(found)) + "]"
    return f"[={text}]" if kind == "v" else f"[{text}]"


def _members(fields: Mapping[str, Any], *, path: Path) -> Iterator[Path]:
    for element, below in fields.items():
        if element == ".":
            yield path
            continue
        here = (*path, element)
        if below:
            yield from _members(below, path=here)
        else:
            yield here


def _compact(item: Any) -> str:
    return json.dumps(item, separators=(",", ":"), ensure_ascii=False)
