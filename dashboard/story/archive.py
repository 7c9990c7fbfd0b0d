"""The kept story: one file for all clusters, a story for each. Reads and writes lines; decides nothing.

A line is known by its cluster and id; told again it is the same line with its newest time and count. Everything that
cannot be done is a Refused with a sentence.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dashboard.kept.database import Database
from dashboard.store.times import iso
from dashboard.story.asking import Asked
from dashboard.story.schema import MIGRATIONS

FILE_NAME = "story.db"
CHUNK = 1000
"""Lines read at once when all are wanted, so that the file is not held for long."""
COLUMNS = ("id", "t", "first", "kind", "object_kind", "namespace", "name", "reason", "by", "text", "count", "quiet",
           "flag", "sum")  # fmt: skip

Row = Mapping[str, Any]
Place = tuple[str, str]
"""Time and id of a line."""

_PUT = f"""INSERT INTO lines (cluster, {", ".join(COLUMNS)}) VALUES ({", ".join("?" * (len(COLUMNS) + 1))})
    ON CONFLICT (cluster, id) DO UPDATE SET
        t = max(t, excluded.t), first = min(first, excluded.first), kind = excluded.kind,
        object_kind = excluded.object_kind, namespace = excluded.namespace, name = excluded.name,
        reason = ifnull(excluded.reason, reason), by = ifnull(excluded.by, by), text = excluded.text,
        count = max(count, excluded.count), quiet = excluded.quiet,
        flag = ifnull(excluded.flag, flag), sum = ifnull(excluded.sum, sum)"""  # noqa: S608  names of columns

_ADD = "UPDATE lines SET flag = ifnull(?, flag), sum = ifnull(?, sum) WHERE cluster = ? AND id = ?"


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, newest first; `total` of all that were asked for; whether there are `newer` and `older` ones."""

    lines: list[dict[str, Any]]
    total: int
    newer: bool
    older: bool


