"""A file of rows: private, brought to the newest schema, written in transactions. Knows no table.

A commit is handed to the operating system and not waited for (WAL, synchronous=NORMAL): a killed process loses nothing
that was committed, a power cut may lose the last seconds, up to what was written since the last checkpoint, and never
breaks the file. Waiting for the disk every second (FULL) would hold up every browser, since sqlite blocks the one
thread that serves them. What is checkpointed (`settle`) outlives a power cut.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dashboard.errors import Refused
from dashboard.kept.migrating import Migrations, TooNew, migrate

BUSY_S = 1.0
"""How long a statement waits for another process that is writing; everybody waits with it."""

WAL_KEPT_BYTES = 4 * 1024 * 1024
_BUSY = ("locked", "busy")


class NotWritten(Refused):
    """The file does not take it. `is_busy`: another process was writing, so that the same may succeed soon."""

    def __init__(self, sentence: str, *, is_busy: bool) -> None:
        super().__init__(sentence, status=503)
        self.is_busy = is_busy


class Database:
    """Opened at the first use; whatever cannot be done raises Refused with a sentence. Thread-safe.

    `called`: what people call it, such as `archive`.
    """

    def __init__(
        self,
        path: Path,
        migrations: Migrations,
        *,
        called: str,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
    ) -> None:
        self.path = path
        self._migrations = migrations
        self._called = called
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.RLock()

    def open(self) -> None:
        """Opens the file now, to learn whether it can be used. Raises Refused."""
        with self._lock:
            self._opened()

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """What a SELECT finds."""
        with self._lock:
            connection = self._opened()
            try:
                return connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise self._not_read(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All `rows` inside show one moment, whatever other processes write meanwhile."""
        with self._lock:
            connection = self._opened()
            try:
                connection.execute("BEGIN")
                yield
            except sqlite3.Error as error:
                raise self._not_read(error) from error
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is executed inside, or nothing. Raises NotWritten."""
        with self._lock:
            connection = self._opened()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except (sqlite3.Error, OverflowError, UnicodeError) as error:  # the latter two: values no column can hold
                raise self._not_written(error) from error
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def settle(self, *, shrink: bool = False) -> None:
        """Everything committed is on the disk when this returns, unless somebody is reading just now.

        `shrink`: gives the room of what was deleted back to the file system. Raises NotWritten.
        """
        with self._lock:
            connection = self._opened()
            try:
                if shrink:
                    # Each step frees one page, and `execute` makes but one step.
                    connection.executescript("PRAGMA incremental_vacuum")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.Error as error:
                raise self._not_written(error) from error

    def close(self) -> None:
        """Lets go of the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        try:
            self._make_private()
            connection = self._connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise Refused(f"The {self._called} {self.path} cannot be opened: {error}.", status=503) from error
        try:
            _configure(connection)
            migrate(connection, self._migrations)
        except TooNew as newer:
            connection.close()
            raise Refused(
                f"The {self._called} {self.path} was written by a newer Surgeboard (its schema is {newer.version}, "
                f"this one knows {len(self._migrations)}). Use that version, or another data folder; the file was left "
                "as it is.",
                status=503,
            ) from newer
        except sqlite3.Error as error:
            connection.close()
            raise Refused(
                f"The {self._called} {self.path} cannot be used: {error}. Move it away to begin a new one.", status=503
            ) from error
        return connection

    def _make_private(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            # Opening and closing a file that is in use would drop this process's locks on it: only a new one is.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            self.path.chmod(0o600)

    def _not_read(self, error: Exception) -> Refused:
        return Refused(f"The {self._called} {self.path} cannot be read: {error}.", status=503)

    def _not_written(self, error: Exception) -> NotWritten:
        is_busy = isinstance(error, sqlite3.OperationalError) and any(word in str(error) for word in _BUSY)
        return NotWritten(f"The {self._called} {self.path} cannot be written: {error}.", is_busy=is_busy)


def _configure(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    for pragma in (
        "auto_vacuum = INCREMENTAL",  # counts only before the first table
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        f"journal_size_limit = {WAL_KEPT_BYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
