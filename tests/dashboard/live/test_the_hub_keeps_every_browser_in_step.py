"""Batches, one encoding for all, mailboxes with the latest row a key, and a snapshot when that is too much."""

from __future__ import annotations

import json
from collections import defaultdict
from types import MappingProxyType
from typing import Any

import pytest

from dashboard.access.paces import Pace
from dashboard.live.hub import Hub
from dashboard.live.mailbox import MOST
from dashboard.store.views import Views


class FakeTransport:
    """Browsers that take what they are given; `busy` ones are behind."""

    def __init__(self) -> None:
        self.packed = 0
        self.busy: set[str] = set()
        self.sent: dict[str, list[tuple[str, Any]]] = defaultdict(list)

    def pack(self, name: str, payload: bytes, /) -> Any:
        self.packed += 1
        return name, json.loads(payload)

    def send(self, browser: str, packed: Any, /) -> None:
        self.sent[browser].append(packed)

    def is_idle(self, browser: str, /) -> bool:
        return browser not in self.busy


class Stage:
    """A hub whose flushes the test calls, with what every browser knows by now."""

    def __init__(self) -> None:
        self.views = Views(epoch="one")
        self.transport = FakeTransport()
        self.hub = Hub(self.views, self.transport)
        self.views.subscribe(self.hub._hear)
        self.hub._epoch = "one"

    def join(self, *browsers: str) -> None:
        for browser in browsers:
            self.hub.join(browser)
        self.hub.flush()

    def model(self, browser: str) -> dict[str, Any]:
        """What a browser shows that follows the rules; it fails when a rule is broken."""
        seq, rows = 0, {}
        for name, message in self.transport.sent[browser]:
            if name == "snapshot":
                rows = {(view, key): row for view, found in message["views"].items() for key, row in found.items()}
            else:
                assert message["from_seq"] == seq, "a gap"
                for view, key, row in message["changes"]:
                    rows[view, key] = row
            seq = message["seq"]
        return {key: row["n"] for (view, key), row in rows.items() if view == "pods" and row is not None}


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_changes_of_one_moment_are_one_message_with_the_latest_row(stage: Stage) -> None:
    stage.join("a")
    for number in range(5):
        stage.views.put("pods", "x", {"n": number})
    stage.views.put("pods", "y", {"n": 9})
    stage.hub.flush()
    name, message = stage.transport.sent["a"][-1]
    assert name == "delta"
    assert message["changes"] == [["pods", "x", {"n": 4}], ["pods", "y", {"n": 9}]]
    assert message["seq"] - message["from_seq"] == 6


def test_a_message_is_encoded_once_for_all_who_know_the_same(stage: Stage) -> None:
    browsers = [f"b{number}" for number in range(20)]
    stage.join(*browsers)
    assert stage.transport.packed == 1
    stage.views.put("pods", "x", {"n": 1})
    stage.hub.flush()
    assert stage.transport.packed == 2
    assert all(stage.model(browser) == {"x": 1} for browser in browsers)


def test_a_browser_that_was_behind_gets_the_latest_of_each_key(stage: Stage) -> None:
    stage.join("slow", "fast")
    stage.transport.busy.add("slow")
    for number in range(10):
        stage.views.put("pods", "x", {"n": number})
        stage.views.put("pods", str(number), {"n": number})
        stage.hub.flush()
    stage.views.remove("pods", "3")
    stage.hub.flush()
    stage.transport.busy.clear()
    stage.hub.flush()
    assert stage.model("slow") == stage.model("fast")
    assert len(stage.transport.sent["slow"]) == 2
    assert len(stage.transport.sent["slow"][-1][1]["changes"]) == 11


def test_too_much_for_a_mailbox_becomes_a_snapshot(stage: Stage) -> None:
    stage.join("slow")
    stage.transport.busy.add("slow")
    for number in range(MOST + 1):
        stage.views.put("pods", str(number), {"n": number})
        if number % 100 == 0:
            stage.hub.flush()
    stage.hub.flush()
    stage.transport.busy.clear()
    stage.hub.flush()
    assert [name for name, _ in stage.transport.sent["slow"]] == ["snapshot", "snapshot"]
    assert len(stage.model("slow")) == MOST + 1


def test_who_joins_in_the_middle_of_a_batch_sees_nothing_twice(stage: Stage) -> None:
    stage.join("early")
    stage.views.put("pods", "x", {"n": 1})
    stage.hub.join("late")
    stage.views.put("pods", "y", {"n": 2})
    stage.hub.flush()
    stage.views.put("pods", "z", {"n": 3})
    stage.hub.flush()
    assert stage.model("late") == stage.model("early") == {"x": 1, "y": 2, "z": 3}


def test_resync_brings_a_snapshot_however_often_it_is_asked(stage: Stage) -> None:
    stage.join("a")
    for _ in range(100):
        stage.hub.resync("a")
    stage.hub.resync("nobody")
    stage.hub.flush()
    assert [name for name, _ in stage.transport.sent["a"]] == ["snapshot", "snapshot"]


def test_another_epoch_is_begun_with_a_snapshot(stage: Stage) -> None:
    stage.views.put("pods", "x", {"n": 1})
    stage.join("a")
    stage.views.renew()
    stage.views.put("pods", "y", {"n": 2})
    stage.hub.flush()
    name, message = stage.transport.sent["a"][-1]
    assert name == "snapshot"
    assert message["epoch"] == stage.views.epoch != "one"
    assert stage.model("a") == {"y": 2}


def test_viewers_are_counted(stage: Stage) -> None:
    stage.join("a", "b")
    stage.hub.leave("a")
    stage.hub.leave("a")
    assert stage.views.get("viewers", "count") == {"count": 1}


def test_rows_may_be_any_mapping_and_nothing_else_odd(stage: Stage) -> None:
    stage.views.put("pods", "x", MappingProxyType({"n": 1}))
    stage.join("a")
    assert stage.model("a") == {"x": 1}
    stage.views.put("pods", "x", {"n": object()})
    with pytest.raises(TypeError, match="object"):
        stage.hub.flush()


def test_a_pace_allows_a_burst_and_then_so_many_a_second() -> None:
    time = [0.0]
    pace = Pace(20, steady=lambda: time[0])
    assert [pace.allows() for _ in range(21)] == [True] * 20 + [False]
    time[0] += 0.1
    assert [pace.allows() for _ in range(3)] == [True, True, False]
