"""Shared browsers get what is listed, in snapshots, in changes and after a resync; made and encoded once for all."""

from __future__ import annotations

import json
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.access.capabilities import Capability, up_to
from dashboard.live import audiences
from dashboard.live.audiences import audience_of
from dashboard.live.hub import Hub
from dashboard.store.views import Views

CANARY = "Canary: Alice, 10.1.2.3"


class FakeTransport:
    """Browsers that take what they are given; `busy` ones are behind."""

    def __init__(self) -> None:
        self.packed: list[str] = []
        self.busy: set[str] = set()
        self.sent: dict[str, list[tuple[str, Any]]] = defaultdict(list)

    def pack(self, name: str, payload: bytes, /) -> Any:
        self.packed.append(name)
        return name, json.loads(payload)

    def send(self, browser: str, packed: Any, /) -> None:
        self.sent[browser].append(packed)

    def is_idle(self, browser: str, /) -> bool:
        return browser not in self.busy


class Stage:
    """A hub whose flushes the test calls."""

    def __init__(self) -> None:
        self.views = Views(epoch="one")
        self.transport = FakeTransport()
        self.hub = Hub(self.views, self.transport)
        self.views.subscribe(self.hub._hear)
        self.hub._epoch = "one"

    def swarm(self, users: int) -> None:
        row = {"state": "running", "target": "guestbook", "users": users, "started_by": CANARY, "error": CANARY}
        self.views.put("swarm", "current", row)

    def told(self, browser: str) -> str:
        return json.dumps(self.transport.sent[browser])

    def model(self, browser: str) -> dict[tuple[str, str], Any]:
        """What a browser that follows the rules shows; it fails when a rule is broken."""
        seq, rows = 0, {}
        for name, message in self.transport.sent[browser]:
            if name == "snapshot":
                rows = {(view, key): row for view, found in message["views"].items() for key, row in found.items()}
            else:
                assert message["from_seq"] <= seq, "a gap"
                for view, key, row in message["changes"]:
                    rows[view, key] = row
            seq = message["seq"]
        return {where: row for where, row in rows.items() if row is not None}


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.swarm(1)
    stage.views.put("deploy", "current", {"state": "idle", "error": CANARY})
    return stage


def test_a_shared_browser_gets_a_snapshot_of_what_is_listed(stage: Stage) -> None:
    stage.hub.join("f")
    stage.hub.join("s", "shared")
    stage.hub.flush()
    assert CANARY in stage.told("f")
    assert CANARY not in stage.told("s")
    name, message = stage.transport.sent["s"][0]
    assert (name, set(message["views"])) == ("snapshot", {"swarm"})
    assert message["views"]["swarm"]["current"]["users"] == 1


def test_changes_and_resyncs_are_as_closed_as_the_snapshot(stage: Stage) -> None:
    stage.hub.join("s", "shared")
    stage.hub.flush()
    stage.swarm(2)
    stage.views.put("deploy", "current", {"state": "failed", "error": CANARY})
    stage.views.put("brand_new", CANARY, {"name": CANARY})
    stage.hub.flush()
    stage.hub.resync("s")
    stage.hub.flush()
    assert [name for name, _ in stage.transport.sent["s"]] == ["snapshot", "delta", "snapshot"]
    assert "Canary" not in stage.told("s")
    assert "brand_new" not in stage.told("s")
    assert stage.transport.sent["s"][1][1]["changes"][0][2]["users"] == 2


def test_what_is_not_theirs_is_not_sent_and_leaves_no_gap(stage: Stage) -> None:
    stage.hub.join("s", "shared")
    stage.hub.flush()
    for number in range(5):
        stage.views.put("deploy", "current", {"state": "waiting", "n": number})
        stage.hub.flush()
    assert len(stage.transport.sent["s"]) == 1
    stage.swarm(7)
    stage.hub.flush()
    assert stage.model("s")["swarm", "current"]["users"] == 7


