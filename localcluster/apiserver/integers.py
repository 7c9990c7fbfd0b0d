"""Integers as clients write them, read as Go's strconv does: ASCII digits, 64 bits, and its words for the rest."""

from __future__ import annotations

import re

_SIGNED, _UNSIGNED = re.compile(r"[+-]?[0-9]+"), re.compile(r"[0-9]+")
_MOST_DIGITS = 40
"""More than any 64-bit number has, leading zeros allowed for; longer texts are not even looked at."""

_LAST_PORT = 65535


def parse_int(text: str) -> int:
    """Raises ValueError with what `strconv.ParseInt` says."""
    if not _SIGNED.fullmatch(text):
        raise ValueError(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return _within(text, function="ParseInt", least=-(2**63), most=2**63 - 1)


def parse_uint(text: str) -> int:
    """Raises ValueError with what `strconv.ParseUint` says."""
    if not _UNSIGNED.fullmatch(text):
        raise ValueError(f'strconv.ParseUint: parsing "{text}": invalid syntax')
    return _within(text, function="ParseUint", least=0, most=2**64 - 1)


def is_number(text: str) -> bool:
    """Whether a reference to a port means its number rather than its name."""
    return bool(_UNSIGNED.fullmatch(text))


def port_number(text: str) -> int | None:
    """A TCP port; None for what cannot be one."""
    number = int(text) if is_number(text) and len(text) <= _MOST_DIGITS else -1
    return number if 0 <= number <= _LAST_PORT else None


def _within(text: str, *, function: str, least: int, most: int) -> int:
    number = int(text) if len(text) <= _MOST_DIGITS else most + 1
    if not least <= number <= most:
        raise ValueError(f'strconv.{function}: parsing "{text}": value out of range')
    return number
