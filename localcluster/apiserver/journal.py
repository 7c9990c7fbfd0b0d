"""Objects on disk: every put and removal is in SQLite's write-ahead log before the caller goes on.

A killed process loses nothing that was answered. A machine that loses power may lose the last moments, never the
order or half of a write: the log is brought to the platter when it is folded into the file, which a thread does from
time to time, and not at every write. Must not know what an object means.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson

from localcluster.client import Object
from localcluster.errors import ApiError
from localcluster.resources import CUSTOM_RESOURCE_DEFINITIONS, STORED, Resource

log = logging.getLogger(__name__)

FORMAT = 1
FOLD_EVERY_S = 2.0
FOLD_BYTES = 4 * 1024 * 1024
FOLD_AT_ONCE_BYTES = 64 * 1024 * 1024
"""Beyond this the writers wait for the folding: they were never idle long enough for the log to begin anew."""

_SCHEMA = """
CREATE TABLE objects (
    kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (kind, namespace, name)
);
CREATE TABLE removed (one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL);
"""
_PUT = (
    "INSERT INTO objects VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET revision=excluded.revision, "
    "body=excluded.body"
)
_REMOVE = "DELETE FROM objects WHERE kind=? AND namespace=? AND name=?"
_LAST_REMOVED = "INSERT INTO removed VALUES (1, ?) ON CONFLICT DO UPDATE SET revision=excluded.revision"
_DEFINED = "SELECT name FROM objects WHERE kind=?"
"""A definition has the name of the resource it defines, which is also that resource's kind in this file."""

_REVISION = "SELECT max(coalesce((SELECT max(revision) FROM objects), 0), coalesce((SELECT revision FROM removed), 0))"


class UnreadableJournal(Exception):
    """The file is not a journal this program reads; the text says what to do."""


class Journal:
    """One file, open for as long as its cluster runs."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)  # Secrets lie in it
        self._path = path
        self._lock = path.with_suffix(".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise UnreadableJournal(
                f"{path} is in use by another cluster: stop it, or choose another folder"
            ) from error
        try:
            self._connection = _connect(path)
            _prepare(self._connection, path)
            _check(self._connection)
        except sqlite3.OperationalError as error:
            self._lock.close()
            raise UnreadableJournal(
                f"{path} cannot be opened ({error}): make room on its disk, or see who may write to it"
            ) from error
        except sqlite3.DatabaseError as error:
            self._lock.close()
            raise UnreadableJournal(
                f"{path} cannot be read ({error}): move it away to start with an empty cluster"
            ) from error

    def revision(self) -> int:
        """The highest revision ever written; 0 in a new file."""
        return int(self._connection.execute(_REVISION).fetchone()[0])

    def load(self) -> Iterator[tuple[str, tuple[str, str], int, Object]]:
        """Every object with its resource (`deployments.apps`) and revision. Raises UnreadableJournal for none."""
        defined = self._connection.execute(_DEFINED, (CUSTOM_RESOURCE_DEFINITIONS.group_resource,))
        known = {resource.group_resource for resource in STORED} | {name for (name,) in defined}
        for kind, namespace, name, revision, body in self._connection.execute("SELECT * FROM objects"):
            if kind in known:
                yield kind, (namespace, name), revision, self._object(body, what=f"{kind} {namespace}/{name}")
            else:
                log.warning("%s %s/%s is kept on disk, but this version does not serve it", kind, namespace, name)

    def put(self, resource: Resource, key: tuple[str, str], *, revision: int, body: bytes) -> None:
        """Keep one state of one object. Raises ApiError 500 when the disk refuses."""
        self._write([(_PUT, (resource.group_resource, *key, revision, body))])

    def remove(self, resource: Resource, key: tuple[str, str], *, revision: int) -> None:
        """Forget the object, and remember that its end had this revision."""
        self._write([(_REMOVE, (resource.group_resource, *key)), (_LAST_REMOVED, (revision,))])

    async def keep_folding(self) -> None:
        """Keep the log short; runs until cancelled. The copying is done beside the writers, not between them."""
        while True:
            await asyncio.sleep(FOLD_EVERY_S)
            try:
                if self._log_bytes() > FOLD_AT_ONCE_BYTES:
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                elif self._log_bytes() > FOLD_BYTES:
                    await asyncio.to_thread(_fold, self._path)
            except sqlite3.Error as error:  # nothing is lost by it: the log grows until it can be folded
                log.warning("the log of %s could not be folded, trying again: %s", self._path, error)

    def close(self) -> None:
        """Everything in one file; nothing may be written from now on."""
        self._connection.close()
        self._lock.close()

    def _object(self, body: bytes, *, what: str) -> Object:
        try:
            found: Object = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise UnreadableJournal(
                f"{self._path} cannot be read ({what}: {error}): move it away to start with an empty cluster"
            ) from error
        return found

    def _log_bytes(self) -> int:
        log_file = self._path.with_name(self._path.name + "-wal")
        return log_file.stat().st_size if log_file.exists() else 0

    def _write(self, statements: list[tuple[str, tuple[object, ...]]]) -> None:
        connection = self._connection
        try:
            if len(statements) == 1:  # its own transaction
                connection.execute(*statements[0])
                return
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                for statement, values in statements:
                    connection.execute(statement, values)
        except sqlite3.Error as error:
            log.exception("a write could not be kept")
            message = f"Internal error occurred: the write could not be kept on disk ({error})"
            raise ApiError(500, "InternalError", message) from error


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=1.0)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found == 0:
        connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={FORMAT}; COMMIT;")
    elif found != FORMAT:
        raise UnreadableJournal(
            f"{path} was written in format {found}, this version reads {FORMAT}: move it away to start with an empty "
            "cluster"
        )


def _check(connection: sqlite3.Connection) -> None:
    """Now rather than in the middle of a run: damage seldom shows where the file begins."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _fold(path: Path) -> None:
    with closing(_connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
