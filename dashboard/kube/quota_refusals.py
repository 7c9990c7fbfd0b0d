"""What the API server says when a ResourceQuota refuses an object, taken apart. Pure.

The message lists only the resources that do not fit. It must not know whom it was told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from dashboard.kube.quantities import number

_EXCEEDED = re.compile(r"exceeded quota: (?P<quota>[^,\s]+)(?:, requested: (?P<requested>.*?), used: (?P<used>.*?), "
                       r"limited: (?P<limited>[^\n]*?))?\s*$")  # fmt: skip
_UNSPECIFIED = re.compile(r"failed quota: (?P<quota>[^:\s]+): must specify (?P<needs>[^\n]*)$")


@dataclass(frozen=True, slots=True)
class Lack:
    """One resource that does not fit, each amount as the API server wrote it, `missing` as a plain number.

    `missing`: by how much the quota would have to be raised for this one object; None when an amount is unreadable.
    """

    resource: str
    requested: str
    used: str
    limited: str
    missing: Decimal | None


@dataclass(frozen=True, slots=True)
class QuotaRefusal:
    """`lacks` is empty when the server told no amounts; `needs`: what it wants specified, with room or not."""

    quota: str
    lacks: tuple[Lack, ...] = ()
    needs: tuple[str, ...] = ()
    amounts: Mapping[str, str] = field(default_factory=dict)


def refusal_of(message: str | None) -> QuotaRefusal | None:
    """From an Event, a condition or a Status; None when no quota refused."""
    found = _EXCEEDED.search(message or "")
    if found is not None:
        asked, used, limited = (_amounts(found[name]) for name in ("requested", "used", "limited"))
        lacks = tuple(_lack(name, amount, used.get(name), limited.get(name)) for name, amount in asked.items())
        return QuotaRefusal(found["quota"], lacks, amounts=asked)
    found = _UNSPECIFIED.search(message or "")
    if found is None:
        return None
    return QuotaRefusal(found["quota"], needs=tuple(found["needs"].split(",")))


def _lack(name: str, asked: str, used: str | None, limited: str | None) -> Lack:
    amounts = [number(each) for each in (asked, used, limited)]
    wanted, taken, bound = amounts
    missing = None if wanted is None or taken is None or bound is None else max(Decimal(0), wanted + taken - bound)
    return Lack(name, asked, used or "?", limited or "?", missing)


def _amounts(told: str | None) -> dict[str, str]:
    pairs = (each.partition("=") for each in (told or "").split(",") if each)
    return {name.strip(): amount for name, _, amount in pairs}
