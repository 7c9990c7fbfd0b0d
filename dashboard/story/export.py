"""The story as files: CSV by RFC 4180 and JSON, line by line as they are read. Must not read the archive itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dashboard.runs.export import csv_text

COLUMNS = ("time", "first", "kind", "object", "count", "by", "reason", "routine", "text")
Row = Mapping[str, Any]


def as_csv(rows: Iterable[Row]) -> Iterator[str]:
    """A head and one line each; no text that a spreadsheet would carry out."""
    yield csv_text([COLUMNS])
    for row in rows:
        yield csv_text([_cells(row)])


def as_json(rows: Iterable[Row], *, about: Mapping[str, Any]) -> Iterator[str]:
    """One document: `about`, and the lines as `entries`."""
    yield json.dumps(dict(about), ensure_ascii=False)[:-1] + (", " if about else "") + '"entries": ['
    for number, row in enumerate(rows):
        yield (",\n" if number else "\n") + json.dumps(dict(row), ensure_ascii=False)
    yield "\n]}\n"


def named(about: Mapping[str, Any] | None) -> str:
    """`Pod flask/guestbook-7d9f-x2kqp`; empty for nothing."""
    if not about:
        return ""
    where = f"{about['namespace']}/" if about.get("namespace") else ""
    return f"{about.get('kind') or ''} {where}{about.get('name') or ''}".strip()


def _cells(row: Row) -> list[Any]:
    return [
        row["t"], row.get("first"), row["kind"], named(row.get("object")), row.get("count"), row.get("by"),
        row.get("reason"), "yes" if row.get("quiet") else "no", row["text"],
    ]  # fmt: skip
