"""`surgeboard runs` and `surgeboard report`: on the archive of a data folder, without any cluster."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard import cli
from dashboard.runs.archive import FILE_NAME, Archive, Batch

RUN = Path(__file__).resolve().parents[1] / "fixtures" / "run.json"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def keep(data_dir: Path) -> Callable[..., str]:
    """Puts a run into the archive; its id."""

    def put(**changes: Any) -> str:
        document = {**json.loads(RUN.read_text()), **changes}
        archive = Archive(data_dir / FILE_NAME)
        known = ("name", "by", "target", "profile", "peak_users", "peak_replicas", "requests", "failures", "request",
                 "load_at", "stopped_at", "swarm_id", "started_at")  # fmt: skip
        rows = {name: document[name] for name in ("samples", "events", "flags", "explanations", "spans")}
        begun = {name: document[name] for name in known}
        run_id = archive.begin(begun, Batch(rows), at=datetime.fromisoformat(document["started_at"]))
        assert run_id is not None
        archive.finish(run_id, Batch(run={"state": "complete", "finished_at": document["finished_at"]}))
        archive.tag(run_id, document["tags"])
        archive.close()
        return run_id

    return put


@pytest.fixture
def said(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Runs a command; its exit status, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        status = cli.main([*words, "--data-dir", str(data_dir)])
        return status, *capsys.readouterr()

    return run


def test_runs_are_listed_newest_first(keep: Any, said: Any) -> None:
    older, newer = keep(started_at="2026-11-20T09:50:00Z", name="Older"), keep(name="Newer")
    status, out, _ = said("runs")
    assert status == 0
    assert out.index(newer) < out.index(older)
    assert out.splitlines()[0].split()[:3] == ["RUN", "STARTED", "STATE"]
    assert "64,210" in out


def test_a_list_can_be_narrowed(keep: Any, said: Any) -> None:
    keep(name="Older", tags=["old"])
    keep(name="Newer", tags=["new"], swarm_id="b")
    assert "Newer" not in said("runs", "list", "--tag", "old")[1]
    assert "Older" not in said("runs", "--text", "newer")[1]


def test_where_nothing_was_recorded_nothing_is_made(said: Any, data_dir: Path) -> None:
    status, out, err = said("runs")
    assert (status, out) == (0, "")
    assert f"no run is kept in {data_dir}" in err
    assert not data_dir.exists()


def test_one_is_shown_in_words(keep: Any, said: Any) -> None:
    keep()
    status, out, _ = said("runs", "show", "last")
    assert status == 0
    for words in ("Before the cache", "18 s", "120 load users on guestbook", "Scaling up to 3 replicas"):
        assert words in out, words
    assert "was given to node" not in out  # routine


def test_a_program_gets_the_document(keep: Any, said: Any) -> None:
    run_id = keep()
    document = json.loads(said("runs", "show", run_id, "--json")[1])
    assert (document["run_id"], document["peak_users"], len(document["samples"])) == (run_id, 120, 323)
    assert json.loads(said("runs", "--json")[1])["runs"][0]["run_id"] == run_id


@pytest.mark.parametrize("named", ["nope", "01", "last"])
def test_a_run_that_is_not_there_is_told(said: Any, named: str) -> None:
    status, out, err = said("runs", "show", named, "--json")
    assert (status, json.loads(out)["error"]["status"]) == (1, 404)
    assert "holds no runs" in err


def test_the_beginning_of_an_id_must_mean_one(keep: Any, said: Any) -> None:
    first = keep()
    keep(swarm_id="b")
    status, _, err = said("runs", "show", first[:8])
    assert (status, "2 runs begin with" in err) == (1, True)
    assert said("runs", "show", first.lower())[0] == 0


def test_deleting_without_a_terminal_needs_a_word(keep: Any, said: Any) -> None:
    run_id = keep()
    assert said("runs", "delete", run_id)[0] == 2
    assert run_id in said("runs")[1]
    assert said("runs", "delete", run_id, "--yes", "--json")[1] == json.dumps({"deleted": run_id}) + "\n"
    assert said("runs")[1] == ""


@pytest.mark.parametrize(
    "words",
    [["runs", "show"], ["runs", "list", "x"], ["report"], ["report", "x", "--png"],
     ["report", "last", "--output", "a.png"], ["report", "last", "--output", "a.doc"]],
)  # fmt: skip
def test_slips_are_usage(said: Any, words: list[str]) -> None:
    assert said(*words)[0] == 2


def test_a_picture_is_not_offered_and_the_reason_told(said: Any) -> None:
    assert "drawn by a browser" in said("report", "last", "--output", "a.png")[2]


@pytest.mark.parametrize(
    ("ending", "begins"), [("html", "<!doctype html>"), ("json", "{"), ("csv", "time,since_load_s")]
)
def test_a_report_is_written_as_its_ending_says(keep: Any, said: Any, tmp_path: Path, ending: str, begins: str) -> None:
    run_id, file = keep(), tmp_path / f"mine.{ending}"
    status, out, _ = said("report", "last", "--output", str(file), "--json")
    assert status == 0
    assert json.loads(out) == {"run_id": run_id, "file": str(file), "bytes": file.stat().st_size}
    assert file.read_text(encoding="utf-8").startswith(begins)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_a_file_that_cannot_be_written_is_told(keep: Any, said: Any, tmp_path: Path) -> None:
    keep()
    status, _, err = said("report", "last", "--output", str(tmp_path / "no" / "mine.json"))
    assert status == 1
    assert "No such file" in err
