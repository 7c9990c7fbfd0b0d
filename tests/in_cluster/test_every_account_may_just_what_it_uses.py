"""One working day on a local cluster with RBAC: what each account was granted is what was asked for in its name.

Whoever adds a read or a write to the dashboard finds its line here, with the role that lacks it; whoever takes one away
finds the right that nobody needs any more.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.capabilities import Capability
from tests.in_cluster import scenario
from tests.in_cluster.rights import ITSELF, Record, grants_of
from tests.in_cluster.scenario import LEAVER, OPERATOR, OWN, STACK, VIEWER, Day

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).parents[2]
ACCOUNTS = [ITSELF, VIEWER, OPERATOR]

BROKEN = [{"op": "replace", "path": "/spec/template/spec/containers/0/command",
           "value": ["sh", "-c", "echo out of luck; exit 1"]}]  # fmt: skip
ABANDONED = {"spec": {"holderIdentity": "somebody · 0ff1ce", "acquireTime": "2026-01-01T00:00:00.000000Z"}}
"""How the Lease of swarms is left by a dashboard that died."""

STACK_OF_ONE_S_OWN = """
apiVersion: v1
kind: ConfigMap
metadata: {name: shop, namespace: shop}
data: {greeting: hello}
"""
SCENARIO_OF_ONE_S_OWN = """
from locust import FastHttpUser, constant, task


class Visitor(FastHttpUser):
    wait_time = constant(0.5)

    @task
    def looks(self):
        self.client.get("/api/entries", name="entries")
"""

DENIED = {
    ITSELF: {
        "get configmaps shop in shop": "a stack of one's own is seen where its administrator gives the right to it",
    },
    VIEWER: {
        r"patch \S+ \S+( in \S+)?": "a plan is tried; what may only be read is compared with what is wanted",
        r"get secrets \S+ in (mongodb|flask)": "whether they are there is told as unknown",
        r"list \S+ in (mongodb|flask|load)": "a teardown tells what it could not count",
        r"list (nodes|pods|services|storageclasses.storage.k8s.io)": "whether there is room is for those who deploy",
        "list resourcequotas in kube-system": "the same",
    },
    OPERATOR: {
        r"patch namespaces \w+ in \w+": "they are as wanted already; who may change them may lift their Pod Security",
        r"patch \S+( \S+)?( in kube-system)?": "what belongs to metrics-server is as its administrator has applied it",
        "list resourcequotas in kube-system": "whether metrics-server would have room, which is there already",
        r"list \S+ in (mongodb|flask|load)": "a teardown counts what would go with a namespace, which stays",
        r"delete (namespaces|secrets) mongo(db)? in mongodb": "what cannot be made again is the administrator's",
        r"get persistentvolumeclaims data-mongo-\d in mongodb": "the same, which a volume's is looked at for",
        r"get (namespaces|configmaps) shop in shop": "a stack of one's own: its administrator gives the rights to it",
        "list namespaces": "the same, for whether its namespace is there",
    },
}
"""What is asked for and not granted, by intention, and why."""


@pytest.fixture(scope="module")
def may() -> dict[str, frozenset[Capability]]:
    """What each person was told at the door."""
    return {}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What the day's rows and plans said, by occasion."""
    return {}


def left_of_swarms(site: Any) -> list[str]:
    """What there is in `load` of any swarm."""
    found = site.kubectl("-n", "load", "get", "jobs,pods,secrets,configmaps", "-l", "app=swarm", "-o", "name")
    return [each for each in found.split() if each]


