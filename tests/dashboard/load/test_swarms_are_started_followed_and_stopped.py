"""A swarm's life: created with its token, followed, stopped for certain, removed."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.load.request import SwarmRequest
from dashboard.load.swarms import SILENCE_S, START_DEADLINE_S, STOP_DEADLINE_S

JOBS = "/apis/batch/v1/namespaces/load/jobs"


def test_a_start_creates_secret_master_and_workers_with_the_settings(driver: Any) -> None:
    swarm_id = driver.start(SwarmRequest(users=60, workers=2, duration_s=120))

    kinds = [each["kind"] for each in driver.cluster.objects.values()]
    jobs = "/apis/batch/v1/namespaces/load/jobs"
    master = driver.cluster.objects[f"{jobs}/swarm-{swarm_id}-master"]
    env = master["spec"]["template"]["spec"]["containers"][0]["env"]
    secret = driver.cluster.objects[f"/api/v1/namespaces/load/secrets/swarm-{swarm_id}"]
    assert kinds == ["Job", "Secret", "Job"]
    assert secret["metadata"]["ownerReferences"][0]["uid"] == f"uid-swarm-{swarm_id}-master"
    assert env[0] == {"name": "SWARM_USERS", "value": "60"}
    assert env[1]["value"] == "http://guestbook.flask.svc.cluster.local:8080"
    assert env[2]["valueFrom"]["secretKeyRef"]["name"] == f"swarm-{swarm_id}"
    assert master["spec"]["activeDeadlineSeconds"] == 180
    assert driver.cluster.objects[f"{jobs}/swarm-{swarm_id}-worker"]["spec"]["parallelism"] == 2
    assert driver.row["state"] == "starting"


def test_a_second_swarm_is_refused_while_one_is_active(driver: Any) -> None:
    driver.start()

    with pytest.raises(Refused, match="active already"):
        driver.start()
    assert len(driver.cluster.objects) == 3


def test_its_figures_are_followed_every_tick(driver: Any) -> None:
    driver.start()
    driver.tick()
    assert driver.row["state"] == "starting"

    driver.cluster.running(users=20)
    driver.tick()

    assert (driver.row["state"], driver.row["users"], driver.row["rps"]) == ("running", 20, 80.0)


def test_stop_counts_only_when_users_and_rate_are_zero(driver: Any) -> None:
    driver.start()
    driver.cluster.running()
    driver.tick()
    driver.cluster.ignores_stop = True
    driver.swarms.stop(by="operator")
    driver.tick()
    assert driver.row["state"] == "stopping"

    driver.cluster.ignores_stop = False
    driver.tick(2)

    assert (driver.row["state"], driver.row["users"], driver.row["rps"]) == ("stopped", 0, 0.0)
    assert driver.row["p95_ms"] is None
    assert driver.cluster.objects == {}


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("the duration is over", "Swarm ended after its time"),
        ("stopped on request", "Swarm ended: stopped on request"),
        ("the ceiling is found", "Swarm ended: the ceiling is found"),
    ],
)
def test_an_end_that_was_not_asked_for_here_is_told_with_its_reason(driver: Any, reason: str, told: str) -> None:
    driver.start()
    driver.cluster.running()
    driver.tick()
    driver.cluster.document = {**driver.cluster.document, "state": "stopped", "users": 0, "rps": 0, "reason": reason}
    driver.tick()

    assert driver.row["state"] == "stopped"
    assert driver.story[-1][1] == told


def test_a_deaf_master_is_deleted_and_its_pods_waited_for(driver: Any) -> None:
    driver.start()
    driver.cluster.running()
    driver.tick()
    driver.cluster.ignores_stop = True
    driver.swarms.stop(by="operator")
    driver.tick(STOP_DEADLINE_S + 1)
    assert driver.cluster.objects == {}
    assert driver.row["state"] == "stopping"

    driver.cluster.pods = []
    driver.tick()

    assert driver.row["state"] == "stopped"
    assert "deleted" in driver.row["error"]


def test_a_silent_master_leaves_unknown_figures_then_counts_as_lost(driver: Any) -> None:
    driver.start()
    driver.cluster.running()
    driver.tick()
    driver.cluster.document = None
    driver.tick()
    assert driver.row["users"] is None

    driver.tick(SILENCE_S + 1)
    driver.cluster.pods = []
    driver.tick()

    assert driver.row["state"] == "failed"
    assert "has not answered" in driver.row["error"]


def test_a_stop_before_the_master_answers_deletes_the_pods_and_waits_for_their_end(driver: Any) -> None:
    driver.start()
    driver.swarms.stop(by="operator")
    driver.tick()
    assert driver.cluster.objects == {}
    assert (driver.row["state"], driver.row["users"]) == ("stopping", 0)

    driver.cluster.running()  # a master that came up just now is heard no more
    driver.tick()
    assert driver.row["state"] == "stopping"
    driver.cluster.pods = []
    driver.tick()

    assert (driver.row["state"], driver.row["error"]) == ("stopped", None)


def test_what_could_not_be_deleted_while_the_cluster_was_away_is_deleted_later(driver: Any) -> None:
    driver.start()
    driver.cluster.keeps = True
    driver.swarms.stop(by="operator")
    driver.tick()
    assert driver.cluster.objects
    driver.cluster.keeps = False
    driver.tick()
    assert driver.cluster.objects == {}
    driver.cluster.pods = []
    driver.tick()
    assert driver.row["state"] == "stopped"


def test_a_master_whose_job_has_failed_is_not_waited_for(driver: Any) -> None:
    swarm_id = driver.start()
    driver.cluster.running()
    driver.tick()
    driver.cluster.document = None
    driver.cluster.objects[f"{JOBS}/swarm-{swarm_id}-master"]["status"] = {
        "conditions": [{"type": "Failed", "status": "True"}]
    }
    driver.cluster.pods = []
    driver.tick(5)

    assert driver.row["state"] == "failed"
    assert "pod has ended" in driver.row["error"]
    assert driver.cluster.objects == {}


@pytest.mark.parametrize(
    ("state", "reason", "error", "told"),
    [
        ("stopped", "the duration is over", None, "Swarm ended after its time"),
        ("stopped", "stopped on request", None, "Swarm ended: stopped on request"),
        ("failed", "all workers are gone", "all workers are gone", "Swarm ended: all workers are gone"),
    ],
)
def test_two_dashboards_tell_the_same_end_though_one_alone_heard_it(
    driver: Any, another: Any, state: str, reason: str, error: str | None, told: str
) -> None:
    """Who hears it first removes the swarm at once; the other finds neither master nor Job."""
    driver.start()
    driver.cluster.running()
    driver.tick()
    another.swarms.adopt()
    another.tick()
    over = {**driver.cluster.document, "state": state, "users": 0, "rps": 0, "reason": reason}
    driver.cluster.document = over
    driver.tick()
    driver.cluster.document, driver.cluster.pods = None, []
    another.tick(5)

    for each in (driver, another):
        assert (each.row["state"], each.row["error"]) == (state, error)
        assert each.story[-1][1] == told


def test_a_stop_asked_for_here_that_another_dashboard_saw_through_is_over_at_once(driver: Any, another: Any) -> None:
    driver.start()
    driver.cluster.running()
    driver.tick()
    another.swarms.adopt()
    another.tick()
    another.swarms.stop(by="somebody")
    driver.tick()
    driver.cluster.document, driver.cluster.pods = None, []
    another.tick(5)

    assert (driver.row["state"], another.row["state"], another.row["error"]) == ("stopped", "stopped", None)


@pytest.mark.parametrize("first", ["driver", "another"])
def test_why_one_dashboard_stopped_it_for_harm_is_known_to_the_other(driver: Any, another: Any, first: str) -> None:
    driver.start()
    driver.cluster.running()
    driver.tick()
    another.swarms.adopt()
    another.tick()
    driver.cluster.ignores_stop = True
    driver.cluster.document |= {"failed_percent": 90.0}
    driver.tick(32)
    assert driver.row["state"] == "stopping"
    over = {"state": "stopped", "users": 0, "rps": 0, "reason": "stopped on request", "failed_percent": None}
    driver.cluster.document |= over
    for each in (driver, another) if first == "driver" else (another, driver):
        each.tick()

    for each in (driver, another):
        assert each.row["state"] == "stopped"
        assert "requests failed for 30 s" in each.row["error"]


def test_how_an_earlier_swarm_ended_says_nothing_of_this_one(driver: Any) -> None:
    for _ in range(2):
        driver.start()
        driver.cluster.running()
        driver.tick()
        driver.swarms.stop(by="operator")
        driver.tick()
    driver.start()
    driver.cluster.running()
    driver.tick()
    driver.cluster.document = None
    driver.tick(4)
    assert driver.row["state"] == "running"


@pytest.mark.parametrize(
    ("absent", "sentence"),
    [
        ("flask/services/guestbook", r"no Service guestbook in namespace flask .* Deploy the bundle flask first"),
        ("load/services/swarm", r"no Service swarm in namespace load .* Deploy the bundle load first"),
    ],
)
def test_what_it_needs_and_is_absent_is_told_with_what_to_do(driver: Any, absent: str, sentence: str) -> None:
    del driver.cluster.around[f"/api/v1/namespaces/{absent}"]

    with pytest.raises(Refused, match=sentence):
        driver.start()
    assert driver.cluster.objects == {}


def test_a_master_that_never_starts_is_given_up(driver: Any) -> None:
    driver.cluster.pods = []
    driver.start()

    driver.tick(START_DEADLINE_S + 2)

    assert driver.row["state"] == "failed"
    assert "did not start" in driver.row["error"]


def test_a_new_process_takes_up_the_running_swarm_with_its_token(driver: Any) -> None:
    swarm_id = driver.start()
    driver.cluster.objects[f"/apis/batch/v1/namespaces/load/jobs/swarm-{swarm_id}-master"]["status"] = {"active": 1}
    driver.cluster.running()
    driver.tick()

    driver.again().adopt()
    driver.tick()

    assert driver.row["id"] == swarm_id
    assert driver.row["state"] == "running"
    assert (driver.row["started_by"], driver.row["target"]) == ("operator", "guestbook")
    assert len(driver.cluster.tokens) == 1


def test_a_swarm_of_another_process_counts_as_active(driver: Any) -> None:
    driver.start()

    driver.again()
    with pytest.raises(Refused, match="active already"):
        driver.start()


@pytest.mark.parametrize(
    "asked",
    [
        {"users": 0},
        {"users": 501},
        {"spawn_rate": 51},
        {"duration_s": 901},
        {"workers": 51},
        {"profile": "cannon"},
        {"p95_limit_ms": 0},
        {"failed_limit_percent": float("nan")},
        {"failed_limit_percent": 51.0},
        {"scenario": "../etc/passwd"},
        {"scenario": ""},
        {"note": "x" * 201},
        {"note": "two\nlines"},
    ],
)  # fmt: skip
def test_what_passes_a_ceiling_is_refused_not_clamped(asked: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        SwarmRequest(**asked)


@pytest.mark.parametrize(("users", "rate"), [(501, 10), (0, 10), (10, 51), (10, 0), (10, float("nan"))])
def test_a_running_swarm_is_changed_past_no_ceiling_either(driver: Any, users: int, rate: float) -> None:
    driver.start()
    driver.cluster.running()
    driver.tick()
    with pytest.raises(Refused, match="allowed are"):
        driver.swarms.set_users(users, rate, by="operator")


def test_only_named_targets_are_aimed_at(driver: Any) -> None:
    with pytest.raises(Refused, match="no target"):
        driver.start(SwarmRequest(target="elsewhere"))
    assert driver.cluster.objects == {}
