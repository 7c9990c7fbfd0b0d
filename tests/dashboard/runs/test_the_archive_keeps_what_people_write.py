"""Names, notes and tags: checked, found again, stored as text and nothing else; retention and deleting."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import Refused
from dashboard.runs import names
from dashboard.runs.archive import Archive, Batch
from dashboard.runs.retention import too_many

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
HOSTILE = "'; DROP TABLE runs; -- <script>alert(1)</script> %_\\ \u202e $(id) {{7*7}}"


def kept(path: Path, *, swarm: str = "s1", at: datetime = NOW, state: str = "complete", samples: int = 1) -> str:
    archive = Archive(path)
    rows = [{"t": round(at.timestamp() * 1000) + number * 1000, "users": 0} for number in range(samples)]
    run_id = archive.begin({"swarm_id": swarm, "target": "guestbook"}, Batch({"samples": list(rows)}), at=at)
    assert run_id is not None
    if state != "recording":
        archive.finish(run_id, Batch(run={"state": state}))
        archive.close()
    return run_id


def test_the_file_and_its_folder_are_for_their_owner_alone(path: Path) -> None:
    kept(path)

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_hostile_text_is_kept_as_text(path: Path) -> None:
    run_id, archive = kept(path), Archive(path)
    archive.rename(run_id, HOSTILE[:80])
    archive.note(run_id, HOSTILE)

    assert archive.get(run_id)["note"] == HOSTILE
    assert archive.document(run_id)["name"] == HOSTILE[:80].strip()
    assert [run["run_id"] for run in archive.list(text="%_\\")] == [run_id]
    assert archive.list(text="%%") == archive.list(tag="' OR 1=1 --") == []


def test_runs_are_found_by_words_and_tags_newest_first(path: Path) -> None:
    older, newer = kept(path, swarm="s1"), kept(path, swarm="s2", at=NOW + timedelta(seconds=1))
    archive = Archive(path)
    archive.rename(older, "before the cache")
    archive.tag(older, ["Cache", "baseline"])
    archive.tag(newer, ["cache"])

    assert [run["run_id"] for run in archive.list()] == [newer, older]
    assert [run["run_id"] for run in archive.list(text="THE CACHE")] == [older]
    assert [run["run_id"] for run in archive.list(tag="cache")] == [newer, older]
    assert [run["tags"] for run in archive.list(tag="baseline")] == [["baseline", "cache"]]
    assert archive.tags() == ["baseline", "cache"]


@pytest.mark.parametrize(
    ("what", "value", "sentence"),
    [
        ("rename", "x" * 81, "81 characters"),
        ("rename", "two\nlines", "U\\+000A"),
        ("rename", None, "must be text"),
        ("note", "x" * 2001, "2001 characters"),
        ("note", "bell \a", "U\\+0007"),
        ("note", "\ud800", "U\\+D800"),
        ("note", "nul \0", "U\\+0000"),
        ("tag", [""], "is no tag"),
        ("tag", ["two words"], "is no tag"),
        ("tag", ["x" * 31], "31 characters"),
        ("tag", [f"t{number}" for number in range(11)], "10 tags at most"),
        ("tag", "abc", "list of words"),
        ("tag", [7], "must be text"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(path: Path, what: str, value: Any, sentence: str) -> None:
    run_id, archive = kept(path), Archive(path)

    with pytest.raises(Refused, match=sentence):
        getattr(archive, what)(run_id, value)
    assert (archive.get(run_id)["name"], archive.get(run_id)["note"], archive.get(run_id)["tags"]) == ("", "", [])


@pytest.mark.parametrize("run_id", ["", "../etc", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "' OR 1=1 --", "x" * 10_000, None, 7])
def test_a_run_that_is_not_there_is_not_found(path: Path, run_id: Any) -> None:
    kept(path)
    archive = Archive(path)

    for action in (archive.get, archive.document, archive.delete, lambda each: archive.note(each, "x")):
        with pytest.raises(Refused) as refused:
            action(run_id)
        assert refused.value.status == 404


def test_a_search_that_is_too_long_is_refused(path: Path) -> None:
    with pytest.raises(Refused, match="200 characters"):
        Archive(path).list(text="x" * 201)


def test_deleting_gives_the_room_back(path: Path) -> None:
    kept(path, swarm="s1", samples=1)
    run_id = kept(path, swarm="s2", samples=20_000)
    large = path.stat().st_size
    archive = Archive(path)

    archive.delete(run_id)

    assert path.stat().st_size < large / 5
    assert [run["swarm_id"] for run in archive.list()] == ["s1"]


def test_what_is_recorded_cannot_be_deleted(path: Path, stage: Any) -> None:
    stage.start_swarm()
    stage.seconds(2)
    run_id = stage.archive.list()[0]["run_id"]

    with pytest.raises(Refused, match="is being recorded") as refused:
        Archive(path).delete(run_id)
    assert refused.value.status == 409
    assert stage.archive.retention(count=1, days=1, now=stage.now() + timedelta(days=400)) == []


def test_only_the_newest_and_youngest_are_kept(path: Path) -> None:
    ids = [kept(path, swarm=f"s{number}", at=NOW + timedelta(days=number)) for number in range(6)]
    archive = Archive(path)

    assert set(archive.retention(count=4, days=400, now=NOW + timedelta(days=6))) == set(ids[:2])
    assert archive.retention(count=100, days=3, now=NOW + timedelta(days=6, seconds=1)) == [ids[3], ids[2]]
    assert [run["run_id"] for run in archive.list()] == [ids[5], ids[4]]


def test_runs_over_the_limit_go_when_a_run_ends(new_stage: Any) -> None:
    stage = new_stage()
    stage.recorder._keep = type(stage.keep)(count=2)
    stage.recorder.start()
    for number in range(4):
        stage.play(f"s{number}")

    assert [run["swarm_id"] for run in stage.archive.list()] == ["s3", "s2"]


@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["complete", "recording"])), max_size=30),
    st.integers(1, 10),
    st.integers(1, 100),
)
def test_retention_never_takes_what_is_recorded_nor_a_newer_one_before_an_older(
    ages: list[tuple[int, str]], count: int, days: int
) -> None:
    runs = [
        {"run_id": f"{1000 - age:04}-{place}", "state": state, "started_at": (NOW - timedelta(days=age)).isoformat()}
        for place, (age, state) in enumerate(ages)
    ]
    gone = set(too_many(runs, count=count, days=days, now=NOW))
    stay = [run for run in runs if run["run_id"] not in gone]

    assert all(run["state"] != "recording" for run in runs if run["run_id"] in gone)
    finished = [run["run_id"] for run in stay if run["state"] != "recording"]
    assert len(finished) <= count
    assert not gone or not finished or max(gone) <= min(finished)


@given(st.integers(0, 70_000), st.integers(1, 10**9))
def test_ids_sort_by_time(days: int, later_ms: int) -> None:
    at = NOW + timedelta(days=days)
    one = names.run_id(at, lambda bits: (1 << bits) - 1)
    other = names.run_id(at + timedelta(milliseconds=later_ms), lambda _bits: 0)

    assert one < other
    assert names.is_run_id(one)
    assert names.is_run_id(other)


@given(st.text(max_size=100))
def test_every_name_is_refused_or_kept_as_it_is(text: str) -> None:
    try:
        found = names.checked_name(text)
    except Refused:
        return
    assert found == text.strip()
    found.encode()
