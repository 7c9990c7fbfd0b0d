"""JSON paths as definitions may use them: fields, indexes, slices, wildcards and simple filters. Pure."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

Step = Callable[[Any], Iterator[Any]]

_FIELD = re.compile(r"\.((?:[^.\[\]\\*?@()\s]|\\.)+)")
_QUOTED = re.compile(r"""\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]""")
_INDEX = re.compile(r"\[\s*(-?\d+)\s*\]")
_SLICE = re.compile(r"\[\s*(-?\d*)\s*:\s*(-?\d*)\s*\]")
_ALL = re.compile(r"\[\s*\*\s*\]|\.\*")
_FILTER = re.compile(
    r"""\[\?\(\s*@((?:[^=!<>"'()]|\\.)*?)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|[^\s)]+)\s*)?\)\]"""
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class UnreadablePath(ValueError):
    """The text is no path this module reads."""


def parse(text: str) -> list[Step]:
    """The steps of `.spec.size` or `.status.conditions[?(@.type=="Ready")].status`. Raises UnreadablePath."""
    steps: list[Step] = []
    rest = text.strip().removeprefix("$")
    while rest:
        step, length = _step(rest, whole=text)
        steps.append(step)
        rest = rest[length:]
    return steps


def find(value: Any, steps: list[Step]) -> list[Any]:
    """What stands there, in order; nothing when any step leads nowhere."""
    found = [value]
    for step in steps:
        found = [below for each in found for below in step(each)]
    return found


def fields_of(text: str) -> list[str]:
    """The names in a path of fields alone, such as `.spec.replicas`."""
    return [_unescaped(name) for name in _FIELD.findall(text)]


def _step(rest: str, *, whole: str) -> tuple[Step, int]:
    if match := _ALL.match(rest):
        return _every, match.end()
    if match := _FIELD.match(rest):
        return _field(_unescaped(match[1])), match.end()
    if match := _QUOTED.match(rest):
        return _field(_unescaped(match[1] if match[1] is not None else match[2])), match.end()
    if match := _INDEX.match(rest):
        return _slice(int(match[1]), int(match[1]) + 1 or None), match.end()
    if match := _SLICE.match(rest):
        return _slice(*(int(end) if end else None for end in match.groups())), match.end()
    if match := _FILTER.match(rest):
        return _filter(match[1], match[2] or "", match[3] or ""), match.end()
    raise UnreadablePath(f"{whole} cannot be read at {rest!r}")


def _every(value: Any) -> Iterator[Any]:
    yield from value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _field(name: str) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and name in value:
            yield value[name]

    return step


def _slice(first: int | None = None, last: int | None = None) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list):
            yield from value[first:last]

    return step


def _filter(path: str, sign: str, text: str) -> Step:
    below = parse(path)
    wanted = _literal(text)

    def chosen(item: Any) -> bool:
        found = find(item, below)
        if not sign:
            return bool(found)
        try:
            return bool(found) and _COMPARISONS[sign](found[0], wanted)
        except TypeError:
            return False

    def step(value: Any) -> Iterator[Any]:
        yield from (item for item in _every(value) if chosen(item))

    return step


def _literal(text: str) -> Any:
    if text[:1] in ("'", '"'):
        return text[1:-1]
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)
