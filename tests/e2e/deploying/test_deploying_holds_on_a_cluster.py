"""Deploying on a cluster: killed at every stage, refused, interrupted, repeated, rolled back, removed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.core import connect
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.settings import Settings

pytestmark = pytest.mark.cluster

STAGES = [
    "namespaces", "policies", "configuration", "services", "stateful sets", "deployments", "budgets and autoscalers",
]  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_a_stage_and_run_again_it_ends_as_a_clean_run_does(
    site: Any, clean: str, shop: Any, stage: str
) -> None:
    name = f"cut-{STAGES.index(stage)}"
    folder = site.folder_of(name, shop())
    script = Path(__file__).with_name("cut_off.py")
    command = [sys.executable, str(script), str(site.kubeconfig), site.records, str(folder), stage]
    ended = subprocess.run(command, cwd=Path(__file__).parents[3], check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stdout + ended.stderr
    before = site.password(name) if STAGES.index(stage) > STAGES.index("configuration") else None

    row = site.deploy(folder)

    assert (row["state"], row["error"]) == ("done", None)
    assert site.objects(name) == clean
    assert before in (None, site.password(name))
    (revision,) = site.stack(folder).history(f"{name}-{site.tail}")
    assert revision.state == "applied"
    assert None not in {each.uid for each in revision.objects}
    site.kubectl("delete", "namespace", f"{name}-{site.tail}", "--wait=false")


def test_repeated_while_it_scales_it_sends_nothing_and_leaves_the_replicas(site: Any, clean: str) -> None:
    namespace = f"clean-{site.tail}"
    web = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    counting = site.counting()
    for count in (1, 3, 2, 4):
        site.kubectl("-n", namespace, "scale", "deployment/web", f"--replicas={count}")
        before, lines = site.client.get(web), site.audited()
        row = site.deploy(site.folder / "in-clean", client=counting)
        assert (row["state"], row["error"]) == ("done", None)
        assert {step["result"] for step in row["steps"]} == {"unchanged", "ready"}
        assert site.client.get(web)["spec"] == before["spec"]
        assert counting.writes == []
        if not site.is_given:
            assert site.audited() - lines == counting.tried, "the audit log names more requests than dry runs"
        counting.tried = 0
    site.kubectl("-n", namespace, "scale", "deployment/web", "--replicas=2")


def test_an_immutable_field_is_refused_before_anything_is_written(site: Any, clean: str, shop: Any) -> None:
    changed = shop()
    changed[5]["spec"]["serviceName"] = "another"
    changed[3]["data"]["colour"] = "red"
    counting = site.counting()

    row = site.deploy(site.folder_of("clean", changed), client=counting)

    site.folder_of("clean", shop())
    assert row["state"] == "failed"
    assert "StatefulSet" in row["error"]
    assert "Nothing was applied" in row["error"]
    assert counting.writes == []


def test_a_namespace_that_is_not_there_is_refused_by_name(site: Any, config: Any) -> None:
    row = site.deploy(site.folder_of("nowhere", [config("web", colour="blue")]))

    assert row["state"] == "failed"
    assert f"namespace nowhere-{site.tail} is not there" in row["error"]


def test_an_exceeded_quota_is_said_and_running_again_with_room_completes(site: Any, shop: Any) -> None:
    namespace, quota, *_, web, _, _ = shop()
    quota["spec"]["hard"]["pods"] = "0"
    objects = [namespace, quota, web]
    row = site.deploy(site.folder_of("quota", objects))
    assert row["state"] == "failed"
    assert "quota has no room" in row["error"]

    quota["spec"]["hard"]["pods"] = "4"
    row = site.deploy(site.folder_of("quota", objects))

    assert (row["state"], row["error"]) == ("done", None)
    states = [each.state for each in site.stack(site.folder / "in-quota").history(f"quota-{site.tail}")]
    assert states == ["applied", "failed"]


def test_verbs_that_rbac_forbids_are_told_and_nothing_is_written(site: Any, clean: str) -> None:
    namespace = f"clean-{site.tail}"
    token = site.kubectl("-n", namespace, "create", "token", "web").strip()
    document = yaml.safe_load(site.kubeconfig.read_text())
    document["users"][0]["user"] = {"token": token}
    mine = site.folder / "mine.yaml"
    mine.write_text(yaml.safe_dump(document))
    mine.chmod(0o600)
    client = connect(Settings(kubeconfig=mine))
    try:
        with pytest.raises(Refused) as without_lease:
            site.deploy(site.folder / "in-clean", client=client)
        site.kubectl("-n", site.records, "create", "role", "deployer", "--verb=get,list,create,patch",
                     "--resource=leases.coordination.k8s.io,configmaps")  # fmt: skip
        site.kubectl("-n", site.records, "create", "rolebinding", "deployer", "--role=deployer",
                     f"--serviceaccount={namespace}:web")  # fmt: skip
        row = site.deploy(site.folder / "in-clean", client=client)
    finally:
        client.close()

    assert "resources: [leases]" in without_lease.value.sentence
    assert row["state"] == "failed"
    assert row["error"].startswith("Nothing was applied")
    assert "objects of the whole cluster (Namespace), which your account may not write" in row["error"]


def test_rolled_back_and_removed_it_leaves_what_cannot_be_remade(site: Any, clean: str, shop: Any, config: Any) -> None:
    namespace, password = f"clean-{site.tail}", site.password("clean")
    changed = shop(config("more", size="large"))
    changed[3]["data"]["colour"] = "red"
    folder = site.folder_of("clean", changed)
    assert site.deploy(folder)["error"] is None
    stack = site.stack(folder)

    row = stack.run_roll_back(namespace, 1, by="operator")
    assert (row["state"], row["error"]) == ("done", None)
    assert site.objects("clean") == clean
    newest = stack.history(namespace)[0]
    assert (newest.number, newest.rolled_back_from) == (3, 1)

    row = stack.run_teardown(namespace, by="operator")
    assert (row["state"], row["error"]) == ("done", None)
    left = site.kubectl("-n", namespace, "get", f"pods,secrets,{site.alike}", "-o", "name").split()
    assert [each for each in left if "kube-root-ca" not in each and "/default" not in each] == ["secret/key"]
    assert site.password("clean") == password
    assert stack.run_teardown(namespace, by="operator")["state"] == "done"

    row = stack.run_teardown(namespace, by="operator", also=[f"Secret/{namespace}/key", f"Namespace//{namespace}"])
    assert (row["state"], row["error"]) == ("done", None)
    with pytest.raises(errors.NotFound):
        site.client.get(f"/api/v1/namespaces/{namespace}")


def test_an_api_server_killed_between_objects_is_told_and_running_again_completes(site: Any, shop: Any) -> None:
    if site.is_given:
        pytest.skip("would kill the given cluster")
    folder, killed = site.folder_of("struck", shop()), []

    def strike(row: Mapping[str, Any]) -> None:
        if not killed and any(step["stage"] == "services" and step["result"] == "created" for step in row["steps"]):
            killed.append(True)
            site.kill()

    stack = site.stack(folder, publish=strike)
    row = stack.run(stack.names(), by="operator")
    assert row["state"] == "failed"
    assert "refuses connections" in row["error"]
    assert row["error"].endswith("again to complete it.")

    site.start()
    row = stack.run(stack.names(), by="operator")

    assert (row["state"], row["error"]) == ("done", None)
    assert {step["result"] for step in row["steps"]} <= {"created", "unchanged", "ready"}
