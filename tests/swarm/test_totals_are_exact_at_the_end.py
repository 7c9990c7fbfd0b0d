"""The sum of all reports, the last one of each worker included; and when it is not the whole truth, that is said."""

from __future__ import annotations

import re
from typing import Any

import pytest

from swarm.document import control_document
from swarm.tallies import KINDS_MAX, OTHERS, Failure, Failures, Shares


def test_the_last_reports_count_and_the_farewells_end_it(running: Any, clock: Any, tell: Any, make_report: Any) -> None:
    running.reported(tell(make_report(10, failures=1)))
    running.stop("stopped on request")
    running.reported(tell(make_report(7), final=True))
    running.tick()
    assert running.state == "stopping"
    running.reported(tell(make_report(3), worker="two", final=True))
    running.tick()
    document = control_document(running, now=clock())
    assert (document["state"], document["requests"], document["totals"]["failures"]) == ("stopped", 20, 1)
    assert document["totals"]["exact"] is True
    assert document["endpoints"][0]["requests"] == 20


def test_a_cut_off_request_or_a_lost_worker_makes_them_inexact(running: Any, clock: Any, tell: Any) -> None:
    running.stop("stopped on request")
    running.reported(tell(final=True, cut=2))
    running.reported(tell(worker="two", final=True))
    running.tick()
    totals = control_document(running, now=clock())["totals"]
    assert (totals["exact"], totals["cut_off"]) == (False, 2)


@pytest.mark.parametrize("farewell", [True, False])
def test_a_worker_that_goes_with_its_last_report_takes_nothing_along(
    running: Any, fleet: Any, clock: Any, tell: Any, farewell: bool
) -> None:
    running.reported(tell(worker="two", final=farewell))
    fleet.states["two"] = "missing"
    running.tick()
    running.stop("stopped on request")
    running.reported(tell(final=True))
    clock.advance(2)
    running.tick()
    totals = control_document(running, now=clock())["totals"]
    assert (totals["exact"], totals["workers_lost"]) == (farewell, 1)


def test_failures_are_grouped_and_bounded() -> None:
    failures = Failures()
    failures.add([Failure("GET", "/", "500", 2), Failure("POST", "/entries", "503", 9)], now=10.0)
    failures.add([Failure("GET", "/", "500", 3)], now=12.0)
    assert [(one["error"], one["occurrences"], one["first_at"], one["last_at"]) for one in failures.grouped()] == [
        ("503", 9, 10.0, 10.0), ("500", 5, 10.0, 12.0),
    ]  # fmt: skip
    failures.add([Failure("GET", "/", f"error {number}", 1) for number in range(500)], now=13.0)
    grouped = failures.grouped()
    assert len(grouped) <= KINDS_MAX + 1
    assert sum(one["occurrences"] for one in grouped) == 514
    assert any(one["error"] == OTHERS[2] for one in grouped)


def test_shares_tell_each_pod_and_that_some_did_not_tell() -> None:
    shares = Shares()
    for second in range(10):
        shares.add({"a": 30, None: 10}, now=float(second))
    shares.add({"b": 60}, now=10.0)
    rows = {one["pod"]: one for one in shares.listed(now=10.0)}
    assert list(rows) == ["a", "b", None]
    assert (rows["a"]["requests"], rows["b"]["requests"], rows[None]["requests"]) == (300, 60, 100)
    assert rows["b"]["share_percent"] == 14.3
    assert rows["b"]["rps"] == 20.0


def test_locust_the_document_and_the_target_count_the_same(swarm: Any, target: Any, capfd: Any) -> None:
    swarm.start(workers=2, SWARM_USERS="60", SWARM_SPAWN_RATE="50")
    swarm.until(lambda s: s["requests"] > 300, what="well under load")
    swarm.ask("PUT", "/users", {"users": 5, "spawn_rate": 50})
    swarm.until(lambda s: s["users"] == 5, what="at 5")
    swarm.ask("PUT", "/users", {"users": 60, "spawn_rate": 50})
    swarm.until(lambda s: s["users"] == 60, what="at 60")
    swarm.ask("POST", "/stop")
    state = swarm.until(lambda s: s["state"] == "stopped", what="stopped")
    assert state["totals"]["exact"] is True
    assert state["requests"] == target.total == sum(one["requests"] for one in state["endpoints"])
    assert state["requests"] == sum(one["requests"] for one in state["pods"])
    assert swarm.master.wait(timeout=15) == 0
    said = re.search(r"requests (\d+), failures (\d+); Locust counted (\d+) and (\d+)", capfd.readouterr().err)
    assert said is not None
    assert said.groups() == (str(state["requests"]), "0") * 2
