"""Kubernetes' Protocol Buffers bodies as JSON objects, for the messages in `protomessages`.

kubectl's own commands (`create configmap`, `auth can-i`) send nothing else. What is not in the table is refused,
never dropped. Answers are JSON always, which every client takes. Pure.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from localcluster.apiserver.protobuf.messages import MESSAGES
from localcluster.client import Object

MAGIC = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_SIGN = 1 << 63
_IGNORED = "Empty"


class UnknownProtobufError(ValueError):
    """The bytes are not Protocol Buffers, or carry a message or field that is not in the table."""


def decode(raw: bytes) -> Object:
    """The object inside Kubernetes' envelope, with its kind and apiVersion."""
    if not raw.startswith(MAGIC):
        raise UnknownProtobufError("the body does not begin as Kubernetes' protobuf does")
    envelope = dict(_fields(raw[len(MAGIC) :]))
    about = dict(_fields(_bytes(envelope.get(1, b""))))
    kind, api_version = _bytes(about.get(2, b"")).decode(), _bytes(about.get(1, b"")).decode()
    return {"kind": kind, "apiVersion": api_version, **_message(_bytes(envelope.get(2, b"")), kind)}


def _message(raw: bytes, name: str) -> Object:
    known = MESSAGES.get(name)
    if known is None:
        raise UnknownProtobufError(f"the message {name} is not known here")
    result: Object = {}
    for number, value in _fields(raw):
        if number not in known:
            if value in (0, b""):
                continue
            raise UnknownProtobufError(f"field {number} of the message {name} is not known here")
        field, kind = known[number]
        if kind == _IGNORED:
            continue
        if kind.startswith("*"):
            result.setdefault(field, []).append(_value(value, kind[1:]))
        elif kind.startswith("%"):
            entry = dict(_fields(_bytes(value)))
            key = _bytes(entry.get(1, b"")).decode()
            result.setdefault(field, {})[key] = _value(entry.get(2, b""), kind[1:])
        else:
            decoded = _value(value, kind.removeprefix("!"))
            if kind.startswith("!") or decoded not in ("", 0, None):
                result[field] = decoded
    return result


def _value(value: int | bytes, kind: str) -> Any:
    if kind == "int":
        return _signed(value)
    if kind == "bool":
        return bool(value)
    raw = _bytes(value)
    if kind == "string":
        return raw.decode()
    if kind == "bytes":
        return base64.b64encode(raw).decode()
    if kind in _SPECIAL:
        return _SPECIAL[kind](dict(_fields(raw)))
    return _message(raw, kind)


def _time(fields: dict[int, int | bytes]) -> str | None:
    if not fields.get(1):
        return None
    return datetime.fromtimestamp(_signed(fields[1]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quantity(fields: dict[int, int | bytes]) -> str:
    return _bytes(fields.get(1, b"")).decode()


def _int_or_string(fields: dict[int, int | bytes]) -> int | str:
    """`type` 1 means the string."""
    if fields.get(1):
        return _bytes(fields.get(3, b"")).decode()
    return _signed(fields.get(2, 0))


def _json(fields: dict[int, int | bytes]) -> Any:
    """A value that travels as the JSON it is."""
    try:
        return orjson.loads(_bytes(fields.get(1, b"null")))
    except orjson.JSONDecodeError as error:
        raise UnknownProtobufError(f"a field that holds JSON does not: {error}") from error


_SPECIAL = {"time": _time, "quantity": _quantity, "int-or-string": _int_or_string, "json": _json}


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(field number, value) of a message, numbers for varints and bytes for all else."""
    position = 0
    while position < len(raw):
        tag, position = _varint(raw, position)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, position = _varint(raw, position)
            yield number, value
            continue
        if wire == _BYTES:
            length, position = _varint(raw, position)
        elif wire in _FIXED:
            length = _FIXED[wire]
        else:
            raise UnknownProtobufError(f"wire type {wire} is not used by Kubernetes")
        if position + length > len(raw):
            raise UnknownProtobufError("the body ends in the middle of a field")
        yield number, raw[position : position + length]
        position += length


def _varint(raw: bytes, position: int) -> tuple[int, int]:
    result = shift = 0
    while position < len(raw) and shift < 70:
        byte = raw[position]
        result |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if not byte & 0x80:
            return result, position
    raise UnknownProtobufError("the body ends in the middle of a number")


def _signed(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise UnknownProtobufError("a number was expected")
    return value - 2 * _SIGN if value & _SIGN else value


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise UnknownProtobufError("bytes were expected")
    return value
