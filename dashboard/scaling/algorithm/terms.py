"""One line of a worked sum, and how amounts are written in it. Data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """`deciding` marks the line that settled the answer."""

    label: str
    value: str
    deciding: bool = False


def counted(replicas: int) -> str:
    """`1 replica`, `3 replicas`."""
    return "1 replica" if replicas == 1 else f"{replicas} replicas"


def seconds(duration: float) -> str:
    """`30 s`, `5 min`, `1 min 30 s`."""
    minutes, rest = divmod(round(duration), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def mebibytes(amount: float) -> str:
    """`812 B`, `12 KiB`, `3.4 MiB`, `33 MiB`, `1.2 GiB`."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if amount >= size:
            return f"{amount / size:.0f} {unit}" if amount >= 10 * size else f"{amount / size:.1f} {unit}"
    return f"{amount:.0f} B"
