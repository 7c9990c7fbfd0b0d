"""YAML text into documents: plain values, the comment above each, and where everything stands. Reads no files.

Built from the parser's events rather than by a loader, because a manifest needs what loaders leave out: two equal
keys are a fault, aliases must not multiply without bound, depth is bounded, and every value has a place.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from dashboard.stack.bundles import comments
from dashboard.stack.bundles.faults import Faults, Place
from dashboard.stack.bundles.scalars import NotJson, scalar_of

SIZE_MAX = 5 * 2**20
"""Bytes of all files of a bundle, and characters a file may grow to by its aliases."""

DEPTH_MAX = 100
"""Levels; no Kubernetes object comes near, and it keeps far from the interpreter's own limit."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "<<"
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What the parser counts as the end of a line."""
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_Key = str | int | None
Places = dict[tuple[int, _Key], tuple[int, int]]
"""(identity of a mapping or sequence, its key or index or None for itself) → line and column, counted from 0."""


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document. `comment`: the paragraph directly above it."""

    file: str
    content: Any
    comment: str = ""
    start: tuple[int, int] | None = None
    places: Places = field(default_factory=dict, repr=False)
    lines: tuple[str, ...] = field(default=(), repr=False)

    def place(self, holder: Any = None, key: _Key = None) -> Place:
        """Where a key of a mapping, or the mapping itself, stands; the document's start if that is not known."""
        at = self.places.get((id(holder), key)) or self.places.get((id(holder), None)) or self.start
        return Place(self.file) if at is None else Place(self.file, at[0] + 1, at[1] + 1)

    def comment_above(self, holder: Any) -> str:
        """The comment directly above a mapping inside."""
        at = self.places.get((id(holder), None))
        return comments.above(self.lines, at[0]) if at else ""


def documents_of(text: str, *, file: str, faults: Faults) -> list[Document]:
    """The documents that hold anything. What is wrong goes to `faults`; a syntax error ends the file."""
    lines = tuple(_BREAK.split(text))
    found: list[Document] = []
    try:
        builder = _Builder(yaml.parse(text, Loader=_LOADER), file, faults)
        for content, start, places in builder.documents():
            if content is not None:
                found.append(Document(file, content, _comment(lines, start[0], not found), start, places, lines))
    except _Unbuildable as error:
        faults.add(error.place, error.sentence)
    except yaml.YAMLError as error:
        faults.add(*(_control_fault(text, file) or _syntax_fault(error, file, lines)))
    return found


def _comment(lines: tuple[str, ...], line: int, is_first: bool) -> str:
    """Above the first line of content, or above the `---` of the first document."""
    comment = comments.above(lines, line)
    if not comment and is_first and line > 0 and lines[line - 1].startswith("---"):
        return comments.above(lines, line - 1)
    return comment


def _control_fault(text: str, file: str) -> tuple[Place, str] | None:
    found = _CONTROL.search(text)
    if found is None:
        return None
    before = _BREAK.split(text[: found.start()])
    place = Place(file, len(before), len(before[-1]) + 1)
    return place, f"the control character {found.group()!r} may not stand in YAML; is this a text file?"


def _syntax_fault(error: yaml.YAMLError, file: str, lines: tuple[str, ...]) -> tuple[Place, str]:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "this is not YAML"
    context = getattr(error, "context", None)
    if mark is None:
        return Place(file), f"{problem}."
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: mark.column + 1]:
        problem, context = "a tab stands where YAML wants spaces; indent by spaces", None
    return Place(file, mark.line + 1, mark.column + 1), f"{problem} ({context})." if context else f"{problem}."


class _Unbuildable(Exception):
    """What makes it pointless to read on in this file."""

    def __init__(self, place: Place, sentence: str) -> None:
        super().__init__(sentence)
        self.place, self.sentence = place, sentence


