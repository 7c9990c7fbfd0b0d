"""What a plain YAML scalar means, as kubectl reads it. Pure.

kubectl's reader differs from PyYAML's: dates and `22:30` stay texts there, and every number must fit into JSON.
"""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_INTEGER = re.compile(r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NO_JSON = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_LONGEST_INTEGER = 80
"""Digits; what is longer is no whole number to anybody who reads 64 bits."""

_TAG = "tag:yaml.org,2002:"
_TYPES: dict[str, type | tuple[type, ...]] = {
    "int": int, "float": (int, float), "bool": bool, "null": type(None),
}  # fmt: skip


class NotJson(ValueError):
    """A scalar that JSON, and so the Kubernetes API, cannot carry; the text says why."""


def scalar_of(text: str, *, plain: bool, tag: str | None) -> Scalar:
    """The value of one scalar. Raises NotJson."""
    if tag is None or tag == "!":
        return _plain(text) if plain and tag is None else text
    name = tag.removeprefix(_TAG)
    if name == "str":
        return text
    if name in _TYPES and isinstance(value := _plain(text), _TYPES[name]):
        return value
    raise NotJson(f"the tag {tag} is not understood with {text[:40]!r}; write the value without a tag")


def _plain(text: str) -> Scalar:
    if text in _NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _NO_JSON.match(text):
        raise NotJson(f"{text} cannot be sent as JSON; quote it if a text is meant")
    if len(text) <= _LONGEST_INTEGER and _INTEGER.match(text):
        return _integer(text)
    return _number(text) if _FLOAT.match(text) else text


def _integer(text: str) -> Scalar:
    digits = text.replace("_", "")
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    base = {"0b": 2, "0x": 16, "0o": 8}.get(digits[:2])
    try:
        value = (
            int(digits, 8 if len(digits) > 1 and digits.startswith("0") else 10)
            if base is None
            else int(digits[2:], base)
        )
    except ValueError:  # nothing but underscores behind the prefix
        return text
    return sign * value if value < 2**64 else float(sign * value)


def _number(text: str) -> Scalar:
    value = float(text)
    if not math.isfinite(value):
        raise NotJson(f"{text[:40]} is too large a number; quote it if a text is meant")
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
