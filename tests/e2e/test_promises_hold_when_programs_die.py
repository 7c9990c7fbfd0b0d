"""kill -9 where it hurts: of the dashboard while it deploys and while it loads, of the primary mongod under writes."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pymongo
import pytest

pytestmark = pytest.mark.cluster

STOP_VERIFIED_S = 5
DEAD_MAN_S = 30


@pytest.fixture
def dashboard(lab: Any) -> Iterator[Any]:
    """A dashboard on the deployed stack."""
    made = lab.dashboard()
    assert made.deploy()["state"] == "done"
    yield made
    if made.process.poll() is None:
        made.close()


def secrets(lab: Any) -> dict[str, Any]:
    return {each["metadata"]["name"]: each["data"] for each in lab.objects("secrets")}


def test_a_deploy_cut_off_by_kill_minus_nine_is_completed_with_the_same_secrets(lab: Any) -> None:
    first = lab.dashboard()
    first.post("/deploy", bundle=["metrics-server", "mongodb", "flask", "load"])
    first.until(lambda: first.row("deploy")["bundle"] == "mongodb", seconds=60, what="mongodb's turn")
    first.until(lambda: "mongo" in secrets(lab), seconds=60, what="its Secret")
    first.kill()
    before = secrets(lab)

    second = lab.dashboard()
    row = second.deploy()
    second.close()

    assert (row["state"], row["error"]) == ("done", None)
    assert {step["result"] for step in row["steps"]} <= {"created", "unchanged", "ready"}
    assert {name: secrets(lab)[name] for name in before} == before


def test_a_second_deploy_sends_nothing_and_leaves_the_replicas_alone(lab: Any, dashboard: Any) -> None:
    kinds = "configmaps,secrets,services,statefulsets,networkpolicies,limitranges,serviceaccounts"
    lab.kubectl("-n", "flask", "scale", "deployment/guestbook", "--replicas=2")
    lab.kubectl("-n", "flask", "rollout", "status", "deployment/guestbook", "--timeout=60s")

    def versions() -> dict[str, str]:
        return {each["metadata"]["uid"]: each["metadata"]["resourceVersion"] for each in lab.objects(kinds)}

    before = versions()
    row = dashboard.deploy()

    assert {step["result"] for step in row["steps"]} == {"unchanged", "ready"}
    assert versions() == before
    assert lab.kubectl("-n", "flask", "get", "deployment/guestbook", "-o", "jsonpath={.spec.replicas}") == "2"


def test_two_starts_at_once_make_one_swarm_and_its_stop_is_verified(lab: Any, dashboard: Any) -> None:
    answers: list[int] = []
    form = {"users": 20, "spawn_rate": 20, "duration_s": 60}
    nonces = [dashboard.plan_swarm(**form) for _ in "123"]
    starts = [threading.Thread(target=lambda each=each: answers.append(dashboard.confirm(each))) for each in nonces]
    for each in starts:
        each.start()
    for each in starts:
        each.join()
    assert sorted(answers) == [200, 409, 409]
    dashboard.until_loading(20)

    assert dashboard.post("/swarm/stop") == 200

    def is_over() -> bool:
        row = dashboard.row("swarm")
        return (row["state"], row["users"], row["rps"]) == ("stopped", 0, 0.0)

    assert dashboard.until(is_over, seconds=20, what="stopped") < STOP_VERIFIED_S


def test_the_next_dashboard_takes_the_swarm_up_and_without_one_it_ends(lab: Any, dashboard: Any) -> None:
    dashboard.start_swarm()
    dashboard.kill()
    following = lab.dashboard()
    following.until_loading(20)
    assert following.row("swarm")["target"] == "guestbook"
    assert following.plan_swarm(users=1, spawn_rate=1, duration_s=10) is None

    # The workers carry the load users and end with them; the master lingers a while, to be asked how it went.
    workers = lab.programs("swarm.worker")
    assert workers
    following.kill()

    _, left = psutil.wait_procs(workers, timeout=DEAD_MAN_S)
    assert left == []


@contextmanager
def confirmed_entries(dashboard: Any) -> Iterator[list[str]]:
    """The ids of entries that four writers get confirmed for as long as the block runs."""
    app = dashboard.app()
    confirmed: list[str] = []
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            entry = dashboard.write_entry(app, "written through a failover")
            confirmed.extend([entry] if entry else [])

    writers = [threading.Thread(target=write) for _ in range(4)]
    for each in writers:
        each.start()
    try:
        yield confirmed
    finally:
        over.set()
        for each in writers:
            each.join()


def test_no_confirmed_entry_is_lost_when_the_primary_is_killed(lab: Any, dashboard: Any) -> None:
    primary = known_primary(dashboard)
    with confirmed_entries(dashboard) as confirmed:
        dashboard.until(lambda: len(confirmed) > 20, seconds=60, what="entries")
        (mongod,) = lab.programs(address_of(lab, primary))
        mongod.kill()
        seen = len(confirmed)
        dashboard.until(lambda: known_primary(dashboard) != primary, seconds=30, what="another primary on the page")
        dashboard.until(lambda: len(confirmed) > seen + 20, seconds=60, what="entries after it")

    assert set(confirmed) <= stored(lab, known_primary(dashboard))
    assert any(row["kind"] == "failover" for row in dashboard.rows("story"))
    lab.kubectl("-n", "mongodb", "wait", f"pod/{primary}", "--for=condition=Ready", "--timeout=90s")
    dashboard.until(lambda: roles(dashboard).get(primary) == "secondary", seconds=30, what="the killed member is back")


def test_torn_down_and_deployed_again_the_database_has_its_data(lab: Any, dashboard: Any) -> None:
    entry = dashboard.write_entry(dashboard.app(), "written before the teardown")
    assert entry
    before = secrets(lab)
    assert dashboard.post("/teardown", bundle="mongodb", confirm="mongodb") == 200
    assert dashboard.until_deployed()["state"] == "done"
    assert lab.kubectl("-n", "mongodb", "get", "pods", "-o", "name") == ""

    assert dashboard.deploy()["state"] == "done"

    assert secrets(lab) == before
    assert entry in stored(lab, known_primary(dashboard))


def roles(dashboard: Any) -> dict[str, str | None]:
    return {row["name"]: row["role"] for row in dashboard.rows("pods")}


def known_primary(dashboard: Any) -> str:
    """The primary as the page tells it; waits until it tells one."""
    dashboard.until(lambda: "primary" in roles(dashboard).values(), seconds=60, what="a primary")
    return next(name for name, role in roles(dashboard).items() if role == "primary")


def address_of(lab: Any, pod: str) -> str:
    address: str = lab.kubectl("-n", "mongodb", "get", "pod", pod, "-o", "jsonpath={.status.podIP}")
    return address


def stored(lab: Any, primary: str) -> set[str]:
    """The ids of all entries, read past the app."""
    address = address_of(lab, primary)
    password = base64.b64decode(secrets(lab)["mongo"]["app-password"]).decode()
    with pymongo.MongoClient(
        address, username="guestbook", password=password, authSource="guestbook", directConnection=True
    ) as client:
        return {str(each["_id"]) for each in client["guestbook"]["entries"].find({}, {"_id": 1})}
