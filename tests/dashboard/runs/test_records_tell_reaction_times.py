"""The document of a run: peaks, reaction times, unknown as null."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dashboard.runs.record import Record, write

START = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def sample(seconds: float, **values: Any) -> dict[str, Any]:
    names = ("users", "rps", "p95_ms", "cpu_percent", "cpu_target", "replicas", "ready")
    return {"t": (START.timestamp() + seconds) * 1000, **dict.fromkeys(names), **values}


def played() -> Record:
    record = Record("r1", "guestbook", "steady", START, stopped=START + timedelta(seconds=100))
    record.sample(sample(0, users=0, replicas=1, ready=1))
    record.sample(sample(50, users=60, replicas=3, ready=3))
    record.sample(sample(160, users=0, replicas=1, ready=1))
    return record


FLAGS = [
    {"t": at(0).replace("Z", ".250Z"), "kind": "swarm", "object": None, "text": "swarm"},
    {"t": at(-30), "kind": "scaled", "object": None, "text": "2 → 1"},
    {"t": at(30), "kind": "scaled", "object": None, "text": "1 → 3"},
]
SPANS = [
    {"created_at": at(-500), "ready_at": at(-490)},
    {"created_at": at(31), "ready_at": at(37)},
    {"created_at": at(31), "ready_at": None},
]


def test_the_times_run_from_the_start_and_the_stop_of_the_load() -> None:
    document = played().document(flags=FLAGS, spans=SPANS)

    assert document["reaction"] == {
        "load_to_decision_s": 30.0,
        "load_to_new_pod_s": 31.0,
        "load_to_ready_s": 37.0,
        "stop_to_scale_down_s": 60.0,
    }
    assert (document["peak_users"], document["peak_replicas"]) == (60, 3)
    assert [flag["text"] for flag in document["flags"]] == ["swarm", "1 → 3"]


def test_what_did_not_happen_is_null() -> None:
    document = Record("r2", "guestbook", "steady", START).document(flags=[], spans=[])

    assert set(document["reaction"].values()) == {None}
    assert document["peak_users"] is None
    assert document["requests"] is None


def test_the_file_is_whole_json(tmp_path: Path) -> None:
    write(played().document(flags=FLAGS, spans=SPANS), tmp_path / "run.json")

    assert json.loads((tmp_path / "run.json").read_text())["run_id"] == "r1"
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]
