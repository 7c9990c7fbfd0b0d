"""Files of earlier versions are brought forward with all that is in them; those of later ones are left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from dashboard.errors import Refused
from dashboard.kept.migrating import migrate
from dashboard.runs.archive import Archive
from dashboard.runs.schema import MIGRATIONS, VERSION

RUN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def version_1(path: Path) -> None:
    """A file as the first version wrote it."""
    path.parent.mkdir(exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, MIGRATIONS[:1])
    connection.execute(
        "INSERT INTO runs (run_id, owner, swarm_id, state, started_at, requests, request)"
        " VALUES (?, 'gone', 's1', 'complete', '2026-01-01T12:00:00Z', 12, '{\"users\":5}')",
        (RUN,),
    )
    connection.execute("INSERT INTO samples (run, t, users) VALUES (?, 1000, 5)", (RUN,))
    connection.close()


def schema_of(path: Path) -> set[tuple[str, str]]:
    connection = sqlite3.connect(path)
    found = set(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    connection.close()
    return found


def test_a_file_of_the_first_version_is_brought_forward(path: Path, tmp_path: Path) -> None:
    version_1(path)
    archive = Archive(path)

    document = archive.document(RUN)

    assert (document["requests"], document["request"], document["metrics"]) == (12, {"users": 5}, [])
    assert document["samples"][0]["users"] == 5
    fresh = tmp_path / "fresh" / "runs.db"
    Archive(fresh).open()
    assert schema_of(path) == schema_of(fresh)


def test_a_newer_file_is_refused_and_left_alone(path: Path) -> None:
    version_1(path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE schema_version SET version = ?", (VERSION + 1,))
    connection.commit()
    connection.close()
    before = schema_of(path)

    with pytest.raises(Refused, match=f"newer Surgeboard .its schema is {VERSION + 1}, this one knows {VERSION}"):
        Archive(path).list()
    assert schema_of(path) == before


def test_a_step_that_fails_leaves_the_version_before(path: Path) -> None:
    version_1(path)
    connection = sqlite3.connect(path, isolation_level=None)
    before = schema_of(path)

    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, [*MIGRATIONS[:1], ("CREATE TABLE fine (x)", "CREATE TABLE fine (x)")])
    connection.close()
    assert schema_of(path) == before
