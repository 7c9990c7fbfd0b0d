"""Where our own account only reads: who starts or stops a swarm carries it on, and without them nothing is tried."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.kube.credential import acting_as, changes
from dashboard.load.request import SwarmRequest

JOBS = "/apis/batch/v1/namespaces/load/jobs"


@pytest.fixture
def driver(driver: Any) -> Any:
    driver.cluster.only_reads = True
    driver.again()
    return driver


def started(driver: Any, person: Any) -> str:
    with acting_as(person.credential):
        swarm_id: str = driver.start(by=person.name)
    driver.cluster.running()
    driver.tick()
    return swarm_id


def ends(driver: Any, swarm_id: str) -> None:
    """The switch has ended it, and the cluster its Job."""
    over = {"conditions": [{"type": "Complete", "status": "True"}]}
    driver.cluster.objects[f"{JOBS}/swarm-{swarm_id}-master"]["status"] = over
    driver.cluster.pods = [{"metadata": {"name": "master-pod"}, "status": {"phase": "Succeeded"}}]


def written(driver: Any) -> set[str | None]:
    return {by for method, path, by in driver.cluster.calls if changes(method, path)}


def test_from_start_to_stop_every_change_is_the_persons_and_every_later_look_our_own(driver: Any, person: Any) -> None:
    started(driver, person)
    begun = len(driver.cluster.calls)
    driver.tick(3)
    with acting_as(person.credential):
        driver.swarms.stop(by=person.name)
    stopped = len(driver.cluster.calls)
    driver.tick(2)

    assert driver.row["state"] == "stopped"
    assert driver.cluster.objects == {}
    assert written(driver) == {"pia"}
    later = driver.cluster.calls[begun:stopped] + driver.cluster.calls[stopped:]
    looks = [call for call in later if not changes(*call[:2])]
    assert {by for _, path, by in looks if path.endswith("/proxy/state")} == {None}
    assert {by for _, _, by in driver.cluster.calls[stopped:] if by} == {"pia"}
    assert all(by is None for method, path, by in driver.cluster.calls[stopped:] if not changes(method, path))


def test_harm_is_ended_in_the_name_of_who_started_it(driver: Any, person: Any) -> None:
    started(driver, person)
    driver.cluster.document |= {"failed_percent": 90.0}
    driver.tick(33)

    assert driver.row["state"] == "stopped"
    assert ("POST", "/stop") in driver.cluster.asked
    assert written(driver) == {"pia"}


def test_harm_while_nobody_is_signed_in_is_left_to_the_switch_and_told(driver: Any, person: Any) -> None:
    swarm_id = started(driver, person)
    person.sign_out()
    driver.cluster.document |= {"failed_percent": 90.0}
    driver.tick(33)
    assert driver.row["state"] == "stopping"
    assert "requests failed for 30 s" in driver.row["error"]
    assert "Nobody is signed in who may end it" in driver.row["error"]
    assert "its own switch ends it within 25 s" in driver.row["error"]

    asked, calls = len(driver.cluster.asked), len(driver.cluster.calls)
    driver.tick(20)
    assert len(driver.cluster.asked) == asked, "asking its master would keep it alive"
    assert not [call for call in driver.cluster.calls[calls:] if changes(*call[:2])]
    assert driver.row["state"] == "stopping"

    ends(driver, swarm_id)
    driver.tick()
    assert driver.row["state"] == "stopped"
    assert "Its own switch ended it" in driver.row["error"]
    assert not driver.swarms.is_active


def test_its_own_time_being_over_needs_nobody(driver: Any, person: Any) -> None:
    started(driver, person)
    person.sign_out()
    driver.cluster.document |= {"state": "stopped", "users": 0, "rps": 0, "reason": "the duration is over"}
    driver.tick()
    assert (driver.row["state"], driver.row["error"]) == ("stopped", None)

    driver.swarms.adopt()  # its Job is still there for a while
    assert not driver.swarms.is_active


def test_a_turn_that_nobody_could_give_back_is_free_once_its_job_is_over(
    driver: Any, person: Any, somebody_else: Any
) -> None:
    swarm_id = started(driver, person)
    person.sign_out()
    driver.cluster.document |= {"state": "stopped", "users": 0, "rps": 0, "reason": "the duration is over"}
    driver.tick()
    with acting_as(somebody_else.credential), pytest.raises(Refused, match="active already, started by pia"):
        driver.start(by="sam")
    ends(driver, swarm_id)
    with acting_as(somebody_else.credential):
        driver.start(by="sam")

    assert driver.row["started_by"] == "sam"


def test_who_stops_one_that_was_taken_up_carries_it_from_then_on(driver: Any, person: Any, somebody_else: Any) -> None:
    started(driver, person)
    person.sign_out()
    driver.again().adopt()
    driver.tick()
    assert driver.row["state"] == "running"

    with acting_as(somebody_else.credential):
        driver.swarms.stop(by="sam")
    driver.tick(2)

    assert driver.row["state"] == "stopped"
    assert driver.cluster.objects == {}
    assert {by for method, path, by in driver.cluster.calls if method == "DELETE"} == {"sam"}


def test_a_stop_that_the_cluster_does_not_allow_this_person_is_done_by_the_switch(
    driver: Any, person: Any, somebody_else: Any
) -> None:
    swarm_id = started(driver, person)
    person.sign_out()
    driver.cluster.denies = {"sam"}
    with acting_as(somebody_else.credential):
        driver.swarms.stop(by="sam")
    asked, calls = len(driver.cluster.asked), len(driver.cluster.calls)
    driver.tick(30)
    assert driver.row["state"] == "stopping"
    assert "its own switch ends it" in driver.row["error"]
    assert len(driver.cluster.asked) == asked
    assert not [call for call in driver.cluster.calls[calls:] if changes(*call[:2])], "refused once is enough"

    ends(driver, swarm_id)
    driver.tick()
    assert driver.row["state"] == "stopped"


def test_a_stop_refused_to_one_is_carried_on_by_another_who_is_signed_in(
    driver: Any, person: Any, somebody_else: Any
) -> None:
    started(driver, person)
    driver.cluster.denies = {"sam"}
    with acting_as(somebody_else.credential):
        driver.swarms.stop(by="sam")
    driver.tick(2)

    assert driver.row["state"] == "stopped"
    assert ("DELETE", "pia") in {(method, by) for method, _, by in driver.cluster.calls}


def test_signed_out_in_the_middle_of_a_stop_the_masters_own_end_is_still_seen(driver: Any, person: Any) -> None:
    started(driver, person)
    driver.cluster.ignores_stop = True
    with acting_as(person.credential):
        driver.swarms.stop(by=person.name)
    driver.cluster.document |= {"state": "stopping", "users": 3}
    person.sign_out()
    driver.tick(3)
    assert (driver.row["state"], driver.row["users"]) == ("stopping", 3)

    driver.cluster.document |= {"state": "stopped", "users": 0, "rps": 0, "requests": 400}
    driver.tick()
    assert (driver.row["state"], driver.row["requests"]) == ("stopped", 400)


def test_one_whose_secret_may_not_be_read_is_shown_and_not_kept_alive(driver: Any, person: Any) -> None:
    swarm_id = started(driver, person)
    driver.cluster.hides_secrets = True
    driver.again().adopt()
    asked = len(driver.cluster.asked)
    driver.tick(3)

    assert driver.row["id"] == swarm_id
    assert "needs get secrets" in driver.row["error"]
    assert "in namespace load" in driver.row["error"]
    assert len(driver.cluster.asked) == asked
    assert sum("/secrets/" in path for _, path, _ in driver.cluster.calls) == 1, "refused once is enough"

    with acting_as(person.credential):
        driver.swarms.stop(by=person.name)  # who may read it tells the master
    assert driver.cluster.asked[-1] == ("POST", "/stop")
    driver.cluster.pods = []
    driver.tick()
    assert driver.row["state"] == "stopped"
    assert driver.cluster.objects == {}


def test_one_that_is_found_in_a_persons_request_is_read_as_ourselves_for_everybody(driver: Any, person: Any) -> None:
    started(driver, person)
    driver.again()
    begun = len(driver.cluster.calls)
    with acting_as(person.credential), pytest.raises(Refused, match="active already"):
        driver.starting.plan(SwarmRequest(), by=person.name, session="s")

    found = {(path.rpartition("/")[0].rpartition("/")[2], by) for _, path, by in driver.cluster.calls[begun:]}
    assert ("secrets", None) in found
    assert ("secrets", "pia") not in found


def test_whoever_signed_out_before_it_was_created_is_told_to_sign_in(driver: Any, person: Any) -> None:
    with acting_as(person.credential):
        plan = driver.starting.plan(SwarmRequest(), by=person.name, session="s")
        person.sign_out()
        with pytest.raises(Refused) as refused:
            driver.starting.start(plan.nonce, by=person.name, session="s")

    assert refused.value.status == 401
    assert "pia is no longer signed in" in refused.value.sentence
    assert driver.cluster.objects == {}


def test_all_that_is_created_ends_with_the_masters_job(driver: Any, person: Any) -> None:
    swarm_id = started(driver, person)

    owners = {
        path.rpartition("/")[2]: [each["name"] for each in made["metadata"].get("ownerReferences", [])]
        for path, made in driver.cluster.objects.items()
    }
    master = f"swarm-{swarm_id}-master"
    assert owners == {master: [], f"swarm-{swarm_id}": [master], f"swarm-{swarm_id}-worker": [master]}
