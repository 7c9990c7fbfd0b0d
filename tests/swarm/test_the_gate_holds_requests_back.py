"""No worker makes more than its share in any second, and what waits is told."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from swarm.ceilings import MAX_REQUESTS_PER_S
from swarm.pacing import Gate, Lateness


class Closed(Exception):
    """What the gate raises once the swarm stops."""


class Requests:
    """Load users that ask as fast as they may, on a clock of their own."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.slept = 0.0
        self.while_asleep: Callable[[], None] = lambda: None
        self.gate = Gate(now=lambda: self.seconds, sleep=self.sleep, closed=Closed)

    def sleep(self, seconds: float) -> None:
        self.slept = seconds
        self.while_asleep()

    def through(self) -> float:
        """When a request that asks now gets through; the clock stands still."""
        self.slept = 0.0
        self.gate.wait()
        return self.seconds + self.slept


@pytest.fixture
def requests() -> Requests:
    return Requests()


def most_in_a_second(moments: list[float]) -> int:
    ordered = sorted(moments)
    return max(sum(1 for one in ordered[index:] if one < start + 1 - 1e-9) for index, start in enumerate(ordered))


@pytest.mark.parametrize("workers", [1, 2, 3, 7, 50])
def test_all_workers_together_never_pass_the_ceiling(requests: Requests, workers: int) -> None:
    requests.gate.share(MAX_REQUESTS_PER_S / workers)
    chance = random.Random(workers)  # noqa: S311 - repeatable
    moments = []
    for _ in range(int(4 * MAX_REQUESTS_PER_S / workers)):
        requests.seconds += chance.choice([0.0, 0.0, 0.0005])
        moments.append(requests.through())
    assert most_in_a_second(moments) * workers <= MAX_REQUESTS_PER_S
    span = max(moments) - min(moments)
    assert len(moments) / span >= 0.9 * MAX_REQUESTS_PER_S / workers


def test_below_its_share_nobody_waits(requests: Requests) -> None:
    requests.gate.share(1000)
    for _ in range(600):
        requests.seconds += 1 / 600
        assert requests.through() == requests.seconds
    assert requests.gate.take_held_back() == 0


def test_load_users_that_come_together_by_chance_do_not_wait_far_below_it(requests: Requests) -> None:
    requests.gate.share(20)
    assert [requests.through() for _ in range(10)] == [100.0] * 10


def test_what_waits_is_counted_once(requests: Requests) -> None:
    requests.gate.share(10)
    for _ in range(25):
        requests.through()
    assert (requests.gate.take_held_back(), requests.gate.take_held_back()) == (15, 0)


def test_untold_it_lets_next_to_nothing_through(requests: Requests) -> None:
    assert [requests.through() for _ in range(3)] == [100.0, 101.0, 102.0]


def test_closed_it_lets_nothing_through_not_even_what_waits(requests: Requests) -> None:
    requests.gate.share(1)
    requests.gate.wait()
    requests.while_asleep = requests.gate.close
    with pytest.raises(Closed):
        requests.gate.wait()
    with pytest.raises(Closed):
        requests.gate.wait()


def test_lateness_is_the_mean_since_the_last_look() -> None:
    lateness = Lateness()
    assert lateness.take_ms() is None
    for seconds in (0.010, 0.030, -0.001):
        lateness.note(seconds)
    assert lateness.take_ms() == 13.3
    assert lateness.take_ms() is None
