"""The rows that belong to a run, one table each: every statement on them is made here. Must not know the table `runs`.

Table and column names are constants of this module; whatever comes from outside is a parameter.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Select = Callable[[str, Sequence[Any]], list[sqlite3.Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a run, told apart by `key`, in the order of `order`. A row put again replaces the one before."""

    name: str
    columns: tuple[str, ...]
    order: str = "t"
    as_json: frozenset[str] = frozenset()
    as_bool: frozenset[str] = frozenset()

    def put(self, connection: sqlite3.Connection, run_id: str, rows: Iterable[Row]) -> None:
        """Writes the rows; what a row does not tell is null."""
        names, marks = ", ".join(self.columns), ", ".join("?" * (len(self.columns) + 1))
        statement = f"INSERT OR REPLACE INTO {self.name} (run, {names}) VALUES ({marks})"  # noqa: S608 - constants
        values = ((run_id, *(self._stored(name, row.get(name)) for name in self.columns)) for row in rows)
        connection.executemany(statement, values)

    def of(self, select: Select, run_id: str) -> list[dict[str, Any]]:
        """All rows of a run."""
        names = ", ".join(self.columns)
        statement = f"SELECT {names} FROM {self.name} WHERE run = ? ORDER BY {self.order}"  # noqa: S608 - constants
        return [self._read(row) for row in select(statement, (run_id,))]

    def _stored(self, name: str, value: Any) -> Any:
        return None if value is None else packed(value) if name in self.as_json else value

    def _read(self, row: sqlite3.Row) -> dict[str, Any]:
        values = dict(row)
        for name in self.as_json:
            values[name] = unpacked(values[name])
        for name in self.as_bool:
            values[name] = None if values[name] is None else bool(values[name])
        return values


SAMPLES = Table(
    "samples", ("t", "users", "rps", "p95_ms", "failed_percent", "cpu_percent", "cpu_target", "replicas", "ready")
)
METRICS = Table("metrics", ("t", "cpu_percent", "cpu_target", "replicas", "ready", "pods"), as_json=frozenset({"pods"}))
EVENTS = Table(
    "events", ("id", "t", "kind", "object", "text", "count", "quiet"), order="t, id",
    as_json=frozenset({"object"}), as_bool=frozenset({"quiet"}),
)  # fmt: skip
FLAGS = Table("flags", ("id", "t", "kind", "object", "text", "sentence"), order="t, id", as_json=frozenset({"object"}))
EXPLANATIONS = Table(
    "explanations", ("t", "state", "sentence", "sum", "confidence", "advice"), as_json=frozenset({"sum"})
)
SPANS = Table("spans", ("uid", "name", "created_at", "ready_at", "ended_at"), order="created_at, uid")
ENDPOINTS = Table(
    "endpoints", ("t", "method", "name", "requests", "failures", "rps", "p50_ms", "p95_ms", "p99_ms"),
    order="t, method, name",
)  # fmt: skip
PODS = Table("pods", ("t", "pod", "requests", "rps", "share_percent"), order="t, pod")

ALL = {table.name: table for table in (SAMPLES, METRICS, EVENTS, FLAGS, EXPLANATIONS, SPANS, ENDPOINTS, PODS)}


class Tags:
    """The table `tags`: the words people sort runs by."""

    @staticmethod
    def set(connection: sqlite3.Connection, run_id: str, tags: Iterable[str]) -> None:
        """These and no others."""
        connection.execute("DELETE FROM tags WHERE run = ?", (run_id,))
        connection.executemany("INSERT INTO tags (run, tag) VALUES (?, ?)", [(run_id, tag) for tag in tags])

    @staticmethod
    def by_run(select: Select) -> dict[str, list[str]]:
        """Of every run that has any."""
        found: dict[str, list[str]] = {}
        for run_id, tag in select("SELECT run, tag FROM tags ORDER BY run, tag", ()):
            found.setdefault(run_id, []).append(tag)
        return found


def packed(value: Any) -> str:
    """A value as one column holds it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str | None) -> Any:
    """The other way; null stays null."""
    return None if text is None else json.loads(text)
