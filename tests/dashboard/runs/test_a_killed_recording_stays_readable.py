"""kill -9 at any moment: the file opens, the run is there as far as it was written, and is marked interrupted."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.runs.archive import Archive
from dashboard.runs.owner import Owner, is_alive, sweep

PROGRAM = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from dashboard.runs.archive import Archive, Batch
archive = Archive(Path(sys.argv[1]))
run_id = archive.begin({"swarm_id": "s1"}, Batch(), at=datetime.now(UTC))
for t in range(10**9):
    archive.write(run_id, Batch({"samples": [{"t": t, "users": t}]}, {"requests": t}))
    print(t, flush=True)
"""


def copied(path: Path, to: Path) -> Path:
    """The files as they are on the disk at this moment, which is what a killed process leaves. Not its lock."""
    to.mkdir(parents=True, exist_ok=True)
    for name in (path.name, f"{path.name}-wal"):
        if (path.parent / name).exists():
            shutil.copy(path.parent / name, to / name)
    return to / path.name


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seconds=st.integers(0, 45), cut=st.integers(0, 5000))
def test_a_copy_taken_at_any_moment_opens_and_holds_whole_transactions(
    new_stage: Any, tmp_path: Path, seconds: int, cut: int
) -> None:
    for old in [*tmp_path.glob("data/*"), *tmp_path.glob("copy/*")]:
        old.unlink()
    stage = new_stage()
    stage.recorder.start()
    stage.seconds(20)
    stage.start_swarm()
    for second in range(seconds):
        stage.seconds(1, state="running", users=second, requests=second * 10)
    there = copied(stage.archive.path, tmp_path / "copy")
    log = there.with_name(there.name + "-wal")
    os.truncate(log, max(0, log.stat().st_size - cut))  # as after a power cut: the end of the log is missing
    stage.recorder.stop()

    found = Archive(there)
    try:
        found.recover()
        for run in found.list():
            document = found.document(run["run_id"])
            assert document["state"] == "interrupted"
            newest = document["samples"][-1]
            assert run["requests"] is None or newest["users"] * 10 == run["requests"]
            assert document["finished_at"] is not None
    finally:
        found.close()
    with sqlite3.connect(there) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_a_process_that_is_killed_while_it_writes_loses_nothing_it_had_written(path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(200)]
        archive = Archive(path)
        assert archive.recover() == []
        assert archive.list()[0]["state"] == "recording"
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
    written = int([line for line in lines if line.endswith("\n")][-1])

    assert archive.list()[0]["state"] == "interrupted"  # before anybody has marked it
    assert len(archive.recover()) == 1
    document = archive.document(archive.list()[0]["run_id"])
    assert document["requests"] in (written, written + 1)
    assert [sample["users"] for sample in document["samples"]] == list(range(document["requests"] + 1))
    assert list(path.parent.glob("recording-*")) == []


def test_the_next_start_marks_it_and_takes_up_the_swarm_as_another_run(new_stage: Any, path: Path) -> None:
    first = new_stage()
    first.recorder.start()
    first.seconds(10)
    first.start_swarm()
    first.seconds(5, state="running", users=9, requests=90)
    first.archive._owner.release()  # the kernel does it for a killed process
    second = new_stage()
    second.t = first.t + 8
    second.start_swarm(state="running", users=9, started_at="2026-01-01T12:00:10.000Z")
    second.recorder.start()
    second.seconds(3)

    newer, older = second.archive.list()
    assert (older["state"], older["requests"], newer["state"]) == ("interrupted", 90, "recording")
    assert newer["started_at"] == "2026-01-01T12:00:10.000Z"
    assert second.archive.document(newer["run_id"])["load_at"] is None  # nobody saw it begin
    first.archive.open()


def test_when_a_load_stopped_that_was_over_by_the_next_start_is_not_known(new_stage: Any) -> None:
    stage = new_stage()
    stage.recorder.start()
    stage.scale(3)
    stage.t += 60
    stage.start_swarm(started_at="2026-01-01T12:00:05.000Z")  # taken up from the process before
    stage.seconds(1)
    stage.seconds(20, state="stopped", requests=1150)
    stage.scale(1)
    stage.seconds(5)

    run = stage.archive.list()[0]
    assert (run["state"], run["requests"], run["stopped_at"]) == ("complete", 1150, None)
    assert set(run["reaction"].values()) == {None}


def test_a_dashboard_that_is_stopped_leaves_an_interrupted_run_that_says_why(stage: Any, path: Path) -> None:
    stage.start_swarm()
    stage.seconds(5, state="running", users=9, requests=90)
    stage.recorder.stop()

    run = Archive(path).list()[0]
    assert (run["state"], run["requests"]) == ("interrupted", 90)
    assert "stopped" in run["error"]


def test_a_dashboard_that_is_stopped_right_after_a_swarm_has_its_totals(stage: Any, path: Path) -> None:
    stage.start_swarm()
    stage.seconds(5, state="running", users=60, requests=500, failures=3)
    stage.swarm(state="stopped", users=0, requests=510, failures=4)
    stage.recorder.stop()

    (run,) = Archive(path).list()
    assert (run["swarm_state"], run["requests"], run["failures"]) == ("stopped", 510, 4)


def test_what_dead_owners_left_is_swept_and_the_living_are_not(tmp_path: Path) -> None:
    living = Owner(tmp_path)
    living.claim()
    (tmp_path / "recording-0123.lock").touch()

    sweep(tmp_path)

    assert [file.name for file in tmp_path.iterdir()] == [f"recording-{living.id}.lock"]
    assert is_alive(tmp_path, living.id)
    living.release()


def test_an_owner_is_alive_until_it_lets_go(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    assert not is_alive(tmp_path, owner.id)
    owner.claim()
    assert is_alive(tmp_path, owner.id)
    owner.release()
    assert not is_alive(tmp_path, owner.id)
