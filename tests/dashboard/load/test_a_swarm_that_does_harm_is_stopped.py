"""L7: errors, slowness, no ready replica, a node short of memory, too many requests: the swarm ends and says why."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.load.harm import Harm, Seen

GOOD = Seen(failed_percent=1.0, p99_ms=80.0, rps=90.0, ready=3, pressed=())


def watch(harm: Harm, seen: Seen, *, seconds: range) -> str | None:
    """The first verdict of looks made every second."""
    return next((why for at in seconds if (why := harm.look(seen, at=float(at)))), None)


@pytest.mark.parametrize(
    ("seen", "borne_s", "sentence"),
    [
        (Seen(failed_percent=50.1), 30, "more than 50 % of its requests failed for 30 s"),
        (Seen(p99_ms=10_001.0), 30, "one request in a hundred took longer than 10 s for 30 s"),
        (Seen(ready=0), 60, "no replica of the target was ready for 60 s"),
        (Seen(pressed=("node-2",)), 5, "node node-2 is short of memory (MemoryPressure)"),
        (Seen(rps=1101.0), 10, "it made more than 1,100 requests a second for 10 s"),
    ],
)
def test_each_harm_is_borne_so_long_and_no_longer(seen: Seen, borne_s: int, sentence: str) -> None:
    assert watch(Harm(), seen, seconds=range(borne_s)) is None
    assert watch(Harm(), seen, seconds=range(borne_s + 1)) == sentence


def test_what_is_just_within_its_limit_is_no_harm() -> None:
    edge = Seen(failed_percent=50.0, p99_ms=10_000.0, rps=1100.0, ready=1, pressed=())
    assert watch(Harm(), edge, seconds=range(900)) is None


def test_a_good_second_begins_the_count_anew() -> None:
    harm, bad = Harm(), Seen(failed_percent=90.0)
    assert watch(harm, bad, seconds=range(29)) is None
    harm.look(GOOD, at=29.0)
    assert watch(harm, bad, seconds=range(30, 59)) is None


def test_what_is_unknown_neither_begins_nor_ends_a_count() -> None:
    harm, unknown = Harm(), Seen()
    assert watch(harm, unknown, seconds=range(300)) is None
    harm.look(Seen(ready=0), at=300.0)
    assert watch(harm, unknown, seconds=range(301, 400)) is None
    assert harm.look(Seen(ready=0), at=400.0)


def test_the_search_for_the_ceiling_is_stopped_sooner_when_it_does_not_give_way() -> None:
    bad = Seen(failed_percent=90.0)
    assert watch(Harm.of("ceiling"), bad, seconds=range(16))
    assert watch(Harm.of("steady"), bad, seconds=range(16)) is None


def fail(driver: Any) -> None:
    driver.cluster.running()
    driver.cluster.document |= {"failed_percent": 99.0, "p99_ms": 50.0}


def test_a_swarm_that_fails_more_than_half_is_stopped_and_says_why(driver: Any) -> None:
    driver.start()
    fail(driver)
    driver.tick(30)
    assert driver.row["state"] == "running"
    driver.cluster.ignores_stop = True
    driver.tick(2)
    assert driver.row["state"] == "stopping"
    driver.cluster.ignores_stop = False
    driver.tick(2)

    assert (driver.row["state"], driver.row["users"]) == ("stopped", 0)
    assert driver.row["error"] == "Stopped: more than 50 % of its requests failed for 30 s"
    assert any(kind == "stop" and "more than 50 %" in text for kind, text in driver.story)
    assert driver.cluster.objects == {}


@pytest.mark.parametrize(("around", "why"), [((0, ()), "no replica"), ((1, ("local",)), "short of memory")])
def test_what_stands_around_it_counts_too(driver: Any, around: Any, why: str) -> None:
    driver.start()
    driver.cluster.running()
    driver.around = around
    driver.tick(64)
    assert driver.row["state"] == "stopped"
    assert why in driver.row["error"]


def test_the_next_swarm_is_judged_anew(driver: Any) -> None:
    driver.start()
    fail(driver)
    driver.tick(20)
    driver.swarms.stop(by="operator")
    driver.tick(2)
    driver.start()
    fail(driver)
    driver.tick(20)
    assert driver.row["state"] == "running"


def test_a_swarm_that_was_taken_up_is_watched_as_well(driver: Any, another: Any) -> None:
    driver.start()
    fail(driver)
    another.swarms.adopt()
    another.tick(33)
    assert another.row["state"] == "stopped"
    assert "more than 50 %" in another.row["error"]
