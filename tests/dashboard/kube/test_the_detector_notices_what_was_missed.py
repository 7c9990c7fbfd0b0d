"""A reflector that lost an event is found out and made to list again."""

from __future__ import annotations

from typing import Any

from dashboard.kube.detector import Detector, differences


def test_a_lost_deletion_is_noticed_and_repaired(api: Any, watched: Any, until: Any) -> None:
    api.put("a")
    api.put("b")
    watched.start()
    until(lambda: api.opened == 1)
    api.forget_silently("b")
    detector = Detector([(watched.reflector, watched.source)], clock=watched.clock)
    assert not detector.check(watched.reflector, watched.source)
    assert detector.mismatches == 1
    assert not detector.failing
    until(lambda: watched.names() == ["a"])
    until(lambda: watched.reflector.state.state == "live")
    assert detector.check(watched.reflector, watched.source)


def test_nothing_missed_is_nothing_noticed(api: Any, watched: Any, until: Any) -> None:
    api.put("a")
    watched.start()
    until(lambda: api.opened == 1)
    detector = Detector([(watched.reflector, watched.source)], clock=watched.clock)
    assert detector.check(watched.reflector, watched.source)
    assert api.count("list") == 2


def test_changes_in_flight_are_no_differences() -> None:
    before = {"same": "1", "changed-before-the-list": "1", "deleted-after": "1"}
    listed = {"same": "1", "changed-before-the-list": "2", "deleted-after": "1", "made-after-before": "5"}
    after = {"same": "1", "changed-before-the-list": "2", "made-after-before": "5", "made-after-the-list": "6"}
    assert differences(before, listed, after) == []


def test_what_stood_still_and_differs_is_a_difference() -> None:
    assert differences({"old": "1", "gone": "1"}, {"old": "2", "new": "3"}, {"old": "1", "gone": "1"}) == [
        "gone",
        "new",
        "old",
    ]
