"""The table `runs`: one row a run, and every statement on it. Must not know what a run's other tables hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from dashboard.runs.tables import Select, packed, unpacked

COLUMNS = (
    "run_id", "owner", "swarm_id", "state", "started_at", "finished_at", "load_at", "stopped_at", "name", "note", "by",
    "why", "target", "profile", "peak_users", "peak_replicas", "requests", "failures", "request", "revisions",
    "scaled", "outcome", "reaction", "error",
)  # fmt: skip
AS_JSON = frozenset({"request", "revisions", "scaled", "outcome", "reaction", "ceiling"})
_HEAD = (
    ", ".join(name for name in COLUMNS if name != "outcome")
    # The whole of it may be long, and a list shows but this.
    + ", json_extract(outcome, '$.ceiling') AS ceiling, json_extract(outcome, '$.swarm_state') AS swarm_state"
)
_HAS_TEXT = (
    *(f"{name} LIKE ? ESCAPE '\\'" for name in ("name", "note", "by", "why", "target", "profile", "run_id")),
    "run_id IN (SELECT run FROM tags WHERE tag LIKE ? ESCAPE '\\')",
)


def insert(connection: sqlite3.Connection, run: Mapping[str, Any]) -> None:
    """A new run; what it does not tell is null or empty."""
    known = [name for name in COLUMNS if name in run]
    statement = f"INSERT INTO runs ({', '.join(known)}) VALUES ({', '.join('?' * len(known))})"  # noqa: S608 - constants
    connection.execute(statement, [_stored(name, run[name]) for name in known])


def update(connection: sqlite3.Connection, run_id: str, values: Mapping[str, Any]) -> bool:
    """Changes some columns; False when there is no such run."""
    known = [name for name in COLUMNS if name in values]
    settings = ", ".join(f"{name} = ?" for name in known)
    statement = f"UPDATE runs SET {settings} WHERE run_id = ?"  # noqa: S608 - constants
    return connection.execute(statement, [*(_stored(name, values[name]) for name in known), run_id]).rowcount == 1


def delete(connection: sqlite3.Connection, run_id: str) -> bool:
    """Removes a run and, by the foreign keys, all that belongs to it."""
    return connection.execute("DELETE FROM runs WHERE run_id = ?", (run_id,)).rowcount == 1


def one(select: Select, run_id: str) -> dict[str, Any] | None:
    """The row of a run, without its outcome."""
    found = select(f"SELECT {_HEAD} FROM runs WHERE run_id = ?", (run_id,))  # noqa: S608 - constants
    return _read(found[0]) if found else None


def outcome(select: Select, run_id: str) -> dict[str, Any]:
    """What the swarm came to; empty as long as nothing is known."""
    found = select("SELECT outcome FROM runs WHERE run_id = ?", (run_id,))
    return (unpacked(found[0][0]) if found else None) or {}


def newest_first(select: Select, *, text: str = "", tag: str = "", state: str = "") -> list[dict[str, Any]]:
    """Runs with `text` in a name, note or the like, with `tag`, in `state`; empty means any."""
    where, values = ["1"], []
    if text:
        where.append(f"({' OR '.join(_HAS_TEXT)})")
        values += [f"%{_unwild(text)}%"] * len(_HAS_TEXT)
    for condition, value in (("run_id IN (SELECT run FROM tags WHERE tag = ?)", tag), ("state = ?", state)):
        if value:
            where.append(condition)
            values.append(value)
    statement = f"SELECT {_HEAD} FROM runs WHERE {' AND '.join(where)} ORDER BY run_id DESC"  # noqa: S608 - constants
    return [_read(row) for row in select(statement, values)]


def of_swarm(select: Select, swarm_id: str) -> list[dict[str, Any]]:
    """The runs of one swarm, newest first: more than one when a dashboard was killed meanwhile."""
    statement = f"SELECT {_HEAD} FROM runs WHERE swarm_id = ? ORDER BY run_id DESC"  # noqa: S608 - constants
    return [_read(row) for row in select(statement, (swarm_id,))]


def _stored(name: str, value: Any) -> Any:
    return None if value is None else packed(value) if name in AS_JSON else value


def _read(row: sqlite3.Row) -> dict[str, Any]:
    values = dict(row)
    return {name: unpacked(value) if name in AS_JSON else value for name, value in values.items()}


def _unwild(text: str) -> str:
    """So that % and _ mean themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
