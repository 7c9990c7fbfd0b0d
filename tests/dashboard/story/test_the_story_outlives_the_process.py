"""What was told is told again after a restart, once, with its flags; another cluster has another story."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.redaction import scrub
from dashboard.store.story import MOST
from dashboard.story.archive import StoryArchive
from dashboard.story.asking import Asked, asked
from dashboard.story.keeper import Keep

ALL = Asked(routine=True)


def test_a_restart_brings_lines_and_flags_back(telling: Any) -> None:
    telling.start()
    telling.story.note("swarm", "60 load users on guestbook, started by operator", by="operator")
    telling.story.note("ready", "guestbook pod x2kqp is ready")
    telling.seconds()
    after = telling.restarted()

    assert after.texts == telling.texts
    assert [flag["text"] for flag in after.views.rows("flags").values()] == ["swarm"]
    (row,) = [row for row in after.views.rows("story").values() if row["kind"] == "swarm"]
    assert row["by"] == "operator"


def test_flags_come_back_though_many_lines_came_after_them(telling: Any) -> None:
    telling.start()
    telling.story.note("stop", "Swarm stopped by operator")
    for number in range(MOST + 20):
        telling.time += timedelta(seconds=1)
        telling.story.note("ready", f"pod {number} is ready")
    telling.seconds()
    after = telling.restarted()

    assert [flag["text"] for flag in after.views.rows("flags").values()] == ["stop"]
    assert len(after.texts) == MOST


def test_events_that_are_listed_again_are_the_same_lines(telling: Any, recorded_events: list[Any]) -> None:
    telling.start()
    telling.story.events(recorded_events)
    telling.seconds()
    before = telling.archive.page("c1", ALL, most=1000)
    after = telling.restarted(later=60)
    after.story.events(recorded_events)
    after.seconds()

    again = after.archive.page("c1", ALL, most=1000)
    assert [(row["id"], row["t"], row["count"]) for row in again.lines] == [
        (row["id"], row["t"], row["count"]) for row in before.lines
    ]
    assert len(after.views.rows("flags")) == len(telling.views.rows("flags")) == 2


def test_an_event_that_happens_again_is_one_line_with_its_first_and_last_time(telling: Any, event: Any) -> None:
    telling.start()
    first = "2026-11-23T05:00:00Z"
    telling.story.event(event(count=1, firstTimestamp=first))
    telling.seconds()
    telling.story.event(event(count=7, firstTimestamp=first, lastTimestamp="2026-11-23T05:20:00Z"))
    telling.seconds()

    (line,) = telling.archive.page("c1", ALL, most=10).lines
    assert (line["count"], line["first"], line["t"]) == (7, "2026-11-23T05:00:00.000Z", "2026-11-23T05:20:00.000Z")


def test_notes_of_two_processes_are_two_lines(telling: Any) -> None:
    telling.start().story.note("swarm", "the first")
    after = telling.restarted()
    after.story.note("swarm", "the second")
    assert after.texts == ["the first.", "the second."]


def test_another_cluster_has_another_story(telling: Any) -> None:
    telling.start("c1").story.note("swarm", "on the first cluster")
    telling.seconds()
    telling.story.forget()  # as the sinks do, just before
    telling.views.renew()
    telling.keeper.on_cluster("c2")
    telling.story.note("swarm", "on the second cluster")
    telling.seconds()

    assert telling.texts == ["on the second cluster."]
    assert telling.sign["state"] == "kept"
    assert [row["text"] for row in telling.archive.page("c1", ALL, most=9).lines] == ["on the first cluster."]
    assert telling.restarted(cluster="c1").texts == ["on the first cluster."]


def test_before_the_cluster_answers_its_last_story_is_there(telling: Any) -> None:
    telling.start("c1").story.note("swarm", "before the restart")
    away = telling.restarted(cluster="")
    assert away.texts == ["before the restart."]
    away.keeper.on_cluster("c2")
    assert away.texts == []


def test_what_is_told_before_any_cluster_was_seen_is_kept_with_the_first_one(telling: Any) -> None:
    telling.start("").story.note("apply", "Deploying everything")
    telling.seconds()
    telling.keeper.on_cluster("c1")
    telling.seconds()
    assert [row["text"] for row in telling.archive.page("c1", ALL, most=9).lines] == ["Deploying everything."]


def test_a_scale_decision_carries_its_sum(telling: Any) -> None:
    telling.start()
    telling.story.note("scaled", "guestbook 1 → 3 replicas", key="k")
    telling.seconds()
    telling.keeper.explained("k", [{"label": "bounds", "value": "1 to 8", "deciding": True}])
    telling.seconds()
    (line,) = telling.restarted().archive.page("c1", ALL, most=9).lines
    assert line["sum"][0]["label"] == "bounds"


def test_a_full_disk_is_told_and_what_waits_is_written_when_there_is_room(telling: Any) -> None:
    telling.start()
    telling.seconds()
    telling.disk.trouble = "database or disk is full"
    telling.story.note("swarm", "while it was full")
    telling.seconds(3)
    assert telling.sign["state"] == "unavailable"
    assert "disk is full" in telling.sign["sentence"]
    assert telling.texts == ["while it was full."], "the story itself goes on"

    telling.disk.trouble = None
    telling.seconds(6)
    assert telling.sign["state"] == "kept"
    assert [row["text"] for row in telling.archive.page("c1", ALL, most=9).lines] == ["while it was full."]


def test_another_process_that_writes_is_waited_for_without_a_word(telling: Any) -> None:
    telling.start()
    telling.disk.trouble = "database is locked"
    telling.story.note("swarm", "told")
    telling.seconds(20)
    assert telling.sign["state"] == "kept"
    telling.seconds(60)
    assert telling.sign["state"] == "unavailable"


@pytest.mark.parametrize("broken", ["a folder in its place", "no database", "of a later version"])
def test_a_file_that_cannot_be_used_stops_nothing(new_telling: Callable[..., Any], broken: str) -> None:
    path = new_telling().path
    path.parent.mkdir()
    if broken == "no database":
        path.write_text("hello " * 1000)
    elif broken == "a folder in its place":
        path.mkdir()
    else:
        StoryArchive(path).clusters()
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE schema_version SET version = 99")
    told = new_telling().start()
    told.story.note("swarm", "all the same")
    told.seconds(10)
    told.stop()
    assert told.texts == ["all the same."]
    assert told.sign["state"] == "unavailable"
    assert str(path) in told.sign["sentence"]


def test_too_many_and_too_old_lines_are_forgotten(new_telling: Callable[..., Any]) -> None:
    told = new_telling(keep=Keep(count=3, days=2)).start()
    for number in range(5):
        told.story.note("ready", f"line {number}", at=told.time.timestamp() - 86_400 * number)
    told.seconds()
    told.archive.retain(count=1000, days=2, now=told.time)
    assert [row["text"] for row in told.archive.page("c1", ALL, most=9).lines] == ["line 0.", "line 1."]
    told.archive.retain(count=1, days=2, now=told.time)
    assert [row["text"] for row in told.archive.page("c1", ALL, most=9).lines] == ["line 0."]


PROGRAM = """
import sys
from pathlib import Path
from dashboard.story.archive import StoryArchive
archive = StoryArchive(Path(sys.argv[1]))
for n in range(10**9):
    row = {"id": f"e{n}", "t": f"2026-11-23T05:00:{n:09d}Z", "kind": "warning", "text": f"line {n}"}
    archive.write("c1", [row, {**row, "id": f"f{n}"}])
    print(n, flush=True)
