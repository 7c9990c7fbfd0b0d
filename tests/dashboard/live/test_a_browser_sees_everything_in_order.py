"""Whatever a browser's speed, its stream is whole and in order, and what it ends up with is what there is."""

from __future__ import annotations

import time
from typing import Any


def test_it_gets_a_snapshot_at_once_and_then_changes_in_order(server: Any) -> None:
    server.put(5)
    browser = server.open()
    name, snapshot = browser.event()
    assert name == "snapshot"
    assert snapshot["epoch"] == "test"
    assert snapshot["views"]["pods"]["4"]["number"] == 4

    for first in range(100, 1000, 100):
        server.put(100, first=first)
    deltas = browser.wait_for(lambda delta: any(row and row.get("number") == 999 for _, _, row in delta["changes"]))

    seq = snapshot["seq"]
    for name, delta in deltas:
        assert name == "delta"
        assert delta["from_seq"] == seq
        assert delta["seq"] > seq
        seq = delta["seq"]


def test_a_browser_that_pauses_behind_five_megabytes_gets_an_intact_stream(server: Any) -> None:
    """The library's own `send` tears this stream under gevent."""
    browser = server.open()
    browser.event()
    server.put(50, size=100_000, first=0)
    time.sleep(3)  # the pause is what is tested
    server.put(50, size=100_000, first=50)

    events = browser.wait_for(lambda event: _has_number(event, 99))

    rows: dict[str, Any] = {}
    for name, event in events:
        if name == "snapshot":
            rows = dict(event["views"]["pods"])
        for view, key, row in event.get("changes", []):
            if view == "pods":
                rows[key] = row
    assert {row["number"] for row in rows.values()} == set(range(50, 100))


def test_a_new_connection_begins_with_a_snapshot(server: Any) -> None:
    first = server.open()
    first.event()
    first.close()
    server.put(3)
    again = server.open()
    name, snapshot = again.event()
    assert name == "snapshot"
    assert len(snapshot["views"]["pods"]) == 3


def test_asking_for_a_resync_brings_a_snapshot(server: Any) -> None:
    browser = server.open()
    browser.event()
    browser.say('42["resync",{}]')
    events = browser.wait_for(lambda event: "views" in event)
    assert events[-1][0] == "snapshot"


def test_everybody_sees_how_many_look_on(server: Any) -> None:
    one = server.open()
    one.event()
    two = server.open()
    two.event()
    events = one.wait_for(lambda event: ["viewers", "count", {"count": 2}] in event.get("changes", []))
    assert events


def _has_number(event: dict[str, Any], number: int) -> bool:
    rows = [row for _, _, row in event.get("changes", [])] + list(event.get("views", {}).get("pods", {}).values())
    return any(row and row.get("number") == number for row in rows)
