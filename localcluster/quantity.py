"""Resource quantities: `100m`, `64Mi`, `1e3`, read as exact decimals and written as Kubernetes writes them."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal

_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_SUFFIXES = ("", *_BINARY)
_DECIMAL_SUFFIXES = {power: suffix for suffix, power in _DECIMAL.items()}
_PATTERN = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([KMGTPE]i|[numkMGTPE]))?", re.ASCII)
_MOST, _LEAST = Decimal(2**63 - 1), Decimal("1e-9")
_LONGEST_EXPONENT = 20
_REFUSAL = r"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


def parse(text: str | float) -> Decimal:
    """The exact value. Raises ValueError, worded as the API words it, for text that is no quantity."""
    number, exponent, suffix = _split(text)
    if suffix in _BINARY:
        return _at_most(_bounded(number, 0) * Decimal(1024) ** _BINARY[suffix])
    return _bounded(number, int(exponent[1:]) if exponent else _DECIMAL[suffix])


def _bounded(number: Decimal, power: int) -> Decimal:
    """`number` times ten to the power; what is beyond all use is the most, or the least, that there can be."""
    if not number:
        return Decimal(0)
    if number.adjusted() + power > _MOST.adjusted():
        return _MOST.copy_sign(number)
    if number.adjusted() + power < _LEAST.adjusted():
        return _LEAST.copy_sign(number)
    return _at_most(number.scaleb(power))


def _at_most(number: Decimal) -> Decimal:
    return _MOST.copy_sign(number) if abs(number) > _MOST else number


def canonical(text: str | float) -> str:
    """The text the API gives back: the same notation, no fraction, the largest suffix that stays exact."""
    _, exponent, suffix = _split(text)
    value = parse(text)
    if suffix in _BINARY:
        return format_memory(value)
    if exponent:
        return _format_exponent(value)
    return format_cpu(value)


def format_cpu(value: Decimal) -> str:
    """Decimal notation: `0.1` gives `100m`, `2` gives `2`, `3000` gives `3k`. Finer than nano rounds up."""
    if value == 0:
        return "0"
    digits, power = _without_factor(value, at_most=18)
    return f"{digits}{_DECIMAL_SUFFIXES[power]}"


def format_memory(value: Decimal) -> str:
    """Binary notation: `67108864` gives `64Mi`. Below 1Ki, and where no power of 1024 divides, plain digits."""
    if abs(value) < 1024:
        return format_cpu(value)
    digits = int(value.to_integral_value(rounding=ROUND_CEILING))
    power = 0
    while digits % 1024 == 0 and power + 1 < len(_BINARY_SUFFIXES):
        digits //= 1024
        power += 1
    return f"{digits}{_BINARY_SUFFIXES[power]}"


def _split(text: str | float) -> tuple[Decimal, str, str]:
    match = _PATTERN.fullmatch(str(text))
    if match is None:
        raise ValueError(_REFUSAL)
    if len(match[2] or "") > _LONGEST_EXPONENT:
        raise ValueError("unable to parse quantity's suffix")
    return Decimal(match[1]), match[2] or "", match[3] or ""


def _format_exponent(value: Decimal) -> str:
    if value == 0:
        return "0"
    digits, power = _without_factor(value, at_most=18)
    return f"{digits}e{power}" if power else str(digits)


def _without_factor(value: Decimal, *, at_most: int) -> tuple[int, int]:
    """`value` as (digits, power of ten), the power the largest multiple of three that leaves no fraction."""
    power = -9
    digits = int(value.scaleb(9).to_integral_value(rounding=ROUND_CEILING))
    while digits % 1000 == 0 and power < at_most:
        digits //= 1000
        power += 3
    return digits, power
