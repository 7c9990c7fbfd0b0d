"""OpenAPI 2 as Protocol Buffers, which is the only form kubectl reads it in. Pure.

Types only: kubectl checks lists and older `explain` output against them, and asks version 3 for all else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
ASKED = "application/com.github.proto-openapi.spec.v2"
"""What an Accept header begins with; the version after it has been written in two ways."""

_BYTES = 2
_TEXTS = {"$ref": 1, "format": 2, "title": 3, "description": 4}
_DEFAULT, _REQUIRED, _ADDITIONAL, _TYPE, _ITEMS, _PROPERTIES, _EXTENSION = 5, 19, 21, 22, 23, 25, 31


def document(swagger: Mapping[str, Any]) -> bytes:
    """The bytes of an OpenAPI 2 document's `info` and `definitions`."""
    info = _text(1, swagger["info"]["title"]) + _text(2, swagger["info"]["version"])
    return _text(1, swagger["swagger"]) + _field(2, info) + definitions(swagger["definitions"])


def definitions(schemas: Mapping[str, Any]) -> bytes:
    """More types for the end of a document: a field that comes twice is put together by who reads it."""
    return _field(9, _named_schemas(schemas))


def _named_schemas(schemas: Mapping[str, Any]) -> bytes:
    return _joined(_field(1, _text(1, name) + _field(2, _schema(node))) for name, node in schemas.items())


def _schema(node: Mapping[str, Any]) -> bytes:
    return _joined(_entry(key, value) for key, value in node.items())


def _entry(key: str, value: Any) -> bytes:
    if key in _TEXTS:
        return _text(_TEXTS[key], value)
    if key == "type":
        return _field(_TYPE, _text(1, value))
    if key == "required":
        return _joined(_text(_REQUIRED, name) for name in value)
    if key == "properties":
        return _field(_PROPERTIES, _named_schemas(value))
    if key == "items":
        return _field(_ITEMS, _field(1, _schema(value)))
    if key == "additionalProperties":
        return _field(_ADDITIONAL, _field(1, _schema(value)) if isinstance(value, dict) else _flag(2, value))
    if key == "default":
        return _field(_DEFAULT, _any(value))
    if key.startswith("x-"):
        return _field(_EXTENSION, _text(1, key) + _field(2, _any(value)))
    return b""  # what only narrows a type down further


def _any(value: Any) -> bytes:
    """Any value travels as YAML, which JSON is."""
    return _field(2, orjson.dumps(value))


def _text(number: int, value: str) -> bytes:
    return _field(number, value.encode())


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(payload)) + payload


def _flag(number: int, value: bool) -> bytes:
    return _varint(number << 3) + _varint(int(value))


def _joined(parts: Iterable[bytes]) -> bytes:
    return b"".join(parts)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
