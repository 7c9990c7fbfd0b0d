"""Brings a file of rows to the newest schema, one step a version, only forwards. Must not know a table."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

Migrations = Sequence[Sequence[str]]
"""One step a version; each is what is executed for it."""


class TooNew(Exception):
    """The file was written by a later version of the program; `version` is its schema's."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


def migrate(connection: sqlite3.Connection, migrations: Migrations) -> None:
    """Brings the file to the newest version, all steps or none. Raises TooNew and then has changed nothing."""
    if _version(connection) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        before = _version(connection)  # again: another process may just have done it
        if before > len(migrations):
            raise TooNew(before)
        if before == 0:
            connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
            connection.execute("INSERT INTO schema_version (version) VALUES (0)")
        for step in migrations[before:]:
            for statement in step:
                connection.execute(statement)
        connection.execute("UPDATE schema_version SET version = ?", (len(migrations),))
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchone()
    return int(connection.execute("SELECT version FROM schema_version").fetchone()[0]) if there else 0
