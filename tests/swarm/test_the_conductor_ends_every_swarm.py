"""The state machine: it starts with its workers, keeps the target, and always comes to a verified end."""

from __future__ import annotations

from typing import Any


def test_it_waits_for_the_expected_workers(conductor: Any, fleet: Any) -> None:
    fleet.states["one"] = "ready"
    conductor.tick()
    assert (conductor.state, fleet.spreads) == ("starting", [])
    fleet.states["two"] = "ready"
    conductor.tick()
    assert (conductor.state, fleet.spreads) == ("running", [(60, 10.0)])


def test_it_starts_with_fewer_rather_than_never(make_conductor: Any, fleet: Any, clock: Any) -> None:
    conductor = make_conductor(worker_patience=10.0)
    fleet.states["one"] = "ready"
    clock.advance(10)
    conductor.tick()
    assert (conductor.state, conductor.reason) == ("running", "1 of 2 workers came; they carry all load users")


def test_it_fails_when_no_worker_comes(make_conductor: Any, clock: Any) -> None:
    conductor = make_conductor(worker_patience=10.0)
    clock.advance(10)
    conductor.tick()
    assert conductor.state == "failed"
    assert "no worker came within 10 s" in conductor.reason


def test_a_stop_counts_only_without_users_and_requests(
    running: Any, fleet: Any, clock: Any, make_report: Any, tell: Any
) -> None:
    fleet.deaf = True
    running.stop("stopped on request")
    running.tick()
    assert running.state == "stopping"
    fleet.users = 0
    running.reported(tell(make_report()))
    running.tick()
    assert running.state == "stopping"
    clock.advance(1.5)
    running.tick()
    assert running.state == "stopped"


def test_workers_that_do_not_hear_are_told_again(running: Any, fleet: Any, clock: Any) -> None:
    fleet.deaf = True
    running.stop("stopped on request")
    clock.advance(5.1)
    running.tick()
    assert (running.state, fleet.quits) == ("stopping", 2)


def test_it_ends_by_itself_after_its_duration(running: Any, clock: Any) -> None:
    for _ in range(12):
        clock.advance(10)
        running.asked()
        running.tick()
    running.tick()
    assert (running.state, running.reason) == ("stopped", "the duration is over")


def test_it_ends_when_nobody_watches(running: Any, clock: Any) -> None:
    clock.advance(24)
    running.tick()
    assert running.state == "running"
    clock.advance(1.1)
    running.tick()
    running.tick()
    assert (running.state, running.reason) == ("stopped", "nobody asked for the state for 25 s")


def test_a_question_keeps_it_alive(running: Any, clock: Any) -> None:
    clock.advance(24)
    running.asked()
    clock.advance(24)
    running.tick()
    assert running.state == "running"


def test_a_missing_worker_s_users_are_spread_again(running: Any, fleet: Any) -> None:
    fleet.states["two"] = "missing"
    running.tick()
    running.tick()
    assert fleet.spreads == [(60, 10.0), (60, 10.0)]


def test_without_any_worker_left_it_has_failed(running: Any, fleet: Any) -> None:
    fleet.states.update(one="missing", two="missing")
    running.tick()
    assert (running.state, running.over) == ("failed", False)


def test_a_profile_moves_the_target_until_a_person_does(make_conductor: Any, fleet: Any, clock: Any) -> None:
    conductor = make_conductor(profile="steps")
    fleet.states.update(one="ready", two="ready")
    conductor.tick()
    clock.advance(20)
    conductor.asked()
    clock.advance(20)
    conductor.tick()
    conductor.set_users(7, 5.0)
    conductor.tick()
    assert fleet.spreads == [(15, 10.0), (30, 10.0), (7, 5.0)]


def test_the_last_document_stays_readable_for_a_while(running: Any, clock: Any) -> None:
    running.stop("the duration is over")
    running.tick()
    running.asked()
    clock.advance(29)
    assert not running.over
    clock.advance(1)
    assert running.over


def test_once_a_requested_stop_was_read_it_may_go(running: Any, clock: Any) -> None:
    running.stop("stopped on request")
    running.tick()
    running.asked()
    clock.advance(1)
    assert running.over
