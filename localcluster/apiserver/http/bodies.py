"""Text to JSON data, within bounds: how deep, how much, and nothing that JSON does not have. Pure."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson
import yaml

MAX_DEPTH = 200
"""Deeper than any object of Kubernetes; what is deeper could not be written out again."""

_MOST_NODES = 300_000
"""Of one YAML document with its aliases written out: more than 3 MiB of anything sensible."""

_TOO_DEEP = "exceeded max depth"
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnreadableBody(ValueError):
    """The text is not what it should be; the message says why in the words of Kubernetes where it has some."""


class _Loader(_BASE):  # type: ignore[misc]
    """YAML as Kubernetes reads it: a date is a text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name the library looks up on the class
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in _BASE.yaml_implicit_resolvers.items()
    }


def from_json(raw: bytes) -> Any:
    """The document. Raises UnreadableBody."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise UnreadableBody(_in_go_words(raw.decode(errors="replace"))) from error
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and is_too_deep(found):
        raise UnreadableBody(_TOO_DEEP)
    return found


def from_yaml(raw: bytes) -> Any:
    """The document, which may be JSON too. Raises UnreadableBody."""
    try:
        found = orjson.loads(raw)  # what clients call YAML is mostly JSON, and this reads it far faster
    except orjson.JSONDecodeError:
        return _plain_yaml(raw)
    if is_too_deep(found):
        raise UnreadableBody(_TOO_DEEP)
    return found


def is_too_deep(value: Any, *, limit: int = MAX_DEPTH) -> bool:
    """Whether containers lie in one another more than `limit` times."""
    level = [value]
    for _ in range(limit + 1):
        level = [inner for each in level for inner in _inside(each) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _plain_yaml(raw: bytes) -> Any:
    try:
        _check_events(raw)
        return _Plain().of(yaml.load(raw, Loader=_Loader))  # noqa: S506 - a safe loader
    except UnreadableBody:
        raise
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, TypeError) as error:
        raise UnreadableBody((str(error) or type(error).__name__).splitlines()[0]) from error


def _check_events(raw: bytes) -> None:
    """Refuse what would keep the parser busy or nest too deep, before anything is built of it."""
    depth = 0
    for number, event in enumerate(yaml.parse(raw, Loader=_Loader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise UnreadableBody(_TOO_DEEP)
        if number > _MOST_NODES:
            raise UnreadableBody(f"the document has more than {_MOST_NODES} nodes: send it as JSON")


class _Plain:
    """Turns what a YAML document holds into JSON data, aliases written out."""

    def __init__(self) -> None:
        self._nodes = 0

    def of(self, value: Any, *, depth: int = 0) -> Any:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise UnreadableBody("document contains excessive aliasing")
        if depth > MAX_DEPTH:
            raise UnreadableBody(_TOO_DEEP)
        if isinstance(value, dict):
            return {_key(key): self.of(item, depth=depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.of(item, depth=depth + 1) for item in value]
        if isinstance(value, float) and not math.isfinite(value):
            raise UnreadableBody(f"json: unsupported value: {value}")
        if value is None or isinstance(value, str | bool | int | float):
            return value
        raise UnreadableBody(f"a value of type {type(value).__name__} has no place in JSON")


def _key(key: Any) -> str:
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, bool | int | float):
        return json.dumps(key)
    raise UnreadableBody(f"a key of type {type(key).__name__} has no place in JSON")


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _in_go_words(text: str) -> str:
    """The error Go's decoder gives for text that is not JSON."""
    try:
        json.loads(text)
    except RecursionError:
        return _TOO_DEEP
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()):
            return "unexpected end of JSON input"
        where = {
            "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
            "Expecting ':' delimiter": "after object key",
            "Expecting ',' delimiter": "after object key:value pair",
            "Extra data": "after top-level value",
        }.get(error.msg, "looking for beginning of value")
        return f"invalid character {text[error.pos]!r} {where}"
    except ValueError:
        return "invalid number"
    return "invalid character"
