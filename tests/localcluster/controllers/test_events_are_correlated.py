"""The same Event is counted, similar ones are combined from the tenth on, and floods are cut."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from localcluster.client import Object
from localcluster.controllers.correlation import BURST, EventCorrelator
from localcluster.controllers.recorder import Recorder
from localcluster.resources import CONFIG_MAPS, EVENTS

NOW = datetime(2026, 11, 23, 4, 47, 30, tzinfo=UTC)
GOLDEN = Path(__file__).parents[4] / "shared" / "golden"


def event(message: str, *, reason: str = "FailedCreate", name: str = "web", number: int = 0) -> Object:
    return {
        "metadata": {"name": f"{name}.{number:x}", "namespace": "demo"},
        "involvedObject": {"kind": "ReplicaSet", "namespace": "demo", "name": name, "uid": f"uid-{name}"},
        "reason": reason,
        "message": message,
        "type": "Warning",
        "source": {"component": "replicaset-controller"},
        "firstTimestamp": f"first {number}",
        "lastTimestamp": f"last {number}",
        "count": 1,
        "reportingComponent": "replicaset-controller",
        "reportingInstance": "",
    }


def test_the_same_again_is_counted_on_the_first() -> None:
    correlator = EventCorrelator()
    first = correlator.correlate(event("no", number=1), now=NOW)
    second = correlator.correlate(event("no", number=2), now=NOW)
    assert first is not None
    assert first.patch is None
    assert second is not None
    assert second.patch == {"count": 2, "lastTimestamp": "last 2", "message": "no"}
    assert (second.event["metadata"]["name"], second.event["firstTimestamp"]) == ("web.1", "first 1")


def test_the_tenth_different_message_is_combined_with_those_that_follow() -> None:
    correlator = EventCorrelator()
    written = [correlator.correlate(event(f"no {n}", number=n), now=NOW) for n in range(1, 12)]
    assert all(one is not None and one.patch is None for one in written[:10])
    tenth, eleventh = written[9], written[10]
    assert tenth is not None
    assert tenth.event["message"] == "(combined from similar events): no 10"
    assert tenth.event["reportingComponent"] == ""
    assert eleventh is not None
    assert eleventh.patch == {
        "count": 2, "lastTimestamp": "last 11", "message": "(combined from similar events): no 11",
    }  # fmt: skip


def test_ten_minutes_of_silence_begin_anew() -> None:
    correlator = EventCorrelator()
    for number in range(9):
        correlator.correlate(event(f"no {number}"), now=NOW)
    later = correlator.correlate(event("no again"), now=NOW + timedelta(minutes=11))
    assert later is not None
    assert later.event["message"] == "no again"


def test_one_object_cannot_flood_and_others_are_not_concerned() -> None:
    correlator = EventCorrelator()
    written = [correlator.correlate(event("no"), now=NOW) for _ in range(BURST + 5)]
    assert [one is not None for one in written] == [True] * BURST + [False] * 5
    assert correlator.correlate(event("no", name="other"), now=NOW) is not None
    assert correlator.correlate({**event("no"), "reason": "Another"}, now=NOW) is not None
    assert correlator.correlate(event("no"), now=NOW + timedelta(minutes=5)) is not None


def recorded(scenario: str, *, reason: str) -> list[Object]:
    path = GOLDEN / f"{scenario}.jsonl"
    if not path.exists():
        pytest.skip("skipped: no recordings")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    events = [line["event"] for line in lines if line["type"] == "watch" and line["label"] == "events"]
    return [one for one in events if one["object"]["reason"] == reason and one["type"] != "DELETED"]


@pytest.mark.parametrize(
    ("scenario", "reason"), [("quota-limits", "FailedCreate"), ("deployment", "ScalingReplicaSet")]
)
def test_it_counts_and_combines_as_recorded(scenario: str, reason: str) -> None:
    correlator = EventCorrelator()
    for number, seen in enumerate(recorded(scenario, reason=reason)):
        expected = seen["object"]
        message = expected["message"].removeprefix("(combined from similar events): ")
        got = correlator.correlate(event(message, reason=reason, number=number), now=NOW)
        assert got is not None
        assert got.event["message"] == expected["message"]
        assert got.event["count"] == expected["count"]
        assert (got.patch is not None) == (seen["type"] == "MODIFIED")


async def test_a_counted_event_that_was_removed_is_written_anew(cluster: Any) -> None:
    about = await cluster.api.create(CONFIG_MAPS, {"metadata": {"name": "subject"}}, namespace="demo")
    recorder = Recorder(cluster.api, "tester", cluster.clock)
    task = asyncio.create_task(recorder.run())

    def told() -> list[Object]:
        return [one for one in cluster.all(EVENTS) if one["source"].get("component") == "tester"]

    recorder.event(about, "Normal", "Told", "something")
    await cluster.until(told)
    await cluster.api.delete(EVENTS, told()[0]["metadata"]["name"], namespace="demo")
    recorder.event(about, "Normal", "Told", "something")
    await cluster.until(told)
    assert told()[0]["count"] == 2
    recorder.event(about, "Normal", "Told", "something")
    await cluster.until(lambda: told()[0]["count"] == 3)
    task.cancel()
