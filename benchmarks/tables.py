"""Prints what a benchmark has measured; measures nothing."""

from __future__ import annotations

from collections.abc import Sequence


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in plain text, the first column to the left and the others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    print(title)
    for row in (head, tuple("-" * width for width in widths), *rows):
        sized = zip(row, widths, strict=True)
        cells = [text.rjust(width) if column else text.ljust(width) for column, (text, width) in enumerate(sized)]
        print("  " + "  ".join(cells))
    print(flush=True)


def seconds(value: float) -> str:
    return f"{value:.1f} s"