class _Builder:
    """Values from events. One for each file."""

    def __init__(self, events: Iterator[Any], file: str, faults: Faults) -> None:
        self._events, self._file, self._faults = events, file, faults
        self._places: Places = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open: set[str] = set()
        self._size = 0

    def documents(self) -> Iterator[tuple[Any, tuple[int, int], Places]]:
        """(content, where it starts, places) of each document."""
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._places, self._anchors = {}, {}
                first = next(self._events)
                yield self._value(first, 0), _at(first), self._places

    def _value(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self._size
        anchor = event.anchor
        self._open.add(anchor)
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
        elif depth >= DEPTH_MAX:
            raise self._stop(event, f"more than {DEPTH_MAX} levels deep; no Kubernetes object is.")
        elif isinstance(event, yaml.MappingStartEvent):
            value = self._mapping(event, depth)
        else:
            value = self._sequence(event, depth)
        self._open.discard(anchor)
        if anchor:
            self._anchors[anchor] = (value, self._size - before)
        return value

    def _scalar(self, event: Any) -> Any:
        self._grow(event, len(event.value) + 1)
        try:
            return scalar_of(event.value, plain=event.implicit[0], tag=event.tag)
        except NotJson as error:
            self._faults.add(self._place(event), f"{error}.")
            return event.value

    def _sequence(self, start: Any, depth: int) -> list[Any]:
        self._check_tag(start, "seq")
        items: list[Any] = []
        self._places[id(items), None] = _at(start)
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._places[id(items), len(items)] = _at(event)
            items.append(self._value(event, depth + 1))
        self._grow(start, 1)
        return items

    def _mapping(self, start: Any, depth: int) -> dict[str, Any]:
        self._check_tag(start, "map")
        mapping: dict[str, Any] = {}
        merged: list[Mapping[str, Any]] = []
        self._places[id(mapping), None] = _at(start)
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            is_merge = isinstance(event, yaml.ScalarEvent) and event.value == _MERGE and event.implicit[0]
            key = self._key(event, depth)
            value = self._value(next(self._events), depth + 1)
            if is_merge:
                merged += self._merged(event, value)
            elif key in mapping:
                first = self._places[id(mapping), key][0] + 1
                self._faults.add(self._place(event), f"`{key}` stands here a second time, first in line {first}; "
                                 "only one of them can be meant.")  # fmt: skip
            elif key is not None:
                self._places[id(mapping), key] = _at(event)
                mapping[key] = value
        self._grow(start, 1)
        for each in merged:
            mapping.update({key: value for key, value in each.items() if key not in mapping})
        return mapping

    def _key(self, event: Any, depth: int) -> str | None:
        value = self._value(event, depth + 1)
        if isinstance(value, bool):
            return "true" if value else "false"  # as kubectl turns it into JSON
        if isinstance(value, (str, int, float)):
            return str(value)
        self._faults.add(self._place(event), "a key must be a text.")
        return None

    def _merged(self, event: Any, value: Any) -> list[Mapping[str, Any]]:
        held = value if isinstance(value, list) else [value]
        if all(isinstance(each, dict) for each in held):
            return held
        self._faults.add(self._place(event), "`<<` takes a mapping or a list of mappings.")
        return []

    def _alias(self, event: Any) -> Any:
        name = event.anchor
        if name in self._open:
            raise self._stop(event, f"*{name} stands inside of what it refers to.")
        if name not in self._anchors:
            raise self._stop(event, f"*{name} refers to nothing; there is no &{name} above.")
        value, size = self._anchors[name]
        self._grow(event, size)
        return copy.deepcopy(value)  # a copy, so that nobody changes two places at once

    def _grow(self, event: Any, by: int) -> None:
        self._size += by
        if self._size > SIZE_MAX:
            raise self._stop(event, f"its aliases make it larger than {SIZE_MAX // 2**20} MiB.")

    def _check_tag(self, event: Any, name: str) -> None:
        if event.tag not in (None, "!", f"tag:yaml.org,2002:{name}"):
            self._faults.add(self._place(event), f"the tag {event.tag} is not understood; leave it out.")

    def _stop(self, event: Any, sentence: str) -> _Unbuildable:
        return _Unbuildable(self._place(event), sentence)

    def _place(self, event: Any) -> Place:
        line, column = _at(event)
        return Place(self._file, line + 1, column + 1)


def _at(event: Any) -> tuple[int, int]:
    return event.start_mark.line, event.start_mark.column
