"""kill -9 where it hurts: of the dashboard while it deploys and while it loads, of the primary mongod under writes."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pymongo
import pytest

pytestmark = pytest.mark.cluster

DEAD_MAN_S = 90


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
    first.until(lambda: first.row("deploy")["bundle"] == "mongodb", seconds=180, what="mongodb's turn")
    first.until(lambda: "mongo" in secrets(lab), seconds=180, what="its Secret")
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
    lab.kubectl("-n", "flask", "rollout", "status", "deployment/guestbook", "--timeout=180s")

    def versions() -> dict[str, str]:
        return {each["metadata"]["uid"]: each["metadata"]["resourceVersion"] for each in lab.objects(kinds)}

    before = versions()
    row = dashboard.deploy()

    assert {step["result"] for step in row["steps"]} == {"unchanged", "ready"}
    assert versions() == before
    # Meanwhile the autoscaler may have scaled it back; the deploy has not.
    told = lab.kubectl("-n", "flask", "get", "deployment/guestbook", "-o", "json", "--show-managed-fields")
    owners = {
        each["manager"]
        for each in json.loads(told)["metadata"]["managedFields"]
        if "f:replicas" in each["fieldsV1"].get("f:spec", {})
    }
    assert owners
    assert "surgeboard" not in owners


def test_two_starts_at_once_make_one_swarm_and_its_stop_is_verified(lab: Any, dashboard: Any) -> None:
    form = {"users": 20, "spawn_rate": 20, "duration_s": 60}
    nonces = [dashboard.plan_swarm(**form) for _ in "123"]
    with ThreadPoolExecutor(len(nonces)) as at_once:
        answers = list(at_once.map(dashboard.confirm, nonces))
    assert sorted(answers) == [200, 409, 409]
    dashboard.until_loading(20)

    assert dashboard.post("/swarm/stop") == 200

    def is_over() -> bool:
        row = dashboard.row("swarm")
        return (row["state"], row["users"], row["rps"]) == ("stopped", 0, 0.0)

    dashboard.until(is_over, seconds=60, what="stopped")
    assert dashboard.row("swarm")["error"] is None  # its master has confirmed it
    assert dashboard.confirm(next(each for each, answer in zip(nonces, answers, strict=True) if answer == 200)) == 200
    assert lab.kubectl("-n", "load", "get", "jobs", "-o", "name") == ""


def test_cluster_and_record_know_who_started_what(lab: Any, dashboard: Any) -> None:
    dashboard.start_swarm(duration_s=60)
    dashboard.post("/swarm/stop")
    dashboard.until(lambda: dashboard.row("swarm")["state"] == "stopped", seconds=60, what="stopped")

    reasons = "jsonpath={range .items[*]}{.reason}:{.involvedObject.kind}/{.involvedObject.name} {end}"
    events = lab.kubectl("-n", "flask", "get", "events", "-o", reasons)
    assert "SwarmStarted:Service/guestbook" in events
    assert "SwarmStopped:Service/guestbook" in events
    assert lab.kubectl("-n", "load", "get", "lease", "swarm", "-o", "jsonpath={.spec.holderIdentity}") == ""
    path = lab.kubeconfig.parents[1] / "audit.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    actions = [
        (each["action"], each["outcome"], each["from"]) for each in lines if not each["action"].startswith("deploy")
    ]
    assert ("deploy end", "done") in [(each["action"], each["outcome"]) for each in lines]
    assert ("swarm start", "started", "127.0.0.1") in actions
    assert actions[-1] == ("swarm end", "stopped", None)
    assert lines[-1]["totals"]["requests"] > 0


def test_a_swarm_made_by_hand_is_bounded_by_the_cluster(lab: Any, dashboard: Any, tmp_path: Path) -> None:
    """The ceilings of the page bind nobody who has rights in the namespace; its quota does."""
    del dashboard
    file = tmp_path / "pod.json"

    def create(name: str, cpu: str) -> str:
        file.write_text(json.dumps(a_pod(name, cpu)))
        try:
            return lab.kubectl("create", "-f", str(file))
        except subprocess.CalledProcessError as error:
            return str(error.stderr)

    assert "maximum cpu usage per Container is 1" in create("huge", "2")
    answers = [create(f"cannon-{index}", "1") for index in range(8)]
    lab.kubectl("-n", "load", "delete", "pods", "-l", "app=cannon", "--grace-period=0", "--force")
    assert "created" in answers[0]
    assert "exceeded quota: load" in answers[-1]


def a_pod(name: str, cpu: str) -> dict[str, Any]:
    """One that is allowed in everything but its size, and that no node takes."""
    container = {
        "name": "worker", "image": "ghcr.io/surgeboard/dashboard:0.1.0", "command": ["python", "-m", "swarm.worker"],
        "resources": {each: {"cpu": cpu, "memory": "64Mi"} for each in ("requests", "limits")},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }  # fmt: skip
    security = {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"nodeSelector": {"no": "where"}, "securityContext": security, "containers": [container]}
    metadata = {"name": name, "namespace": "load", "labels": {"app": "cannon"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def test_the_next_dashboard_takes_the_swarm_up_and_without_one_it_ends(lab: Any, dashboard: Any) -> None:
    following = lab.dashboard()  # before: how long it takes to start is the machine's affair
    dashboard.start_swarm()
    dashboard.kill()
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
        dashboard.until(lambda: len(confirmed) > 20, seconds=120, what="entries")
        seen, address = len(confirmed), address_of(lab, primary)
        assert lab.programs(address)

        def another() -> bool:
            """What is killed comes again, and where the others are slow it would be chosen again."""
            killed(lab.programs(address))
            return told_primary(dashboard) not in (None, primary)

        dashboard.until(another, seconds=120, what="another primary on the page")
        dashboard.until(lambda: len(confirmed) > seen + 20, seconds=120, what="entries after it")

    # The page may tell of a primary that has just lost its office; what is lost comes back from nobody.
    def all_there() -> bool:
        with suppress(pymongo.errors.PyMongoError):
            return set(confirmed) <= stored(lab, known_primary(dashboard))
        return False

    dashboard.until(all_there, seconds=120, what="each confirmed entry")
    dashboard.until(
        lambda: any(row["kind"] == "failover" for row in dashboard.rows("story")), seconds=60, what="the story of it"
    )
    lab.kubectl("-n", "mongodb", "wait", f"pod/{primary}", "--for=condition=Ready", "--timeout=120s")
    dashboard.until(lambda: roles(dashboard).get(primary) == "secondary", seconds=120, what="the killed member is back")


def test_the_page_kills_the_primary_measures_the_outage_and_misses_no_confirmed_write(lab: Any, dashboard: Any) -> None:
    primary, uids = known_primary(dashboard), {row["name"]: row["uid"] for row in dashboard.rows("pods")}
    may_kill = {"why_no_kill": None}
    dashboard.until(lambda: may_kill.items() <= dashboard.row("data", "set").items(), seconds=60, what="a spare member")

    assert dashboard.post("/data/kill-primary", nonce=dashboard.plan_kill()) == 200
    dashboard.until(lambda: not dashboard.row("data", "kill")["active"], seconds=180, what="the kill is over")

    row = dashboard.row("data", "kill")
    assert (row["state"], row["error"], row["pod"]) == ("done", None, primary)
    assert row["verdict"]["lost"] == 0
    assert row["verdict"]["checked"] == row["counts"]["confirmed"] > 20
    assert row["outage_ms"] > 0
    assert row["elected_ms"] < row["back_ms"]
    members = {each["name"]: each for each in dashboard.rows("members")}
    assert members[primary]["uid"] != uids[primary]
    assert len([each for each in members.values() if each["state"] == "PRIMARY"]) == 1

    def has_stayed() -> bool:
        rows = dashboard.row("data", "volumes")["rows"]
        return any(each["member"] == primary and "the data stayed" in each["lesson"] for each in rows)

    dashboard.until(has_stayed, seconds=60, what="the claim that stayed")
    events = lab.kubectl("-n", "mongodb", "get", "events", "-o", "jsonpath={.items[*].reason}")
    assert "PrimaryKilled" in events


def test_torn_down_and_deployed_again_the_database_has_its_data(lab: Any, dashboard: Any) -> None:
    entry = dashboard.write_entry(dashboard.app(), "written before the teardown")
    assert entry
    before = secrets(lab)
    seal = re.search('name="seal" value="([0-9a-f]{64})"', dashboard.page("/deploy/mongodb/teardown"))
    assert seal
    assert dashboard.post("/teardown", bundle="mongodb", confirm="mongodb", seal=seal[1]) == 200
    assert dashboard.until_deployed()["state"] == "done"
    assert lab.kubectl("-n", "mongodb", "get", "pods", "-o", "name") == ""

    assert dashboard.deploy()["state"] == "done"

    assert secrets(lab) == before
    dashboard.until(lambda: entry in stored(lab, known_primary(dashboard)), seconds=60, what="the entry")


def roles(dashboard: Any) -> dict[str, str | None]:
    return {row["name"]: row["role"] for row in dashboard.rows("pods")}


def known_primary(dashboard: Any) -> str:
    """The primary as the page tells it; waits until it tells one."""
    told: list[str | None] = []

    def tells() -> bool:
        told.append(told_primary(dashboard))
        return told[-1] is not None

    dashboard.until(tells, seconds=120, what="a primary")
    return str(told[-1])


def told_primary(dashboard: Any) -> str | None:
    return next((name for name, role in roles(dashboard).items() if role == "primary"), None)


def killed(processes: list[psutil.Process]) -> None:
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            each.kill()


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
