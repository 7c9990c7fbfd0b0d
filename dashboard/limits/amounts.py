"""Quantities as people read and compare them: exact, in the unit in which they were written. Pure."""

from __future__ import annotations

from decimal import Decimal

from dashboard.kube.quantities import Quantity, number

UNKNOWN = "–"
_BINARY = (("Ei", 2**60), ("Pi", 2**50), ("Ti", 2**40), ("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10))


def same(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities are the same amount: `1` and `1000m` are."""
    first, second = number(one), number(other)
    return first is not None and first == second


def is_bytes(resource: str) -> bool:
    """Whether a resource is counted in bytes: memory, storage and their kin in quotas."""
    return resource.rpartition(".")[2] in ("memory", "storage", "ephemeral-storage") or resource.startswith(
        "hugepages-"
    )


def is_cpu(resource: str) -> bool:
    """Whether a resource is counted in cores."""
    return resource.rpartition(".")[2] == "cpu"


def said(resource: str, amount: Decimal | None) -> str:
    """An amount that was computed: `200m`, `64Mi`, `3`. Rounded up where it has to be, for it is what is lacking."""
    if amount is None:
        return UNKNOWN
    if is_cpu(resource):
        milli = amount * 1000
        return f"{_whole(milli)}m" if amount % 1 else f"{int(amount)}"
    return of_bytes(_whole(amount)) if is_bytes(resource) else str(_whole(amount))


def of_bytes(count: int) -> str:
    """In the largest binary unit that says it exactly; whole Mi above one, for no reader counts bytes."""
    for unit, size in _BINARY:
        if count and count % size == 0:
            return f"{count // size}{unit}"
    return f"{-(-count // 2**20)}Mi" if count >= 2**20 else str(count)


def mebibytes(count: float) -> str:
    """A measured amount of memory: `0.4 Mi`, `61 Mi`, `1.2 Gi`."""
    if count >= 2**30:
        return f"{count / 2**30:.1f} Gi"
    return f"{count / 2**20:.0f} Mi" if count >= 10 * 2**20 else f"{count / 2**20:.1f} Mi"


def percent(used: Quantity, hard: Quantity) -> float | None:
    """Of the whole; None when one is unknown or the whole is nothing."""
    part, whole = number(used), number(hard)
    return None if part is None or whole is None or whole <= 0 else float(100 * part / whole)


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value(rounding="ROUND_CEILING"))
