"""The view `why` over time: what is told again, when, and what is forgotten; Events as they are kept for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.scaling import reasons
from dashboard.scaling.moment import PERIOD_S
from dashboard.scaling.recent_events import MOST

CUT = Path(__file__).parent / "fixtures" / "hpa.jsonl"


@pytest.fixture
def cluster(explained_cluster: Any) -> Any:
    """At second 250 of the recording: everything stands still at the maximum."""
    found = explained_cluster()
    for text in CUT.read_text().splitlines():
        line = json.loads(text)
        if line["t"] <= 250:
            measured = line["type"] == "request"
            found.see({"t": line["t"], "type": "metrics", "answer": line["response"]} if measured else line)
    return found


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HPAs that were explained, in order."""
    names: list[str] = []
    explain = reasons.explain
    monkeypatch.setattr(reasons, "explain", lambda moment: names.append(moment.hpa["name"]) or explain(moment))
    return names


def test_nothing_is_worked_out_again_while_nothing_happens(cluster: Any, told: list[str]) -> None:
    cluster.reasons.tick()
    cluster.reasons.tick()

    assert told == []


def test_each_sync_is_a_reason_to_look_again(cluster: Any, told: list[str]) -> None:
    before = cluster.why("app")["next_decision_at"]
    cluster.tick(250 + PERIOD_S + 2)
    cluster.reasons.tick()

    assert "app" in told
    assert cluster.why("app")["next_decision_at"] > before


def test_a_pod_concerns_its_own_hpa_alone(cluster: Any, told: list[str]) -> None:
    uid, row = next((uid, row) for uid, row in cluster.views.rows("pods").items() if row["name"].startswith("app-"))
    cluster.views.put("pods", uid, {**row, "cpu_millicores": 1.0})
    cluster.reasons.tick()

    assert told == ["app"]


def test_one_that_cannot_be_explained_stops_no_other(
    cluster: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told as unknown with the cause, and worked out again once there is something new of it."""
    explain = reasons.explain

    def fail(moment: Any) -> Any:
        if moment.hpa["name"] == "app":
            raise KeyError("behavior")
        return explain(moment)

    monkeypatch.setattr(reasons, "explain", fail)
    for uid, row in cluster.views.rows("hpas").items():
        cluster.views.put("hpas", uid, dict(row) | {"max": 9})
    cluster.reasons.tick()
    cluster.reasons.tick()

    assert cluster.why("noreq")["state"] == "missing_request"
    broken = cluster.why("app")
    assert (broken["state"], broken["sum"]) == ("unknown", [])
    assert "KeyError: 'behavior'" in broken["sentence"]
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "the HPA golden-hpa/app cannot be explained"
    ]
    monkeypatch.setattr(reasons, "explain", explain)
    uid, row = next((uid, row) for uid, row in cluster.views.rows("hpas").items() if row["name"] == "app")
    cluster.views.put("hpas", uid, dict(row) | {"max": 5})
    cluster.reasons.tick()
    assert cluster.why("app")["state"] == "at_max"


def test_a_sentence_does_not_change_while_only_time_passes(cluster: Any) -> None:
    before = cluster.why("app")
    cluster.tick(250 + 10)
    cluster.reasons.tick()

    assert {**cluster.why("app"), "countdowns": []} | {"next": None, "next_decision_at": None} == {
        **before, "countdowns": []
    } | {"next": None, "next_decision_at": None}  # fmt: skip


def test_an_hpa_that_is_gone_is_explained_no_more(cluster: Any) -> None:
    uid = cluster.why("missing")["hpa"]["uid"]
    cluster.views.remove("hpas", uid)
    cluster.reasons.tick()

    assert uid not in cluster.views.rows("why")


def event(cluster: Any, uid: str, **more: Any) -> Any:
    about = {"kind": "ReplicaSet", "namespace": "shop", "name": "web-5f4d"}
    fields = {"involvedObject": about, "type": "Warning", "reason": "FailedCreate", "message": "no",
              "lastTimestamp": "2026-11-23T04:51:00Z", **more}  # fmt: skip
    return cluster.decoded("events", {"metadata": {"uid": uid, "name": uid, "namespace": "shop"}, **fields})


def test_an_event_of_a_replica_set_is_one_of_its_deployment(cluster: Any) -> None:
    cluster.events.apply(event(cluster, "one", count=3))

    (row,) = cluster.events.about("shop", ("Deployment", "web"))
    assert (row["kind"], row["name"], row["reason"], row["count"]) == ("ReplicaSet", "web-5f4d", "FailedCreate", 3)


def test_of_an_event_seen_again_the_newest_is_kept_and_the_oldest_of_many_forgotten(cluster: Any) -> None:
    for number in range(MOST + 5):
        cluster.events.apply(event(cluster, f"e{number}", message=f"{number}"))
    cluster.events.apply(event(cluster, "e900", message="again", lastTimestamp="2026-11-23T04:52:00Z"))

    rows = cluster.events.about("shop", ("Deployment", "web"))
    assert len(rows) <= MOST
    assert rows[-1]["message"] == "again"
    assert [row["message"] for row in rows].count("900") == 0


def test_an_event_that_ends_is_evidence_no_more_and_tells_so(cluster: Any) -> None:
    one = event(cluster, "one")
    cluster.events.apply(one)
    known = cluster.events.revision["shop"]
    cluster.events.delete(one)

    assert cluster.events.about("shop", ("Deployment", "web")) == ()
    assert cluster.events.revision["shop"] > known


def test_what_does_not_tell_of_scaling_is_not_kept(cluster: Any) -> None:
    cluster.events.apply(event(cluster, "one", reason="Pulled"))

    assert cluster.events.about("shop", ("Deployment", "web")) == ()