@pytest.fixture(scope="module")
def record(
    site: Any, bundle: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory, wait: Callable[..., Any],
    may: dict[str, frozenset[Capability]], told: dict[str, Any],
) -> Iterator[Record]:  # fmt: skip
    """Of the whole day."""
    site.apply([each for each in bundle if each["kind"] != "Deployment"])  # the dashboard runs in this process
    bundles, own = tmp_path_factory.mktemp("bundles") / "manifests", tmp_path_factory.mktemp("own")
    shutil.copytree(ROOT / "manifests", bundles)
    for job in (bundles / "load" / "swarm").glob("*-job.yaml"):  # what nobody removes goes sooner than on other days
        job.write_text(job.read_text().replace("ttlSecondsAfterFinished: 60", "ttlSecondsAfterFinished: 10"))
    (own / OWN).mkdir()
    (own / OWN / "own.yaml").write_text(STACK_OF_ONE_S_OWN)
    (own / f"{OWN}.py").write_text(SCENARIO_OF_ONE_S_OWN)
    kept = Record()
    tokens = {each: site.token(each) for each in (OPERATOR, VIEWER)} | {LEAVER: site.token(OPERATOR)}
    day = Day(site.recording(ITSELF, kept), tokens, tmp_path_factory.mktemp("data"), bundles, own, wait)
    try:
        wait(lambda: day.row("bundles", "load"), seconds=60, what="bundles are told before there are any")
        site.kubectl("apply", "-k", str(bundles / "metrics-server"))
        scenario.deploys(day, ["metrics-server", *STACK])
        told["own stack"] = scenario.plans_own_stack(day)
        scenario.loads(day)
        scenario.loses_its_master(day, lambda *words: site.kubectl("-n", "load", *words))
        site.kubectl("-n", "load", "patch", "lease", "swarm", "--type=merge", "-p", json.dumps(ABANDONED))
        scenario.leaks(day)
        told["stopping"], told["left at first"] = scenario.leaves(day), left_of_swarms(site)
        # That one ends by itself within a minute, in which all the rest is done.
        for person in (VIEWER, OPERATOR):
            may[person] = scenario.signs_in(day, person)
            scenario.looks_around(day, person)
        scenario.kills(day)
        scenario.deploys_again_and_again(day, "load", times=5)
        site.kubectl("-n", "flask", "patch", "deployment", "guestbook", "--type=json", "-p", json.dumps(BROKEN))
        for person in (VIEWER, OPERATOR):
            scenario.reads_a_failing_log(day, person, object_id="Deployment.apps/flask/guestbook")
        for name in ("flask", "mongodb"):
            scenario.tears_down(day, name)
        told["ticked"] = scenario.tears_down_what_stayed(day, "mongodb")
        told["stopped"] = day.settled("swarm", "stopped", seconds=120)
        wait(lambda: not left_of_swarms(site), seconds=180, what=lambda: left_of_swarms(site))
        scenario.tears_down(day, "load")
        yield kept
    finally:
        day.core.stop()


@pytest.mark.parametrize("account", ACCOUNTS)
def test_nothing_is_granted_that_is_never_used(record: Record, bundle: list[dict[str, Any]], account: str) -> None:
    assert record.unused(account, grants_of(bundle, account)) == []


@pytest.mark.parametrize("account", ACCOUNTS)
def test_nothing_is_used_that_the_bundle_does_not_grant(
    record: Record, bundle: list[dict[str, Any]], account: str
) -> None:
    assert record.ungranted(account, grants_of(bundle, account)) == []


@pytest.mark.parametrize("account", ACCOUNTS)
def test_nothing_is_denied_but_what_is_meant_to_be(record: Record, account: str) -> None:
    told, meant = record.denied(account), DENIED[account]
    assert [each for each in told if not any(re.fullmatch(pattern, each) for pattern in meant)] == []
    assert [pattern for pattern in meant if not any(re.fullmatch(pattern, each) for each in told)] == []


def test_at_the_door_people_are_told_what_their_roles_allow(
    record: Record, may: dict[str, frozenset[Capability]]
) -> None:
    assert may[VIEWER] == {Capability.LOOK, Capability.VIEW}
    assert may[OPERATOR] == {Capability.LOOK, Capability.VIEW, Capability.LOADTEST, Capability.APPLY}


def test_the_dashboard_s_own_account_has_changed_nothing(record: Record, site: Any) -> None:
    account = f"system:serviceaccount:surgeboard:{ITSELF}"
    lines = [json.loads(line) for line in (site.folder / "cluster" / "audit.log").read_text().splitlines()]
    assert any(each["user"].get("username", "").endswith(OPERATOR) for each in lines)
    assert [each["requestURI"] for each in lines if each["user"].get("username") == account] == []


def test_a_swarm_that_nobody_may_end_is_told_ended_and_removed(record: Record, told: dict[str, Any]) -> None:
    """Who started it signs out, a rail says stop, and its own switch and the cluster end it."""
    assert "Nobody is signed in who may end it" in told["stopping"]["error"]
    assert "its own switch ends it within 25 s" in told["stopping"]["error"]
    assert told["left at first"]
    assert "Its own switch ended it" in told["stopped"]["error"]


def test_what_the_roles_know_nothing_of_is_refused_in_the_plan(record: Record, told: dict[str, Any]) -> None:
    assert not told["own stack"]["may_apply"]


def test_what_cannot_be_made_again_stays_though_it_is_ticked(record: Record, told: dict[str, Any], site: Any) -> None:
    assert set(told["ticked"]) == {"Namespace", "Secret", "PersistentVolumeClaim"}
    assert all(each.startswith("failed: ") for each in told["ticked"].values()), told["ticked"]
    site.kubectl("-n", "mongodb", "get", "secret/mongo", "pvc/data-mongo-0")
