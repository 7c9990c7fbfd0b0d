"""Blast radius is guarded like load: two steps, one at a time, bounds in the cluster, a stop, a record, a clean end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.confirming import VALID_S
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.limits.blast.experiment import REMOVE_EVERY_S, SILENCE_S, START_S
from dashboard.load.turn import PATH, SWARM, Turn

RANGES, QUOTAS = "/api/v1/namespaces/load/limitranges/load", "/api/v1/namespaces/load/resourcequotas/load"
JOBS = "/apis/batch/v1/namespaces/load/jobs/"
Driver = Any


def refused(what: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as caught:
        what()
    return caught.value


def plan(driver: Driver, variant: str = "own") -> Any:
    return driver.starting.plan(variant, by="operator", session="s")


def test_a_plan_says_what_bounds_the_leak_and_creates_nothing(driver: Driver) -> None:
    before = dict(driver.cluster.objects)
    own, shared = plan(driver).document(), plan(driver, "shared").document()
    assert own["bound"] == "96Mi, set by its own manifest"
    assert shared["bound"] == "256Mi, set by LimitRange load of the namespace, for the manifest sets none"
    assert any("320 MiB at most" in each for each in own["ceilings"])
    assert [each.partition(" ")[0] for each in own["objects"]] == [
        "Job", "NetworkPolicy", "Service", "Secret", "Job", "Job", "Lease",
    ]  # fmt: skip
    assert driver.cluster.objects == before


def test_only_the_one_who_planned_starts_it_once_and_in_time(driver: Driver, new_driver: Callable[..., Driver]) -> None:
    nonce = plan(driver).nonce
    assert refused(lambda: driver.starting.start(nonce, by="x", session="another")).status == 409
    driver.starting.start(nonce, by="operator", session="s")
    driver.starting.start(nonce, by="operator", session="s")
    assert driver.record().count(("blast start", "started")) == 1
    late = new_driver(type(driver.cluster)(), driver.audit.path.parent)
    nonce = plan(late).nonce
    late.seconds += VALID_S + 1
    assert "not valid any more" in refused(lambda: late.starting.start(nonce, by="operator", session="s")).sentence


def test_everything_it_makes_has_bounds_and_goes_with_its_job(driver: Driver) -> None:
    blast_id = driver.start()
    made = {path: each for path, each in driver.cluster.objects.items() if blast_id in path}
    jobs = [each for path, each in made.items() if "/jobs/" in path]
    assert [each["spec"]["activeDeadlineSeconds"] for each in jobs] == [180, 180, 180]
    assert all(each["spec"]["ttlSecondsAfterFinished"] <= 60 for each in jobs)
    owner = made.pop(f"{JOBS}blast-{blast_id}")
    assert owner["spec"]["parallelism"] == 0
    assert [each["metadata"]["ownerReferences"][0]["uid"] for each in made.values()] == [owner["metadata"]["uid"]] * 5
    text = json.dumps(driver.rows) + json.dumps(driver.story) + driver.audit.path.read_text()
    secret = made[f"/api/v1/namespaces/load/secrets/blast-{blast_id}"]
    assert secret["data"]["token"] not in text


@pytest.mark.parametrize(
    ("break_it", "word"),
    [
        (lambda driver: driver.cluster.objects.pop(QUOTAS), "No ResourceQuota bounds"),
        (lambda driver: driver.cluster.objects.pop(RANGES), "No LimitRange"),
        (lambda driver: setattr(driver, "loaded", "A swarm is active already."), "A swarm is active"),
        (lambda driver: setattr(driver.cluster, "away", True), "cannot be asked"),
    ],
)
def test_it_is_refused_where_nothing_would_bound_it_or_somebody_else_would_be_hit(
    driver: Driver, break_it: Callable[[Driver], Any], word: str
) -> None:
    break_it(driver)
    assert word in refused(lambda: plan(driver, "shared")).sentence
    assert driver.record() == [("blast start", "refused")]


def test_a_node_short_of_memory_is_left_alone(driver: Driver) -> None:
    condition = {"type": "MemoryPressure", "status": "True"}
    driver.cluster.objects["/api/v1/nodes/one"] = {"metadata": {"name": "one"}, "status": {"conditions": [condition]}}
    assert "Node one is short of memory" in refused(lambda: plan(driver)).sentence


def test_a_full_quota_refuses_it_before_anything_is_made(driver: Driver) -> None:
    quota = driver.cluster.objects[QUOTAS]
    driver.cluster.objects[QUOTAS] = {**quota, "status": {"used": {"pods": "55", "limits.memory": "1Gi"}}}
    assert "has no room: pods 55 of 56" in refused(lambda: plan(driver)).sentence


def test_a_swarm_and_an_experiment_never_run_at_once(driver: Driver) -> None:
    driver.start()
    swarms = Turn(driver.cluster, driver.now, SWARM)
    assert "blast-radius experiment runs" in refused(lambda: swarms.take("k3v9", by="other")).sentence
    driver.experiment._running = None  # another dashboard, which follows none
    assert "blast-radius experiment runs" in refused(lambda: driver.start()).sentence


def test_its_starts_are_counted_by_themselves(driver: Driver) -> None:
    for _ in range(10):
        driver.start()
        driver.starting.stop(by="operator")
        driver.tick()
    assert refused(driver.start).status == 429
    Turn(driver.cluster, driver.now, SWARM).take("k3v9", by="other")


def test_what_the_cluster_refuses_leaves_nothing_behind_and_gives_the_turn_back(driver: Driver) -> None:
    driver.cluster.refuses = "Job"
    assert "could not be created" in refused(driver.start).sentence
    assert not [path for path in driver.cluster.objects if "blast-" in path]
    assert driver.cluster.objects[PATH]["spec"]["holderIdentity"] is None


def test_it_is_over_only_when_its_pods_are_gone(driver: Driver, shared_record: dict[str, Any]) -> None:
    blast_id = driver.start("shared")
    assert driver.tick()["state"] == "starting"
    driver.cluster.document = {**shared_record, "phase": "leaking"}
    assert driver.tick()["state"] == "running"
    driver.cluster.document = shared_record
    driver.cluster.keeps = True
    assert driver.tick()["state"] == "cleaning"
    assert driver.tick()["state"] == "cleaning"
    driver.cluster.keeps = False
    driver.tick(after=REMOVE_EVERY_S)
    assert driver.tick()["state"] == "done"
    assert not [path for path in driver.cluster.objects if f"blast-{blast_id}" in path]
    assert driver.kept["shared"]["id"] == blast_id
    assert driver.cluster.objects[PATH]["spec"]["holderIdentity"] is None
    assert driver.record()[-1] == ("blast end", "done")
    assert [each["reason"] for each in driver.cluster.events] == ["BlastRadiusStarted", "BlastRadiusEnded"]
    assert len(driver.story) == 2


def test_a_stop_removes_everything_and_keeps_no_result(driver: Driver, shared_record: dict[str, Any]) -> None:
    driver.start()
    driver.cluster.document = {**shared_record, "phase": "leaking"}
    driver.tick()
    driver.starting.stop(by="somebody")
    assert ("POST", "/stop") in driver.cluster.asked
    assert driver.tick()["state"] == "stopped"
    assert driver.rows["current"]["reason"] == "stopped by somebody"
    assert driver.kept == {}
    assert "No experiment" in refused(lambda: driver.starting.stop(by="somebody")).sentence


def test_a_node_that_gets_short_of_memory_stops_it(driver: Driver, shared_record: dict[str, Any]) -> None:
    driver.start()
    driver.cluster.document = {**shared_record, "phase": "leaking"}
    driver.tick()
    driver.pressed = ["one"]
    driver.tick(after=6)
    assert driver.tick()["reason"] == "a node is short of memory"


def test_pods_that_never_answer_and_a_prober_that_falls_silent_end_it(
    driver: Driver, shared_record: dict[str, Any]
) -> None:
    driver.start()
    driver.tick(after=START_S + 1)
    assert driver.tick()["state"] == "failed"
    driver.start()
    driver.cluster.document = {**shared_record, "phase": "leaking"}
    driver.tick()
    driver.cluster.document = None
    driver.tick(after=SILENCE_S + 1)
    assert "has not answered" in driver.tick()["reason"]


def test_pods_that_nobody_tells_of_are_not_gone(driver: Driver) -> None:
    driver.start()
    driver.starting.stop(by="operator")
    driver.cluster.away = True
    assert driver.tick()["state"] == "cleaning"
    driver.cluster.away = False
    assert driver.tick()["state"] == "stopped"


def test_a_stop_counts_though_its_end_is_seen_at_the_same_moment(driver: Driver, shared_record: dict[str, Any]) -> None:
    driver.start()
    driver.cluster.document = {**shared_record, "phase": "leaking"}
    driver.tick()
    asked = driver.cluster.proxy_pod

    def slow(*args: Any, **more: Any) -> Any:
        answer = asked(*args, **more)
        if args[4] == "POST":  # the prober is over now, and the next look comes before its objects are deleted
            driver.cluster.document, driver.cluster.proxy_pod = shared_record, asked
            driver.tick()
        return answer

    driver.cluster.proxy_pod = slow
    driver.starting.stop(by="somebody")
    assert driver.tick()["state"] == "stopped"
    assert driver.kept == {}


def test_what_was_made_though_the_answer_was_lost_is_removed_too(driver: Driver) -> None:
    create = driver.cluster.create

    def lost(path: str, body: Any) -> Any:
        made = create(path, body)
        if body["kind"] == "Job":
            raise errors.Unreachable("no answer")
        return made

    driver.cluster.create = lost
    assert "could not be created" in refused(driver.start).sentence
    assert not [path for path in driver.cluster.objects if "blast-" in path]


@pytest.mark.parametrize("document", [{"phase": "elsewhere"}, {"phase": "leaking", "probes": {"leaker": [["x"]]}}, []])
def test_what_is_no_record_is_not_taken_for_one(driver: Driver, document: Any) -> None:
    driver.start()
    driver.cluster.document = document
    assert driver.tick()["state"] == "starting"
    assert driver.tick(after=START_S + 1)["state"] == "cleaning"


def test_a_record_without_end_is_not_read_to_its_end(driver: Driver) -> None:
    driver.start()
    driver.cluster.document = {"phase": "leaking", "reason": "x" * 2_000_000}
    assert driver.tick()["state"] == "starting"


def test_there_are_two_variants_and_no_others(driver: Driver) -> None:
    assert "choose one of own, shared" in refused(lambda: plan(driver, "everything")).sentence


def test_another_cluster_knows_of_no_experiment(driver: Driver) -> None:
    driver.start()
    driver.experiment.forget()
    driver.cluster.objects.clear()
    assert driver.tick() == {"state": "none"}