"""


def test_kill_9_leaves_whole_transactions(tmp_path: Path) -> None:
    path = tmp_path / "story.db"
    child = subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    last = [int(child.stdout.readline()) for _ in range(50)][-1]
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()

    lines = list(StoryArchive(path).all("c1", ALL))
    ids = {line["id"] for line in lines}
    assert len(lines) >= 2 * (last + 1)
    assert {each[1:] for each in ids if each.startswith("e")} == {each[1:] for each in ids if each.startswith("f")}


CANARY = "c4n4ry-s3cr3t"


def test_no_credential_enters_the_file(telling: Any, event: Any) -> None:
    telling.story.scrub = scrub
    telling.start()
    telling.story.event(event("a", message=f"Get http://root:{CANARY}@mongo:27017 failed"))
    telling.story.event(event("b", message=f"env DB_PASSWORD={CANARY} is wrong", reason="Failed"))
    telling.story.event(event("c", message=f"New size: 3; reason: token={CANARY}", reason="SuccessfulRescale"))
    telling.story.note("apply", f"Authorization: Bearer {CANARY}", key="n")
    telling.story.retell("n", f"password: {CANARY}")
    telling.seconds()
    telling.stop()
    for file in telling.path.parent.iterdir():
        assert CANARY.encode() not in file.read_bytes(), file
    assert not any(CANARY in text for text in telling.texts)
    assert not any(CANARY in str(flag) for flag in telling.views.rows("flags").values())


def test_every_filter_narrows(telling: Any, event: Any) -> None:
    telling.start()
    telling.story.event(event("a", pod="web-0"))
    telling.story.event(event("b", type="Normal", reason="Pulled", lastTimestamp="2026-11-23T04:00:00Z"))
    telling.story.note("swarm", "60 load users, 100 % of them", by="operator")
    telling.seconds()

    def found(**fields: str) -> list[str]:
        return [row["kind"] for row in telling.archive.page("c1", asked(fields), most=9).lines]

    assert found() == ["swarm", "warning"]
    assert found(routine="on") == ["swarm", "warning", "normal"]
    assert found(kind="normal") == ["normal"]
    assert found(namespace="flask") == ["warning"]
    assert found(object="pod/web") == ["warning"]
    assert found(text="100 %") == ["swarm"]
    assert found(text="operator") == ["swarm"]
    assert found(text="_") == []
    assert found(to="2026-11-23T04:30", routine="1") == ["normal"]
    assert found(**{"from": "2026-11-23T05:00", "routine": "1"}) == ["swarm", "warning"]
    assert found(to="2026-11-23T04:00", routine="1") == ["normal"], "a minute counts to its end"
    for wrong in ({"from": "yesterday"}, {"text": "x" * 201}, {"to": "99999-01-01"}):
        with pytest.raises(Refused):
            asked(wrong)


def test_pages_meet_without_gap_or_overlap(telling: Any) -> None:
    telling.start()
    for number in range(25):
        telling.time += timedelta(seconds=1)
        telling.story.note("ready", f"{number:02}")
    telling.seconds()
    page, seen, pages = telling.archive.page("c1", ALL, most=10), [], []
    while True:
        seen += [row["text"] for row in page.lines]
        pages.append((len(page.lines), page.newer, page.older))
        if not page.older:
            break
        page = telling.archive.page("c1", ALL, most=10, before=(page.lines[-1]["t"], page.lines[-1]["id"]))
    assert seen == [f"{number:02}." for number in reversed(range(25))]
    assert pages == [(10, False, True), (10, True, True), (5, True, False)]
    back = telling.archive.page("c1", ALL, most=10, after=(page.lines[0]["t"], page.lines[0]["id"]))
    assert [row["text"] for row in back.lines] == seen[10:20]
