"""Sentences, hints and steps of a swarm come from its row alone; what is not known is never a zero."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.load.request import PROFILES, SwarmRequest
from dashboard.web.load import tables
from dashboard.web.load.ceiling import ceiling
from dashboard.web.load.drawing import HEIGHT, drawing, minis
from dashboard.web.load.now import now_of
from dashboard.web.load.words import lasting, seconds

ROW = json.loads((Path(__file__).resolve().parents[1] / "fixtures" / "swarm-row.json").read_text())
NOW = seconds("2026-11-23T14:05:40Z") or 0.0


def told(row: dict[str, Any], **views: Any) -> dict[str, Any]:
    return now_of({"swarm": {"current": row}, **views}, now=NOW)


def pod(
    name: str, *, ready: bool = True, state: str = "Running", since: str = "2026-11-23T14:00:00Z"
) -> dict[str, Any]:
    owner = {"kind": "Deployment", "name": "guestbook", "uid": "w"}
    row = {"name": name, "namespace": "flask", "workload": owner, "ready": ready, "state": state}
    return {**row, "ready_at": since if ready else None}


def test_the_time_left_is_that_until_its_end() -> None:
    found = told(ROW)
    assert (found["left"], found["bar"]) == ("2 min 20 s left", 53)
    assert told({**ROW, "state": "stopping"})["left"] == ""
    assert told({**ROW, "ends_at": None})["has_bar"] is False


@pytest.mark.parametrize(
    ("pods", "sentence"),
    [
        ([], "Its Jobs are being created; none of its pods is there yet."),
        ([pod("swarm-k3v9-worker-a"), pod("swarm-k3v9-master-b")], "the workers are meeting their master."),
        ([pod("swarm-k3v9-worker-a", ready=False, state="Pending"),
          pod("swarm-k3v9-master-b", ready=False, state="ContainerCreating")],
         "Waiting for pod swarm-k3v9-master-b (ContainerCreating, and 1 more of 2)."),
        ([pod("swarm-k3v9-worker-a", ready=False, state="Pending"), pod("swarm-k3v9-master-b")],
         "Waiting for pod swarm-k3v9-worker-a (Pending). Pod swarm-k3v9-worker-a finds no place: 0/1 nodes."),
    ],
)  # fmt: skip
def test_a_start_names_the_pod_it_waits_for_and_why(pods: list[dict[str, Any]], sentence: str) -> None:
    about = {"kind": "Pod", "namespace": "load", "name": "swarm-k3v9-worker-a"}
    story = {
        "old": {"t": "2026-11-23T14:03:01Z", "kind": "warning", "object": about, "text": "An older word"},
        "new": {
            "t": "2026-11-23T14:03:09Z", "kind": "warning", "object": about,
            "text": "Pod swarm-k3v9-worker-a finds no place: 0/1 nodes",
        },
    }  # fmt: skip
    found = told({**ROW, "state": "starting"}, pods={each["name"]: each for each in pods}, story=story)
    assert found["sentence"].endswith(sentence)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"state": "stopping"}, "Stopping. It is over when no load user is left and no request comes any more."),
        ({"state": "stopping", "error": "its pods were deleted"}, "any more. its pods were deleted."),
        ({"state": "stopped", "requests": 1, "failures": 0}, "1 request, 0 of them failed."),
        ({"state": "stopped", "requests": None}, "how many requests is not known."),
        ({"state": "failed", "error": None}, "The load on guestbook failed: no reason was given."),
        ({"state": "none"}, "No swarm is active."),
    ],
)
def test_every_state_is_one_sentence(row: dict[str, Any], sentence: str) -> None:
    assert told({**ROW, "error": None, **row})["sentence"].endswith(sentence)


def test_figures_of_the_end_are_those_of_the_whole() -> None:
    live, over = (
        told(ROW)["figures"],
        told({**ROW, "state": "stopped", "p95_ms": None, "failed_percent": None})["figures"],
    )
    assert (live["p95"], live["failed"], live["users_of"]) == ("86", "0.1", " of 120")
    assert (over["p95"], over["failed"], over["users_of"]) == ("91", "0.1", "")
    assert told({"state": "starting"})["figures"]["p95"] == "–"


def test_kept_connections_that_hide_a_new_pod_are_hinted_at() -> None:
    pods = {each["pod"]: pod(each["pod"]) for each in ROW["pods"] if each["pod"]}
    views = {"swarm": {"current": ROW}, "pods": pods}
    ready = tables.ready_pods(views, "flask", "guestbook", now=NOW)
    assert tables.hint(ROW, ready).startswith("1 ready pod of 4 gets next to no requests.")
    assert tables.hint({**ROW, "keep_alive": False}, ready) == ""
    assert tables.hint({**ROW, "state": "stopped"}, ready) == ""
    assert tables.hint({**ROW, "pods": [{"pod": None, "share_percent": 100.0}]}, ready) == ""
    pods["guestbook-7d9f-q7hsl"]["ready_at"] = "2026-11-23T14:05:30Z"
    assert tables.hint(ROW, tables.ready_pods(views, "flask", "guestbook", now=NOW)) == ""


def test_shares_are_of_the_last_seconds_and_at_the_end_of_all_requests() -> None:
    assert [each["share"] for each in tables.traffic(ROW)] == ["71.9 %", "14.3 %", "13.6 %", "0.0 %", "0.2 %"]
    over = tables.traffic({**ROW, "state": "stopped"})
    assert [each["share"] for each in over] == ["73.3 %", "14.6 %", "12.1 %", "0.0 %", "0.0 %"]


def test_workers_that_are_gone_or_worn_out_say_so() -> None:
    found = tables.workers(ROW)
    assert [each["word"] for each in found] == ["running", "at its limit", "lost at 14:04:10"]
    assert [each["tone"] for each in found] == ["good", "trouble", "failed"]
    assert found[2]["cpu"] == "–"


def test_the_steps_of_a_search_come_from_the_samples() -> None:
    start = int(1000 * (seconds(ROW["started_at"]) or 0))
    levels = [(10, 40.0, 12)] * 10 + [(14, 50.0, 3)] * 3 + [(20, 80.0, 30)] * 9 + [(0, 0.0, 9)]
    samples = {
        str(i): {"t": start + 1000 * i, "users": users, "rps": rps, "p95_ms": 40.0 * rps, "failed_percent": 0.0}
        for i, (users, rps, _) in enumerate(levels)
    }
    samples["before"] = {"t": start - 1000, "users": 99, "rps": 1.0, "p95_ms": 1.0, "failed_percent": 0.0}
    row = {**ROW, "profile": "ceiling", "p95_limit_ms": 2000}
    found = ceiling(row, samples)
    assert [(each["users"], each["rps"], each["p95"], each["word"]) for each in found["steps"]] == [
        ("10", "40.0", "1,600", "within the limits"),
        ("20", "80.0", "3,200", "over a limit"),
    ]
    assert found["sentence"].startswith("More load users at a time")
    assert ceiling(ROW, samples)["shown"] is False


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ({"rps": 318.44, "users": 90, "p95_ms": 640, "limited_by": "p95 above 1000 ms", "confirmed": True},
         "318.4 requests/s with 90 load users at a p95 of 640 ms; limited by p95 above 1000 ms. It held when it was"),
        ({"rps": 10.0, "users": 1, "p95_ms": None, "limited_by": "the time", "confirmed": False},
         "10.0 requests/s with 1 load user at a p95 of – ms; limited by the time. There was no time to try it again."),
        ({"rps": None, "users": 0, "p95_ms": None, "limited_by": "failures above 1 %", "confirmed": False},
         "Even the least load was too much: failures above 1 %."),
        (None, "The swarm ended before a ceiling was found."),
    ],
)  # fmt: skip
def test_the_found_ceiling_is_one_sentence(found: dict[str, Any] | None, sentence: str) -> None:
    row = {**ROW, "profile": "ceiling", "state": "stopped", "ceiling": found}
    assert ceiling(row, {})["sentence"].startswith(sentence)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_is_drawn_within_its_box(profile: str) -> None:
    found = drawing(SwarmRequest(users=80, spawn_rate=10, duration_s=240, profile=profile))
    points = [tuple(map(float, point.split(","))) for point in found["line"].split()]
    assert points[0] == (0.0, HEIGHT)
    assert points[-1] == (600.0, HEIGHT)
    assert all(0 <= x <= 600 and 0 <= y <= HEIGHT for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert found["ticks"] == ["0", "1 min", "2 min", "3 min", "4 min"]
    assert profile in [each["profile"] for each in minis()]


def test_a_spawn_rate_too_low_for_the_time_is_said() -> None:
    found = drawing(SwarmRequest(users=500, spawn_rate=1, duration_s=60, profile="steady"))
    assert found["short"]
    assert "of 500 load users get there: 1 a second are too few for the time" in found["sentence"]


@pytest.mark.parametrize(
    ("length", "text"), [(0, "0"), (0.4, "0"), (45, "45 s"), (60, "1 min"), (90, "1 min 30 s"), (900, "15 min")]
)
def test_a_length_of_time_is_in_words(length: float, text: str) -> None:
    assert lasting(length) == text
