"""Loss, replacement, shares of the ceiling, and saturation that is told as the load generator's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swarm.ceilings import MAX_REQUESTS_PER_S
from swarm.crew import SUSTAINED_S, Crew, WorkerView
from swarm.document import control_document


def view(name: str, **values: Any) -> WorkerView:
    return replace(WorkerView(name, "running", 10, 20.0, pod=f"pod-{name}", late_ms=1.0), **values)


@pytest.mark.parametrize("strain", [{"cpu_percent": 96.0}, {"late_ms": 80.0}])
def test_a_worker_is_saturated_when_it_lasts(strain: dict[str, float]) -> None:
    crew = Crew()
    crew.look([view("a", **strain), view("b")], now=100.0)
    assert crew.sentence() is None
    crew.look([view("a", **strain), view("b")], now=100.0 + SUSTAINED_S)
    assert [one.saturated for one in crew.all] == [True, False]
    sentence = crew.sentence() or ""
    assert sentence.startswith("1 of 2 workers cannot keep up, pod-a ")
    assert ("96 % of its CPU" in sentence) == ("cpu_percent" in strain)
    assert ("80 ms late" in sentence) == ("late_ms" in strain)
    assert ("more workers" in sentence) == ("cpu_percent" in strain)
    crew.look([view("a"), view("b")], now=104.0)
    assert crew.sentence() is None


def test_unknown_is_not_saturated() -> None:
    crew = Crew()
    for second in range(10):
        crew.look([view("a", cpu_percent=None, late_ms=None)], now=float(second))
    assert crew.sentence() is None


def test_a_lost_worker_stays_in_the_list_with_its_time_and_without_figures() -> None:
    crew = Crew()
    crew.look([view("a"), view("b")], now=100.0)
    crew.look([view("a"), view("b", state="missing")], now=104.0)
    lost = crew.all[-1]
    assert (lost.id, lost.state, lost.users, lost.cpu_percent, lost.lost_at) == ("b", "missing", 0, None, 104.0)
    crew.look([view("a"), view("b")], now=106.0)
    assert [one.lost_at for one in crew.all] == [None, None]


def test_one_that_quits_is_lost_unless_the_swarm_ends() -> None:
    crew = Crew()
    crew.look([view("a"), view("b")], now=100.0)
    crew.look([view("a")], now=101.0)
    assert crew.lost == 1
    crew.look([], now=102.0, ending=True)
    assert (crew.lost, crew.present) == (1, [])


def test_a_replacement_is_given_its_share_of_users_and_requests(running: Any, fleet: Any, clock: Any) -> None:
    fleet.states["two"] = "missing"
    clock.advance(1)
    running.tick()
    del fleet.states["two"]
    fleet.states["three"] = "ready"
    clock.advance(20)
    running.asked()
    running.tick()
    clock.advance(1)
    running.tick()
    assert len(fleet.spreads) == 3
    assert fleet.shares[0] == MAX_REQUESTS_PER_S / 2
    assert fleet.shares[-1] == MAX_REQUESTS_PER_S / 2
    assert running.reason == ""


def test_a_lost_worker_s_requests_are_given_away_only_when_it_has_ended_for_certain(
    running: Any, fleet: Any, clock: Any
) -> None:
    fleet.states["two"] = "missing"
    running.tick()
    assert fleet.shares == [MAX_REQUESTS_PER_S / 2, MAX_REQUESTS_PER_S / 2]
    clock.advance(16)
    running.asked()
    running.tick()
    assert fleet.shares[-1] == MAX_REQUESTS_PER_S


def test_held_back_requests_are_said_to_be_the_ceiling_s(running: Any, tell: Any, clock: Any) -> None:
    running.reported(tell(held_back=40))
    assert control_document(running, now=clock())["limited"] is False
    running.reported(tell(held_back=140))
    document = control_document(running, now=clock())
    assert document["limited"] is True
    assert "held back at 1000 requests a second" in document["limited_why"]


def test_a_change_of_the_spawn_rate_alone_is_followed(running: Any, fleet: Any) -> None:
    running.set_users(60, 2.0)
    running.tick()
    running.tick()
    assert fleet.spreads == [(60, 10.0), (60, 2.0)]
