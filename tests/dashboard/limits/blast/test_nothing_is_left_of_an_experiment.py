"""A dashboard that dies in the middle of an experiment leaves nothing for ever: another takes it up, or removes it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.limits.blast.adoption import BEGINNING_S
from dashboard.limits.blast.experiment import ELSEWHERE, START_S, UNREAD, YIELD_S
from dashboard.limits.blast.following import TAKEN_UP
from dashboard.limits.blast.taking_up import SWEEP_EVERY_S
from dashboard.load.turn import PATH

Driver = Any
ROOT = "/api/v1/namespaces/load"
FOREVER = ("/secrets/", "/services/", "/networkpolicies/")
JOBS = "/apis/batch/v1/namespaces/load/jobs"
SECRETS = f"{ROOT}/secrets"


class Died(BaseException):
    """A `kill -9`: nothing is done any more."""


@pytest.fixture
def restarted(driver: Driver, new_driver: Callable[..., Driver], tmp_path: Path) -> Callable[[], Driver]:
    """Another process on the same cluster, which knows nothing but what is there; the first one lives or not."""

    def begin() -> Driver:
        other = new_driver(driver.cluster, tmp_path)
        other.seconds = driver.seconds
        return other

    return begin


def blasts(driver: Driver) -> list[str]:
    return [path for path in driver.cluster.objects if "blast-" in path]


def holder(driver: Driver) -> Any:
    return driver.cluster.objects[PATH]["spec"]["holderIdentity"]


@pytest.mark.parametrize("made", range(1, 7))
def test_whenever_it_dies_at_the_beginning_whatever_is_there_goes_with_a_job_that_ends(
    driver: Driver, made: int
) -> None:
    create, count = driver.cluster.create, iter(range(100))

    def dying(path: str, body: Any) -> Any:
        found = create(path, body)
        if "blast-" in body["metadata"]["name"] and next(count) + 1 == made:
            raise Died
        return found

    def dead(path: str) -> None:
        raise Died

    driver.cluster.create, driver.cluster.delete = dying, dead
    with pytest.raises(Died):
        driver.start()
    there = [driver.cluster.objects[path] for path in blasts(driver)]
    assert len(there) == made
    job, *others = there
    assert (job["kind"], job["spec"]["activeDeadlineSeconds"]) == ("Job", 180)
    assert job["spec"]["ttlSecondsAfterFinished"] == 60
    assert not job["spec"].get("suspend")
    assert all(each["metadata"]["ownerReferences"][0]["uid"] == job["metadata"]["uid"] for each in others)


def test_nothing_runs_before_what_it_reads_and_what_fences_it_in_is_there(driver: Driver) -> None:
    driver.start()
    made = [driver.cluster.objects[path] for path in blasts(driver)]
    running = [each["kind"] == "Job" and each["spec"]["parallelism"] > 0 for each in made]
    assert running == [False, False, False, False, True, True]


def test_another_process_takes_it_up_with_its_whole_record(
    driver: Driver, restarted: Callable[[], Driver], shared_record: dict[str, Any]
) -> None:
    blast_id = driver.start("shared")
    driver.cluster.document = {**shared_record, "phase": "leaking"}
    driver.tick()
    other = restarted()
    assert other.tick()["id"] == blast_id
    row = other.tick()
    assert (row["state"], row["variant"], row["by"]) == ("running", "shared", "operator")
    assert row["bound"] == "256Mi, set by LimitRange load of the namespace, for the manifest sets none"
    assert row["phase"] == f"{TAKEN_UP}; it leaks"
    assert row["started_at"] == "2026-11-23T10:33:20Z"
    assert row["parties"][0]["asked"] > 50
    assert len(driver.cluster.tokens) == 1
    assert any("was found in the cluster and is followed here" in each for each in other.story)
    with pytest.raises(Refused, match="running already, started by operator"):
        other.start()
    driver.cluster.document = shared_record
    assert other.tick()["state"] == "running"
    assert other.tick(after=YIELD_S)["state"] == "cleaning"
    assert other.tick()["state"] == "done"
    assert other.kept["shared"]["id"] == blast_id
    assert blasts(driver) == []
    assert holder(driver) is None


def test_it_is_stopped_by_whoever_took_it_up(
    driver: Driver, restarted: Callable[[], Driver], shared_record: dict[str, Any]
) -> None:
    driver.start()
    driver.cluster.document = {**shared_record, "phase": "leaking"}
    driver.tick()
    other = restarted()
    other.tick()
    other.starting.stop(by="somebody")
    assert ("POST", "/stop") in driver.cluster.asked
    assert other.tick()["reason"] == "stopped by somebody"
    assert blasts(driver) == []
    assert holder(driver) is None
    assert driver.tick()["state"] == "cleaning"
    assert driver.tick()["reason"] == ELSEWHERE


def test_one_that_ended_by_itself_meanwhile_is_told_and_removed(
    driver: Driver, restarted: Callable[[], Driver]
) -> None:
    driver.start()
    status = {"name": "prober", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
    driver.cluster.pods[0]["status"] = {"phase": "Succeeded", "containerStatuses": [status]}
    other = restarted()
    other.tick(after=40)
    other.tick()
    row = other.tick()
    assert (row["state"], row["reason"]) == ("failed", UNREAD)
    assert other.kept == {}
    assert blasts(driver) == []
    assert holder(driver) is None
    assert other.record()[-1] == ("blast end", "failed")


def test_one_whose_job_has_ended_and_whose_pods_are_gone_is_told_and_removed_once(
    driver: Driver, restarted: Callable[[], Driver]
) -> None:
    blast_id = driver.start()
    job = driver.cluster.objects[f"{JOBS}/blast-{blast_id}-watch"]
    job["status"] = {"conditions": [{"type": "Failed", "status": "True", "reason": "DeadlineExceeded"}]}
    driver.cluster.pods = []
    whole = dict(driver.cluster.objects)
    other = restarted()
    other.tick(after=200)
    other.tick()
    assert other.tick()["reason"] == UNREAD
    assert blasts(driver) == []
    driver.cluster.objects |= whole  # the cluster still tells of it
    assert other.tick(after=5)["state"] == "failed"
    assert other.record().count(("blast end", "failed")) == 1


def test_two_that_follow_it_tell_its_end_once(
    driver: Driver, restarted: Callable[[], Driver], shared_record: dict[str, Any]
) -> None:
    driver.start("shared")
    driver.cluster.document = {**shared_record, "phase": "leaking"}
    driver.tick()
    other = restarted()
    other.tick()
    other.tick()
    driver.cluster.document = shared_record
    assert other.tick()["state"] == "running"
    driver.tick()
    assert driver.tick()["state"] == "done"
    row = other.tick()
    assert row["state"] == "done"
    assert [each["reason"] for each in driver.cluster.events] == ["BlastRadiusStarted", "BlastRadiusEnded"]
    assert driver.record().count(("blast end", "done")) == 1
    assert other.kept["shared"]["id"] == driver.kept["shared"]["id"]


def test_a_beginning_of_somebody_else_is_waited_for(driver: Driver, restarted: Callable[[], Driver]) -> None:
    blast_id = driver.start()
    whole = dict(driver.cluster.objects)
    driver.cluster.objects.pop(f"{SECRETS}/blast-{blast_id}")
    other = restarted()
    assert other.tick()["state"] == "none"
    assert blasts(driver)
    driver.cluster.objects |= whole
    assert other.tick(after=5)["state"] == "starting"
    assert other.tick(after=START_S)["state"] == "cleaning"


def test_where_its_token_may_not_be_read_it_is_shown_and_nothing_is_asked(
    driver: Driver, restarted: Callable[[], Driver]
) -> None:
    blast_id = driver.start()
    driver.cluster.denied.add(f"{SECRETS}/blast-{blast_id}")
    driver.cluster.asked.clear()
    other = restarted()
    other.tick()
    row = other.tick(after=START_S + 1)
    assert row["state"] == "running"
    assert "its record cannot be read here, which needs " in row["phase"]
    assert driver.cluster.asked == []
    driver.cluster.pods = []
    assert other.tick()["state"] == "stopped"


def test_what_an_older_dashboard_left_without_its_job_is_removed_once_it_is_old(
    driver: Driver, restarted: Callable[[], Driver]
) -> None:
    blast_id = driver.start()
    left = {
        path: copy.deepcopy(each) for path, each in driver.cluster.objects.items() if any(f in path for f in FOREVER)
    }
    driver.starting.stop(by="operator")
    driver.tick()
    driver.cluster.objects |= left
    other = restarted()
    other.tick()
    assert len(blasts(driver)) == 3
    other.tick(after=max(BEGINNING_S, SWEEP_EVERY_S) + 1)
    assert blasts(driver) == []
    assert any(f"secrets blast-{blast_id}" in each for each in other.story)


def test_what_belongs_to_a_running_one_or_to_somebody_else_is_never_removed(
    driver: Driver, restarted: Callable[[], Driver]
) -> None:
    driver.start()
    driver.cluster.objects[f"{SECRETS}/mine"] = {
        "metadata": {"name": "mine", "creationTimestamp": "2026-11-01T00:00:00Z"}
    }
    driver.cluster.denied.add(f"{SECRETS}/none")
    before = set(driver.cluster.objects)
    other = restarted()
    other.taking_up.is_there = lambda: False
    other.tick(after=BEGINNING_S * 3)
    assert set(driver.cluster.objects) == before


def test_an_experiment_that_was_cut_short_is_no_result(driver: Driver, shared_record: dict[str, Any]) -> None:
    driver.start("shared")
    driver.cluster.document = {**shared_record, "reason": "it was stopped"}
    driver.tick()
    row = driver.tick()
    assert (row["state"], row["lesson"]) == ("stopped", "")
    assert driver.kept == {}
