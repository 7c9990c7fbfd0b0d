"""Where our own account only reads: who starts or stops an experiment carries it on; without them it ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.kube.credential import Credential, acting_as, changes
from dashboard.limits.blast import judging


class Person:
    """Somebody who signs in with a token, and out again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.token: str | None = f"token-of-{name}"
        self.credential = Credential(name, lambda: self.token)


@pytest.fixture
def driver(driver: Any) -> Any:
    driver.cluster.only_reads = driver.experiment.only_reads = True
    return driver


@pytest.fixture
def person() -> Person:
    return Person("pia")


def started(driver: Any, person: Person) -> str:
    with acting_as(person.credential):
        blast_id: str = driver.start()
    driver.cluster.document = {"phase": "leaking"}
    driver.tick()
    return blast_id


def written(driver: Any, since: int = 0) -> list[Any]:
    return [call for call in driver.cluster.calls[since:] if changes(*call[:2])]


def test_from_start_to_end_every_change_is_the_persons_and_every_later_look_our_own(
    driver: Any, person: Person
) -> None:
    started(driver, person)
    begun = len(driver.cluster.calls)
    driver.cluster.document = {"phase": "over", "reason": judging.COURSE}
    driver.tick()
    driver.tick()

    assert driver.rows["current"]["state"] == "done"
    assert {by for _, _, by in written(driver)} == {"pia"}
    assert "DELETE" in {method for method, _, _ in written(driver, begun)}
    assert {by for method, path, by in driver.cluster.calls[begun:] if not changes(method, path)} == {None}


def test_a_node_short_of_memory_while_nobody_is_signed_in_is_told_and_nothing_is_tried(
    driver: Any, person: Person
) -> None:
    started(driver, person)
    person.token = None
    driver.pressed = ["one"]
    begun = len(driver.cluster.calls)
    for _ in range(8):
        row = driver.tick(after=5.0)

    assert row["state"] == "cleaning"
    assert row["reason"].startswith("a node is short of memory; nobody is signed in who may end it")
    assert written(driver, begun) == []

    driver.cluster.pods = []  # its deadline came
    assert driver.tick()["state"] == "stopped"
    assert written(driver, begun) == []


def test_who_stops_one_that_was_taken_up_carries_it_from_then_on(
    driver: Any, person: Person, new_driver: Callable[[Any, Path], Any], tmp_path: Path
) -> None:
    started(driver, person)
    person.token = None
    another, sam = new_driver(driver.cluster, tmp_path / "elsewhere"), Person("sam")
    another.experiment.only_reads = True
    assert another.tick()["state"] == "starting"

    begun = len(driver.cluster.calls)
    with acting_as(sam.credential):
        another.starting.stop(by="sam")
    another.tick()

    assert another.rows["current"]["state"] == "stopped"
    assert {by for _, _, by in written(driver, begun)} == {"sam"}


def test_whom_the_cluster_does_not_let_end_it_is_not_tried_again(driver: Any, person: Person) -> None:
    started(driver, person)
    driver.cluster.forbids = {"pia"}
    with acting_as(person.credential):
        driver.starting.stop(by="pia")
    begun = len(driver.cluster.calls)
    for _ in range(8):
        driver.tick(after=5.0)

    assert written(driver, begun) == []
    assert "ends by itself" in driver.rows["current"]["reason"]
