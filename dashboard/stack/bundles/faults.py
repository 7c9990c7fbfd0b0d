"""Faults of a bundle's files, gathered so that a person sees all of them at once. Reads nothing by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dashboard.errors import Refused

SHOWN_MAX = 40
"""More faults than this have one cause; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which file, counted from 1; no line where the source does not tell."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        if self.line is None:
            return self.file
        return f"{self.file} line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `sentence` goes on after the place and says what to do."""

    place: Place
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


class Unreadable(Refused):
    """A bundle that cannot be used as it is; `faults` holds every fault as a text of its own."""

    def __init__(self, faults: Iterable[str], *, status: int = 422) -> None:
        self.faults = tuple(faults)
        shown, left = self.faults[:SHOWN_MAX], len(self.faults) - SHOWN_MAX
        text = " ".join(shown) + (f" And {left} more." if left > 0 else "")
        super().__init__(text if len(self.faults) == 1 else f"{len(self.faults)} faults. {text}", status=status)


@dataclass(slots=True)
class Faults:
    """Gathers faults while files are read."""

    found: list[Fault] = field(default_factory=list)

    def add(self, place: Place, sentence: str) -> None:
        """Notes one."""
        self.found.append(Fault(place, sentence))

    def refuse(self) -> None:
        """Raises Unreadable when there is any, with all of them in the order of files and lines."""
        if self.found:
            raise Unreadable(str(each) for each in sorted(self.found, key=_order))


def _order(fault: Fault) -> tuple[str, int, int]:
    return fault.place.file, fault.place.line or 0, fault.place.column or 0