class StoryArchive:
    """Opened at the first use, shared with other processes of the same data folder."""

    def __init__(self, path: Path, *, connect: Callable[..., sqlite3.Connection] = sqlite3.connect) -> None:
        self.path = path
        self._database = Database(path, MIGRATIONS, called="story", connect=connect)

    def cluster_at(self, server: str) -> str | None:
        """The cluster that was last seen at an address."""
        found = self._database.rows("SELECT id FROM clusters WHERE server = ? ORDER BY seen_at DESC LIMIT 1", (server,))
        return str(found[0]["id"]) if found else None

    def clusters(self) -> list[dict[str, Any]]:
        """Every cluster that has a story, the one seen last first."""
        return [dict(row) for row in self._database.rows("SELECT * FROM clusters ORDER BY seen_at DESC")]

    def seen(self, cluster: str, *, server: str, at: datetime) -> None:
        """A cluster answers at an address. Raises NotWritten."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO clusters (id, server, seen_at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                " server = excluded.server, seen_at = excluded.seen_at",
                (cluster, server, iso(at.timestamp())),
            )

    def write(self, cluster: str, rows: Iterable[Row]) -> None:
        """New lines, and lines that have changed, in one transaction. Raises NotWritten.

        A row without `t` only adds its `flag` or `sum` to the line that is there.
        """
        whole, parts = [], []
        for row in rows:
            if "t" in row:
                whole.append((cluster, *_values(row)))
            else:
                parts.append((row.get("flag"), _json(row.get("sum")), cluster, row["id"]))
        with self._database.transaction() as connection:
            connection.executemany(_PUT, whole)
            connection.executemany(_ADD, parts)

    def newest(self, cluster: str, *, most: int) -> list[dict[str, Any]]:
        """The newest lines, oldest first."""
        query = "SELECT * FROM lines WHERE cluster = ? ORDER BY t DESC, id DESC LIMIT ?"
        return [line(row) for row in reversed(self._database.rows(query, (cluster, most)))]

    def flagged(self, cluster: str, *, most: int) -> list[dict[str, Any]]:
        """The newest lines with a flag, oldest first."""
        query = "SELECT * FROM lines WHERE cluster = ? AND flag IS NOT NULL ORDER BY t DESC, id DESC LIMIT ?"
        return [line(row) for row in reversed(self._database.rows(query, (cluster, most)))]

    def page(
        self, cluster: str, asked: Asked, *, most: int, before: Place | None = None, after: Place | None = None
    ) -> Page:
        """Lines older than `before`, or the nearest ones that are newer than `after`, else the newest."""
        where, values = asked.where()
        of = f"FROM lines WHERE cluster = ? AND {where}"
        with self._database.snapshot():
            total = int(self._database.rows(f"SELECT count(*) {of}", (cluster, *values))[0][0])
            if after is not None:
                of_page = f"{of} AND (t, id) > (?, ?) ORDER BY t, id LIMIT ?"
                found = list(reversed(self._database.rows(f"SELECT * {of_page}", (cluster, *values, *after, most))))
            elif before is not None:
                of_page = f"{of} AND (t, id) < (?, ?) ORDER BY t DESC, id DESC LIMIT ?"
                found = self._database.rows(f"SELECT * {of_page}", (cluster, *values, *before, most))
            else:
                found = self._database.rows(f"SELECT * {of} ORDER BY t DESC, id DESC LIMIT ?", (cluster, *values, most))
            lines = [line(row) for row in found]
            newer = bool(lines) and self._is_there(f"{of} AND (t, id) > (?, ?)", cluster, values, lines[0])
            older = bool(lines) and self._is_there(f"{of} AND (t, id) < (?, ?)", cluster, values, lines[-1])
        return Page(lines, total, newer, older)

    def all(self, cluster: str, asked: Asked) -> Iterator[dict[str, Any]]:
        """Every line that was asked for, newest first, read bit by bit."""
        before: Place | None = None
        where, values = asked.where()
        while True:
            beyond = " AND (t, id) < (?, ?)" if before else ""
            query = f"SELECT * FROM lines WHERE cluster = ? AND {where}{beyond} ORDER BY t DESC, id DESC LIMIT ?"  # noqa: S608
            found = self._database.rows(query, (cluster, *values, *(before or ()), CHUNK))
            yield from (line(row) for row in found)
            if len(found) < CHUNK:
                return
            before = (found[-1]["t"], found[-1]["id"])

    def choices(self, cluster: str) -> dict[str, list[str]]:
        """The kinds and namespaces there are lines of."""
        kinds = self._database.rows("SELECT DISTINCT kind FROM lines WHERE cluster = ? ORDER BY kind", (cluster,))
        query = "SELECT DISTINCT namespace FROM lines WHERE cluster = ? AND namespace != '' ORDER BY namespace"
        return {
            "kinds": [row[0] for row in kinds],
            "namespaces": [row[0] for row in self._database.rows(query, (cluster,))],
        }

    def retain(self, *, count: int, days: int, now: datetime) -> int:
        """Forgets what is too old, and all but the newest `count`; how many went."""
        eldest = iso((now - timedelta(days=days)).timestamp())
        beyond = self._database.rows("SELECT t FROM lines ORDER BY t DESC LIMIT 1 OFFSET ?", (count - 1,))
        if beyond:
            eldest = max(eldest, beyond[0]["t"])
        with self._database.transaction() as connection:
            gone = connection.execute("DELETE FROM lines WHERE t < ?", (eldest,)).rowcount
            connection.execute(
                "DELETE FROM clusters WHERE NOT EXISTS (SELECT 1 FROM lines WHERE lines.cluster = clusters.id)"
                " AND seen_at < ?",
                (eldest,),
            )
        if gone:
            self._database.settle(shrink=True)
        return int(gone)

    def close(self) -> None:
        """Lets go of the file; the next use opens it again."""
        self._database.close()

    def _is_there(self, of: str, cluster: str, values: list[Any], end: Row) -> bool:
        return bool(self._database.rows(f"SELECT 1 {of} LIMIT 1", (cluster, *values, end["t"], end["id"])))


def line(row: Row | sqlite3.Row) -> dict[str, Any]:
    """As the view `story` has it, with its flag and, of a scale decision, its sum."""
    about = {"kind": row["object_kind"], "namespace": row["namespace"], "name": row["name"]}
    return {
        "id": row["id"], "t": row["t"], "kind": row["kind"], "object": about if row["object_kind"] else None,
        "text": row["text"], "count": row["count"], "quiet": bool(row["quiet"]), "first": row["first"],
        "by": row["by"], "reason": row["reason"], "flag": row["flag"],
        "sum": json.loads(row["sum"]) if row["sum"] else None,
    }  # fmt: skip


def _values(row: Row) -> tuple[Any, ...]:
    about = row.get("object") or {}
    told = {
        **row, "object_kind": about.get("kind"), "namespace": about.get("namespace"), "name": about.get("name"),
        "first": row.get("first") or row["t"], "count": row.get("count") or 1, "quiet": int(bool(row.get("quiet"))),
        "sum": _json(row.get("sum")),
    }  # fmt: skip
    return tuple(told.get(column) for column in COLUMNS)


def _json(value: Any) -> str | None:
    return json.dumps(value) if value else None
