from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashboard.limits.kept import Kept
from dashboard.limits.oom import MOST, Ledger, kills_of

Make = Callable[..., Any]


def test_the_recorded_pod_was_killed_once_for_each_end_and_not_for_each_look(
    recorded: dict[str, Any], pod_of: Make
) -> None:
    ledger = Ledger()
    for state in recorded["oom"]:
        rows = ledger.look([pod_of(state)], {})
    assert [row["at"] for row in rows] == [
        "2026-11-23T04:49:22Z",
        "2026-11-23T04:48:59Z",
        "2026-11-23T04:48:47Z",
        "2026-11-23T04:48:47Z",
    ]
    assert {(row["pod"], row["container"], row["exit_code"], row["limit"]) for row in rows} == {
        ("oom", "main", 137, "40Mi")
    }
    assert rows[0]["restarts"] == 3
    assert {row["times"] for row in rows} == {4}


def test_what_the_story_told_first_is_one_with_what_is_seen_later(recorded: dict[str, Any], pod_of: Make) -> None:
    ledger, pod = Ledger(), pod_of(recorded["oom"][0])
    pod.metadata.uid = "0b9f7a52-95c5-4a8e-bb8f-9f2a6f1f0a11"
    story = {kills_of(pod)[0].told_as: {"kind": "oom", "object": {"namespace": "golden-fail", "name": "oom"}}}
    assert [row["told_by"] for row in ledger.look([], story)] == ["story"]
    assert [row["told_by"] for row in ledger.look([pod], story)] == ["container"]


def test_a_kill_outlives_its_pod(recorded: dict[str, Any], pod_of: Make) -> None:
    ledger = Ledger()
    ledger.look([pod_of(recorded["oom"][0])], {})
    rows = ledger.look([], {})
    assert [(row["pod"], row["gone"]) for row in rows] == [("oom", True)]


def test_a_restart_knows_their_exit_codes_limits_and_counts(
    recorded: dict[str, Any], pod_of: Make, tmp_path: Path
) -> None:
    before, told = Ledger(Kept(tmp_path / "kills.json", "https://one", "kills")), {}
    for state in recorded["oom"]:
        told = {row["id"]: row for row in before.look([pod_of(state)], {})}
    after = Ledger(Kept(tmp_path / "kills.json", "https://one", "kills"))
    after.begin()
    rows = after.look([], {})
    assert {row["id"]: row for row in rows} == {key: {**row, "gone": True} for key, row in told.items()}
    other = Ledger(Kept(tmp_path / "kills.json", "https://two", "kills"))
    other.begin()
    assert other.look([], {}) == []


def test_it_is_written_only_when_somebody_was_killed(recorded: dict[str, Any], pod_of: Make) -> None:
    written: list[Any] = []

    class Counting:
        def read(self) -> Any:
            return [{"uid": 1}, "nonsense"]

        def write(self, what: Any) -> None:
            written.append(what)

    ledger = Ledger(Counting())
    ledger.begin()
    for _ in range(3):
        ledger.look([pod_of(recorded["oom"][0])], {})
    assert len(written) == 1


def test_what_the_story_tells_is_added_once(recorded: dict[str, Any], pod_of: Make) -> None:
    pod = pod_of(recorded["oom"][0])
    about = {"kind": "Pod", "namespace": "shop", "name": "old"}
    key = "oom-0b9f7a52-95c5-4a8e-bb8f-9f2a6f1f0a11-app-2026-11-23T01:00:00Z"
    known = kills_of(pod)[0].told_as
    story = {
        key: {"kind": "oom", "object": about},
        known: {"kind": "oom", "object": about},
        "note-1": {"kind": "swarm", "object": None},
        "oom-nonsense": {"kind": "oom", "object": None},
    }
    rows = Ledger().look([pod], story)
    assert [(row["pod"], row["container"], row["exit_code"], row["told_by"]) for row in rows] == [
        ("oom", "main", 137, "container"),
        ("old", "app", None, "story"),
    ]


def test_only_the_newest_are_kept(recorded: dict[str, Any], pod_of: Make) -> None:
    ledger, state = Ledger(), recorded["oom"][0]
    for number in range(MOST + 20):
        state = {**state, "metadata": {**state["metadata"], "uid": f"uid-{number:04}"}}
        rows = ledger.look([pod_of(state)], {})
    assert len(rows) == MOST


def test_an_exit_for_another_reason_is_no_kill(recorded: dict[str, Any], pod_of: Make) -> None:
    pod = pod_of(recorded["oom"][0])
    pod.status.container_statuses[0].state.terminated.reason = "Error"
    assert kills_of(pod) == []
