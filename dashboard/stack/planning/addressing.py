"""How a field is called and how the items of two lists are matched. Pure; it knows no API and compares no values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

MERGE_KEYS: tuple[tuple[str, ...], ...] = (
    ("containerPort", "protocol"),
    ("mountPath",),
    ("devicePath",),
    ("port", "protocol"),
    ("metadata.name",),
    ("name",),
    ("key",),
    ("ip",),
    ("topologyKey", "whenUnsatisfiable"),
    ("type",),
    ("uid",),
)
"""What tells the items of a list apart, the most telling first; a volume mount has a name too, but not of its own."""

DEFAULTS = {"protocol": "TCP"}

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_MOST_PAIRS = 250_000
"""Lines × lines past which two texts are no longer matched line by line: half a second on a slow machine."""

Pairs = list[tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is: `text` for people, `names` the field names alone."""

    text: str = ""
    names: tuple[str, ...] = ()

    def field(self, name: str) -> Place:
        """A field, or a key of a map."""
        if not _PLAIN.fullmatch(name):
            return Place(f"{self.text}[{name}]", (*self.names, name))
        return Place(f"{self.text}.{name}" if self.text else name, (*self.names, name))

    def item(self, label: str | int) -> Place:
        """An item of a list."""
        return Place(f"{self.text}[{label}]", self.names)


def key_of(*lists: Sequence[Any]) -> tuple[str, ...] | None:
    """The merge key by which the items of all `lists` can be told apart; None: only by where they stand."""
    if not all(isinstance(item, dict) for items in lists for item in items):
        return None
    for key in MERGE_KEYS:
        if all(_is_unique(key, items) for items in lists):
            return key
    return None


def label_of(item: Mapping[str, Any], key: Sequence[str]) -> str:
    """`app`, `8080/TCP`."""
    return "/".join(str(_part(item, name)) for name in key)


def matching(items: Any, wanted: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The item that has the key fields of a `k:` entry of managedFields."""
    if not isinstance(items, list):
        return None
    maps = (item for item in items if isinstance(item, dict))
    return next((item for item in maps if all(_part(item, name) == value for name, value in wanted.items())), None)


def aligned(before: Sequence[Any], after: Sequence[Any]) -> Pairs:
    """Which items belong together where nothing names them: equal ones first, then by turns what is between.

    The same pairs, turned round, come out when the lists are exchanged.
    """
    one, other = [_canonical(item) for item in before], [_canonical(item) for item in after]
    if one > other:
        return [(i, j) for j, i in _aligned(other, one)]
    return _aligned(one, other)


def _aligned(one: list[str], other: list[str]) -> Pairs:
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest = min(len(one), len(other)) - start
    end = next((at for at in range(rest) if one[-1 - at] != other[-1 - at]), rest)
    middle, wanted = one[start : len(one) - end], other[start : len(other) - end]
    pairs: Pairs = [(at, at) for at in range(start)]
    for _, i1, i2, j1, j2 in _blocks(middle, wanted):
        pairs += _by_turns(start, (i1, i2), (j1, j2))
    pairs += [(len(one) - end + at, len(other) - end + at) for at in range(end)]
    return pairs


def _blocks(one: list[str], other: list[str]) -> list[tuple[str, int, int, int, int]]:
    if len(one) * len(other) > _MOST_PAIRS:
        return [("replace", 0, len(one), 0, len(other))]
    return list(SequenceMatcher(None, one, other, autojunk=False).get_opcodes())


def _by_turns(start: int, ones: tuple[int, int], others: tuple[int, int]) -> Iterator[tuple[int | None, int | None]]:
    for at in range(max(ones[1] - ones[0], others[1] - others[0])):
        i, j = ones[0] + at, others[0] + at
        yield (start + i if i < ones[1] else None, start + j if j < others[1] else None)


def _is_unique(key: Sequence[str], items: Sequence[Mapping[str, Any]]) -> bool:
    labels = [tuple(_part(item, name) for name in key) for item in items]
    if any(not isinstance(part, str | int) for label in labels for part in label):
        return False
    return len(set(labels)) == len(labels)


def _part(item: Mapping[str, Any], name: str) -> Any:
    value: Any = item
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return DEFAULTS.get(name) if value is None else value


def _canonical(item: Any) -> str:
    return json.dumps(item, sort_keys=True, default=str)
