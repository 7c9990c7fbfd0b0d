"""The table and the list of differences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.contract.conformance.comparing import Tally


@dataclass(frozen=True)
class Result:
    """One scenario's tallies."""

    scenario: str
    seconds: float
    requests: Tally
    bodies: Tally
    sequences: Tally
    exact: int
    events: Tally

    def tallies(self) -> dict[str, Tally]:
        return {"request": self.requests, "watch": self.sequences, "events": self.events, "body": self.bodies}


_HEADINGS = ("scenario", "requests", "equal", "watch seq.", "equal", "exact", "Events", "equal", "bodies", "equal")


def table(results: Iterable[Result]) -> str:
    scenarios = [_row(each) for each in results]
    total = _total(scenarios)
    rows = [_HEADINGS, *scenarios, total, _shares(total)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return "\n".join("  ".join(_cells(row, widths)) for row in rows)


def _row(each: Result) -> tuple[str, ...]:
    watched = (*_pair(each.sequences), str(each.exact))
    return (each.scenario, *_pair(each.requests), *watched, *_pair(each.events), *_pair(each.bodies))


def _cells(row: tuple[str, ...], widths: list[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


def differences(result: Result, *, full: bool) -> str:
    found = [(kind, each) for kind, tally in result.tallies().items() for each in tally.differences]
    lines = [f"  {kind}: {each.full() if full else each.line()}" for kind, each in found]
    return "\n".join([f"{result.scenario} ({result.seconds:.0f} s)", *lines])


def _pair(tally: Tally) -> tuple[str, str]:
    return str(tally.compared), str(tally.equal)


def _total(rows: list[tuple[str, ...]]) -> tuple[str, ...]:
    return ("all", *(str(sum(int(row[column]) for row in rows)) for column in range(1, len(_HEADINGS))))


def _shares(total: tuple[str, ...]) -> tuple[str, ...]:
    def share(equal: int, of: int) -> str:
        return f"{int(total[equal]) / int(total[of]):.1%}" if int(total[of]) else "–"

    return ("share", "", share(2, 1), "", share(4, 3), share(5, 3), "", share(7, 6), "", share(9, 8))
