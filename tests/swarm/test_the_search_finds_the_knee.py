"""The search for the ceiling against simulated servers: with a knee, with noise, that fail, that are never full."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pytest

from swarm.document import control_document
from swarm.search import WINDOW_S, Ceiling, Limits, Sample, Search

LIMITS = Limits(p95_ms=1000, failed_percent=1.0)


@dataclass
class Server:
    """Serves `capacity` requests a second; what is more queues up, or fails. `noise`: bad seconds come by chance."""

    capacity: float
    per_user: float = 1.25
    fails: bool = False
    noise: float = 0.0
    random: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - a repeatable simulation
    queue: float = 0.0
    window: deque[tuple[float, float, float]] = field(default_factory=deque)
    worst: int = 0

    def second(self, users: int) -> tuple[float, float, float]:
        """(requests a second, p95, failed percent) over the window, after one more second with so many users."""
        offered = users * self.per_user * self.random.uniform(0.93, 1.07)
        served = min(self.capacity, offered + self.queue)
        failed = 0.0
        if self.fails:
            failed = 100 * max(0.0, offered - self.capacity) / max(offered, 1.0)
        else:
            # Load users wait for their answers, so that a queue is never longer than there are users.
            self.queue = min(float(users), max(0.0, self.queue + offered - self.capacity))
        p95 = 40 + 1000 * self.queue / self.capacity * 1.5 + self.random.uniform(0, 30)
        if self.random.random() < self.noise:
            p95 += 3000
        self.window.append((served, p95, failed))
        while len(self.window) > WINDOW_S:
            self.window.popleft()
        middle = [sum(one[part] for one in self.window) / len(self.window) for part in range(3)]
        return middle[0], max(one[1] for one in self.window), middle[2]


def run(server: Server, *, users: int = 500, duration: float = 600, spawn_rate: float = 50) -> tuple[Ceiling, Any]:
    search = Search(users=users, spawn_rate=spawn_rate, duration=duration, limits=LIMITS)
    present, levels = 0.0, [search.wanted]
    for second in range(int(duration)):
        present += max(-spawn_rate, min(spawn_rate, search.wanted - present))
        rps, p95, failed = server.second(round(present))
        search.look(Sample(second, round(present), rps, p95, failed))
        if search.done:
            break
        if search.wanted != levels[-1]:
            levels.append(search.wanted)
    return search.ceiling(), (levels, search, second)


@pytest.mark.parametrize("capacity", [60, 170, 300, 411, 560])
def test_it_finds_the_knee_within_a_tenth(capacity: float) -> None:
    ceiling, (levels, search, _) = run(Server(capacity))
    assert search.done
    assert ceiling.confirmed
    assert ceiling.rps == pytest.approx(capacity, rel=0.12)
    assert ceiling.users * 1.25 <= capacity * 1.15
    assert (ceiling.p95_ms or 0) <= LIMITS.p95_ms
    assert ceiling.limited_by == "p95 above 1000 ms"
    assert max(levels) <= 500


@pytest.mark.parametrize("seed", range(8))
def test_single_bad_seconds_decide_nothing(seed: int) -> None:
    ceiling, _ = run(Server(300, noise=0.08, random=random.Random(seed)))  # noqa: S311
    assert ceiling.rps == pytest.approx(300, rel=0.15)


def test_failures_limit_it_too() -> None:
    ceiling, _ = run(Server(200, fails=True))
    assert ceiling.rps == pytest.approx(200, rel=0.15)
    assert ceiling.limited_by == "failures above 1 %"


def test_a_server_that_is_never_full_is_told_as_such() -> None:
    ceiling, (levels, search, _) = run(Server(10_000), users=200)
    assert (ceiling.users, ceiling.limited_by, ceiling.confirmed) == (200, "the load users asked for", True)
    assert levels == sorted(levels)
    assert search.done


def test_after_too_much_it_steps_back_to_the_last_good_level() -> None:
    _, (levels, _, _) = run(Server(300))
    first_back = next(index for index in range(1, len(levels)) if levels[index] < levels[index - 1])
    assert levels[first_back] == levels[first_back - 2]


def test_a_server_that_bears_nobody_has_no_ceiling() -> None:
    ceiling, (levels, search, _) = run(Server(0.2), users=40)
    assert search.done
    assert (ceiling.rps, ceiling.users, ceiling.confirmed) == (None, 0, False)
    assert levels[-1] == 1


def test_too_short_a_time_gives_what_is_known_unconfirmed() -> None:
    ceiling, (_, search, second) = run(Server(400), duration=45)
    assert not search.done or second <= 45
    assert not ceiling.confirmed
    assert ceiling.limited_by in ("the time", "p95 above 1000 ms")


def test_the_generator_s_own_limit_is_not_taken_for_the_server_s() -> None:
    search = Search(users=100, spawn_rate=50, duration=300, limits=LIMITS)
    for second in range(300):
        tired = "the load generator itself" if search.wanted > 40 else None
        search.look(Sample(second, search.wanted, search.wanted * 1.2, 50, 0.0, tired))
        if search.done:
            break
    assert search.ceiling().limited_by == "the load generator itself"
    assert search.ceiling().users == pytest.approx(40, abs=4)


def test_nothing_measured_yet_is_not_within_the_limits_of_anything() -> None:
    search = Search(users=100, spawn_rate=50, duration=300, limits=LIMITS)
    assert search.ceiling() == Ceiling(None, 0, None, "the time", confirmed=False)


def test_users_that_never_come_do_not_hold_it_up() -> None:
    search = Search(users=100, spawn_rate=50, duration=300, limits=LIMITS)
    for second in range(60):
        search.look(Sample(second, 3, 4.0, 50, 0.0))
    assert search.wanted > 10


def test_a_swarm_climbs_to_its_end_and_tells_what_it_found(
    make_conductor: Any, fleet: Any, clock: Any, tell: Any, make_report: Any
) -> None:
    conductor = make_conductor(profile="ceiling", users=40, spawn_rate=50.0, duration=600.0)
    fleet.states.update(one="ready", two="ready")
    while conductor.finished_at is None and clock() < conductor._born + 600:
        conductor.asked()
        conductor.tick()
        assert control_document(conductor, now=clock())["ceiling"] is None or conductor.state != "running"
        busy = fleet.users > 22
        clock.advance(0.5)
        if conductor.state == "running":
            conductor.reported(tell(make_report(fleet.users, ms=1500 if busy else 40)))
        clock.advance(0.5)
    document = control_document(conductor, now=clock())
    assert (document["state"], document["reason"]) == ("stopped", "the ceiling is found")
    found = document["ceiling"]
    assert found["limited_by"] == "p95 above 1000 ms"
    assert found["users"] in (20, 21, 22)
    assert found["rps"] == pytest.approx(found["users"], abs=0.5)
