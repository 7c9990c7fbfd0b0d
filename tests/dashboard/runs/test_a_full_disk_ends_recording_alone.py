"""A disk that is full or fails cuts the run off with a clear sign; all else goes on, and the next run is tried."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.runs.archive import Archive


class Disk:
    """Connections to a disk that can be made full, slow to give a lock, or broken."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        disk = self

        class Connection(sqlite3.Connection):
            def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
                is_reading = statement == "BEGIN" or statement.startswith(("SELECT", "ROLLBACK", "PRAGMA"))
                if disk.trouble and not is_reading:
                    raise sqlite3.OperationalError(disk.trouble)
                return super().execute(statement, *values)

        self._factory = Connection

    def connect(self, *given: Any, **named: Any) -> sqlite3.Connection:
        return sqlite3.connect(*given, **named, factory=self._factory)


FULL = "database or disk is full"


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def stage(new_stage: Any, disk: Disk) -> Any:
    made = new_stage(connect=disk.connect)
    made.recorder.start()
    made.seconds(70)
    return made


def test_a_full_disk_cuts_the_run_off_and_says_so(stage: Any, disk: Disk) -> None:
    stage.start_swarm()
    stage.seconds(5, state="running", users=9, requests=90)
    disk.trouble = FULL
    stage.seconds(5, requests=140)

    assert stage.sign["state"] == "truncated"
    assert FULL in stage.sign["sentence"]
    assert [kind for kind, sentence in stage.notes if FULL in sentence] == ["warning"]  # once
    assert len(stage.archive.document(stage.archive.list()[0]["run_id"])["samples"]) == 66


def test_the_run_is_marked_as_cut_off_as_soon_as_there_is_room(stage: Any, disk: Disk) -> None:
    stage.start_swarm()
    stage.seconds(5, state="running", users=9, requests=90)
    disk.trouble = FULL
    stage.seconds(5)
    disk.trouble = None
    stage.seconds(2)

    run = stage.archive.list()[0]
    assert (run["state"], run["requests"], stage.sign["state"]) == ("truncated", 90, "truncated")
    assert FULL in run["error"]


def test_the_next_swarm_is_recorded_again(stage: Any, disk: Disk) -> None:
    stage.start_swarm("s1")
    stage.seconds(3, state="running", users=9)
    disk.trouble = FULL
    stage.seconds(3)
    stage.swarm(state="stopped")
    disk.trouble = None
    stage.play("s2")

    assert [(run["swarm_id"], run["state"]) for run in stage.archive.list()] == [
        ("s2", "complete"),
        ("s1", "truncated"),
    ]
    assert stage.sign["state"] == "idle"


def test_a_swarm_that_begins_on_a_full_disk_runs_unrecorded(stage: Any, disk: Disk) -> None:
    disk.trouble = FULL
    stage.start_swarm()
    stage.seconds(5, state="running", users=9)

    assert stage.sign["state"] == "unavailable"
    assert FULL in stage.sign["sentence"]
    assert stage.archive.list() == []


def test_a_file_that_another_process_holds_is_waited_for(stage: Any, disk: Disk) -> None:
    stage.start_swarm()
    stage.seconds(3, state="running", users=9)
    disk.trouble = "database is locked"
    stage.seconds(20)
    assert stage.sign["state"] == "recording"
    disk.trouble = None
    stage.seconds(1)

    times = [row["t"] for row in stage.archive.document(stage.archive.list()[0]["run_id"])["samples"]]
    assert {later - earlier for earlier, later in pairwise(times)} == {1000}


def test_the_end_of_a_run_waits_for_the_file_too(stage: Any, disk: Disk) -> None:
    stage.start_swarm()
    stage.seconds(3, state="running", users=9)
    stage.swarm(state="stopped", users=0, requests=77)
    stage.seconds(4)
    disk.trouble = "database is locked"
    stage.seconds(4)
    disk.trouble = None
    stage.seconds(1)

    assert [(run["state"], run["requests"]) for run in stage.archive.list()] == [("complete", 77)]


def test_a_file_held_for_too_long_ends_the_run(stage: Any, disk: Disk) -> None:
    stage.start_swarm()
    stage.seconds(3, state="running", users=9)
    disk.trouble = "database is locked"
    stage.seconds(70)

    assert stage.sign["state"] == "truncated"


def test_room_that_really_ends_is_noticed(new_stage: Any) -> None:
    """By sqlite's own limit of pages, with its own message."""

    def connect(*given: Any, **named: Any) -> sqlite3.Connection:
        connection = sqlite3.connect(*given, **named)
        connection.execute("PRAGMA max_page_count = 60")
        return connection

    stage = new_stage(connect=connect)
    stage.recorder.start()
    stage.start_swarm()
    for second in range(400):
        stage.flag("oom", "x" * 500)
        stage.seconds(1, state="running", users=second)

    assert stage.sign["state"] == "truncated"
    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    assert 10 < len(run["samples"]) < 400
    assert len(stage.views.rows("samples")) == 400  # the page goes on


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that holds 2 MiB."""
    there = tmp_path / "tiny"
    there.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(there)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield there
    subprocess.run(["umount", "--lazy", str(there)], check=True)


def test_a_file_system_without_room_still_learns_that_the_run_was_cut_off(tiny: Path, new_stage: Any) -> None:
    made = new_stage(at=tiny / "data" / "runs.db")
    made.recorder.start()
    made.start_swarm("s1")
    made.seconds(5, state="running", users=9, requests=90)
    ballast = tiny / "others"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))  # others fill it up, to the last page
    for second in range(300):
        made.flag("oom", "x" * 500)
        made.seconds(1, users=second)
    assert made.sign["state"] == "truncated"
    assert FULL in made.sign["sentence"]
    run = Archive(tiny / "data" / "runs.db").list()[0]
    assert run["state"] == "truncated"

    ballast.unlink()
    made.swarm(state="stopped")
    made.play("s2")
    assert [each["state"] for each in made.archive.list()] == ["complete", "truncated"]
    made.recorder.stop()


@pytest.mark.parametrize("broken", ["a folder in its place", "no database"])
def test_a_file_that_cannot_be_used_is_told_and_nothing_breaks(new_stage: Any, path: Path, broken: str) -> None:
    path.parent.mkdir()
    if broken == "no database":
        path.write_text("hello " * 1000)
    else:
        path.mkdir()
    stage = new_stage()
    stage.recorder.start()
    stage.start_swarm()
    stage.seconds(5, state="running", users=9)

    assert stage.sign["state"] == "unavailable"
    assert str(path) in stage.sign["sentence"]
    with pytest.raises(Refused) as refused:
        Archive(path).list()
    assert refused.value.status == 503