def test_a_row_that_never_was_theirs_is_not_told_of_when_it_goes(stage: Stage) -> None:
    stage.views.put("pods", "hidden-1", {"namespace": "kube-system", "uid": "hidden-1"})
    stage.views.put("pods", "seen-1", {"namespace": "flask", "uid": "seen-1", "name": "a"})
    stage.hub.join("s", "shared")
    stage.hub.flush()
    stage.views.remove("pods", "hidden-1")
    stage.views.remove("pods", "seen-1")
    stage.hub.flush()
    assert "hidden-1" not in stage.told("s")
    assert ("pods", "seen-1") not in stage.model("s")


def test_a_row_that_stops_being_theirs_goes(stage: Stage) -> None:
    line = {"id": "e1", "t": "2026-11-23T14:03:00Z", "kind": "stop", "object": None, "text": "x", "quiet": False}
    stage.hub.join("s", "shared")
    stage.hub.flush()
    stage.views.put("story", "e1", line)
    stage.hub.flush()
    assert ("story", "e1") in stage.model("s")
    stage.views.put("story", "e1", {**line, "quiet": True, "text": CANARY})
    stage.hub.flush()
    assert ("story", "e1") not in stage.model("s")
    assert CANARY not in stage.told("s")


def test_a_row_that_came_with_a_snapshot_goes_in_the_same_batch(stage: Stage) -> None:
    """It was never in a batch as theirs: put, taken into a snapshot, and removed before the next batch was cut."""
    stage.hub.join("s", "shared")
    stage.hub.flush()
    stage.hub.resync("s")
    snapshot = stage.views.snapshot

    def meanwhile() -> Any:
        stage.views.put("pods", "late", {"namespace": "flask", "uid": "late", "name": "late"})
        return snapshot()

    stage.views.snapshot = meanwhile  # type: ignore[method-assign]
    stage.hub.flush()
    stage.views.snapshot = snapshot  # type: ignore[method-assign]
    assert ("pods", "late") in stage.model("s")
    stage.views.remove("pods", "late")
    stage.hub.flush()
    assert ("pods", "late") not in stage.model("s")


def test_rows_are_made_and_encoded_once_an_audience(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    shared = audiences.shared
    monkeypatch.setattr(audiences, "shared", lambda view, key, row: made.append(key) or shared(view, key, row))
    for number in range(20):
        stage.hub.join(f"s{number}", "shared")
        stage.hub.join(f"f{number}")
    stage.hub.flush()
    assert stage.transport.packed == ["snapshot", "snapshot"]
    made.clear()
    stage.swarm(3)
    stage.hub.flush()
    assert stage.transport.packed[2:] == ["delta", "delta"]
    assert made.count("current") == 1


def test_nothing_is_made_for_nobody(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiences, "shared", lambda *_: pytest.fail("nobody looks on by a link"))
    stage.hub.join("f")
    stage.hub.flush()
    stage.swarm(3)
    stage.hub.flush()
    assert stage.model("f")["swarm", "current"]["users"] == 3


def test_a_slow_shared_browser_gets_the_newest_row_of_each_key(stage: Stage) -> None:
    stage.hub.join("s", "shared")
    stage.hub.flush()
    stage.transport.busy.add("s")
    for number in range(10, 15):
        stage.swarm(number)
        stage.hub.flush()
    stage.transport.busy.clear()
    stage.hub.flush()
    assert stage.model("s")["swarm", "current"]["users"] == 14
    assert len(stage.transport.sent["s"]) == 2


@pytest.mark.parametrize(
    ("capabilities", "wish", "audience"),
    [
        (up_to(Capability.APPLY), None, "full"),
        (up_to(Capability.VIEW), {}, "full"),
        (up_to(Capability.APPLY), {"audience": "shared"}, "shared"),
        (up_to(Capability.LOOK), None, "shared"),
        (up_to(Capability.LOOK), {"audience": "full"}, "shared"),
        (up_to(Capability.LOOK), "full", "shared"),
        (frozenset(), {"audience": "shared"}, None),
        (frozenset(), None, None),
    ],
)
def test_a_page_may_wish_for_less_and_never_for_more(capabilities: Any, wish: Any, audience: str | None) -> None:
    assert audience_of(SimpleNamespace(capabilities=capabilities), wish) == audience


def test_whoever_has_no_capabilities_at_all_gets_nothing() -> None:
    assert audience_of("somebody") is None
