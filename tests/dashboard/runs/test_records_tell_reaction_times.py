"""The document of a run: peaks, reaction times, unknown as null."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dashboard.runs import document, tables
from dashboard.runs.files import write
from dashboard.runs.reaction import reaction

START = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def sample(seconds: float, **values: Any) -> dict[str, Any]:
    return {**dict.fromkeys(tables.SAMPLES.columns), "t": (START.timestamp() + seconds) * 1000, **values}


HPA = {"namespace": "flask", "name": "guestbook"}
HEAD = {
    "started_at": at(-3), "load_at": at(0), "stopped_at": at(100), "request": {"p95_limit_ms": 500},
    "scaled": {"hpa": HPA},
}  # fmt: skip
FLAGS = [
    {"t": at(-2), "kind": "swarm", "object": None, "text": "swarm"},
    {"t": at(-30), "kind": "scaled", "object": HPA, "text": "2 → 1"},
    {"t": at(10), "kind": "scaled", "object": {"namespace": "shop", "name": "shop"}, "text": "4 → 5"},
    {"t": at(30), "kind": "scaled", "object": HPA, "text": "1 → 3"},
]
SPANS = [
    {"created_at": at(-500), "ready_at": at(-490)},
    {"created_at": at(31), "ready_at": at(37)},
    {"created_at": at(31), "ready_at": None},
]
SAMPLES = [
    sample(-5, users=0, replicas=1, ready=1),
    *(
        sample(each, users=60, p95_ms=900 if 5 <= each < 40 else 90, replicas=1 if each < 31 else 3)
        for each in range(100)
    ),
    sample(160, users=0, replicas=1, ready=1),
]  # fmt: skip


def series(**given: Any) -> dict[str, Any]:
    return {**{name: [] for name in tables.ALL}, **given}


def latency_ok(p95: list[float | None], *, step: float = 1.0) -> float | None:
    samples = [sample(number * step, p95_ms=value) for number, value in enumerate(p95)]
    started = START.timestamp()
    found = reaction(
        samples=samples, spans=[], decisions=[], started=started, stopped=started + 1000, p95_limit_ms=500
    )  # fmt: skip
    return found["load_to_latency_ok_s"]


def test_the_times_run_from_the_start_and_the_stop_of_the_load() -> None:
    found = document.reaction_of(HEAD, series(samples=SAMPLES, flags=FLAGS, spans=SPANS))

    assert found == {
        "load_to_decision_s": 30.0,
        "load_to_new_pod_s": 31.0,
        "load_to_ready_s": 37.0,
        "load_to_latency_ok_s": 40.0,
        "stop_to_scale_down_s": 60.0,
    }


def test_the_load_starts_with_its_first_user_and_not_when_it_was_asked_for() -> None:
    samples = [sample(-1, users=0), sample(0, users=0), sample(1, users=None), sample(2, users=3)]
    head = {**HEAD, "load_at": None}

    assert document.load_at(head, samples) == at(2).replace("Z", ".000Z")


def test_a_load_that_nobody_saw_begin_has_no_start() -> None:
    head = {**HEAD, "load_at": None}

    assert document.load_at(head, [sample(2, users=60)]) is None
    assert document.load_at(head, [sample(-2, users=0), sample(8, users=60)]) is None
    assert set(document.reaction_of({**head, "stopped_at": None}, series(samples=[sample(2, users=60)])).values()) == {
        None
    }


def test_latency_that_never_passed_its_limit_is_never_back() -> None:
    assert latency_ok([100.0] * 60) is None


def test_latency_is_back_only_after_ten_seconds_without_a_relapse() -> None:
    assert latency_ok([100, 900, *[400] * 9, 900, *[400] * 11]) == 12.0
    assert latency_ok([100, 900, *[400] * 9]) is None


def test_a_second_without_a_figure_may_have_been_anything() -> None:
    assert latency_ok([100, 900, *[400] * 5, None, *[400] * 11]) == 8.0
    assert latency_ok([100, 900, *[400] * 11], step=3.0) is None


def test_what_did_not_happen_is_null() -> None:
    head = {"started_at": at(0), "load_at": None, "stopped_at": None, "request": None, "scaled": None}

    assert set(document.reaction_of(head, series()).values()) == {None}


def test_the_file_is_whole_json(tmp_path: Path) -> None:
    write({"run_id": "r1"}, tmp_path / "run.json")

    assert json.loads((tmp_path / "run.json").read_text())["run_id"] == "r1"
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]
