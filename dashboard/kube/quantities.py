"""Kubernetes quantities as numbers: CPU in millicores, memory in bytes. Reading only; None for what is none."""

from __future__ import annotations

import re
from decimal import Decimal

_FORM = re.compile(r"^([+-]?[0-9]*\.?[0-9]+|[+-]?[0-9]+\.)(?:([eE][+-]?[0-9]+)|([KMGTPE]i|[numkMGTPE]))?$")
_FACTORS = {
    "": Decimal(1),
    **{unit: Decimal(10) ** power for unit, power in zip("numkMGTPE", (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", start=1)},
}

Quantity = str | int | float | None


def number(quantity: Quantity) -> Decimal | None:
    """The plain number, or None when it is missing or not a quantity."""
    match = _FORM.match(str(quantity).strip()) if quantity is not None else None
    if match is None:
        return None
    digits, exponent, unit = match.groups()
    return Decimal(digits + (exponent or "")) * _FACTORS[unit or ""]


def millicores(quantity: Quantity) -> float | None:
    """`250m` is 250.0, `1` is 1000.0, `1234567n` is 1.234567."""
    value = number(quantity)
    return None if value is None else float(value * 1000)


def whole_bytes(quantity: Quantity) -> int | None:
    """`192Mi` is 201326592; a broken byte counts as a whole one."""
    value = number(quantity)
    return None if value is None else int(value.to_integral_value(rounding="ROUND_CEILING"))
