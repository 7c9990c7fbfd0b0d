"""The tables of the kept story as they grew, one step a version, only forwards. Must not read or write a line."""

from __future__ import annotations

from dashboard.kept.migrating import Migrations

MIGRATIONS: Migrations = (
    (
        """CREATE TABLE clusters (
            id TEXT PRIMARY KEY, server TEXT NOT NULL, seen_at TEXT NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE lines (
            cluster TEXT NOT NULL, id TEXT NOT NULL, t TEXT NOT NULL, first TEXT NOT NULL, kind TEXT NOT NULL,
            object_kind TEXT, namespace TEXT, name TEXT, reason TEXT, by TEXT, text TEXT NOT NULL,
            count INTEGER NOT NULL, quiet INTEGER NOT NULL, flag TEXT, sum TEXT, PRIMARY KEY (cluster, id)
        ) WITHOUT ROWID""",
        "CREATE INDEX lines_by_time ON lines (cluster, t, id)",
        "CREATE INDEX lines_by_age ON lines (t)",
    ),
)
