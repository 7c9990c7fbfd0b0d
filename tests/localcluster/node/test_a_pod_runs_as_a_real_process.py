"""A pod bound to the node becomes processes with the pod's environment, names, limits, logs and status."""

from __future__ import annotations

import os
from typing import Any


async def test_it_runs_to_its_end_and_tells_how(cluster: Any) -> None:
    """A pod with restartPolicy Never that exits 0 ends Succeeded, with its output in the log."""
    await cluster.shell("done", "echo hi; echo oops >&2", pod={"restartPolicy": "Never"})
    pod = await cluster.until("done", lambda pod: pod["status"]["phase"] == "Succeeded")
    terminated = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (terminated["exitCode"], terminated["reason"]) == (0, "Completed")
    assert sorted((await cluster.log("done")).splitlines()) == ["hi", "oops"]
    conditions = {c["type"]: (c["status"], c.get("reason")) for c in pod["status"]["conditions"]}
    assert conditions["Ready"] == ("False", "PodCompleted")
    assert conditions["Initialized"] == ("True", "PodCompleted")


async def test_its_environment_is_that_of_its_spec(cluster: Any) -> None:
    """env, envFrom, valueFrom and $(NAME) are resolved; 0.0.0.0 becomes the pod's own address."""
    await cluster.config_map("settings", {"COLOUR": "green", "size": "7"})
    await cluster.secret("keys", {"password": "hunter2"})
    env = [
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "password"}}},
        {"name": "SIZE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "size"}}},
        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}},
        {"name": "TOLD", "value": "$(POD) is $(COLOUR), not $$(COLOUR) or $(UNKNOWN)"},
        {"name": "BIND", "value": "0.0.0.0:80"},
    ]
    script = 'echo "$POD|$PASSWORD|$SIZE|$CPU|$TOLD|$KUBERNETES_SERVICE_PORT"; echo "$BIND"; echo "$IP:80"'
    await cluster.shell(
        "spoken", script, env=env, envFrom=[{"configMapRef": {"name": "settings"}}],
        resources={"limits": {"cpu": "250m"}}, pod={"restartPolicy": "Never"},
    )  # fmt: skip
    await cluster.until("spoken", lambda pod: pod["status"]["phase"] == "Succeeded")
    told, bound, own = (await cluster.log("spoken")).splitlines()
    assert told == "spoken|hunter2|7|250|spoken is green, not $(COLOUR) or $(UNKNOWN)|6443"
    assert bound == own


async def test_it_is_process_one_in_its_own_root(cluster: Any) -> None:
    """The process sees its own PID namespace, host name, address and users, and not the machine's files."""
    script = "echo $$$$; hostname; cat /etc/hostname; grep -c . /etc/passwd; ls /; cat /etc/hosts"
    await cluster.shell("inside", script, pod={"restartPolicy": "Never"})
    pod = await cluster.until("inside", lambda pod: pod["status"]["phase"] == "Succeeded")
    lines = (await cluster.log("inside")).splitlines()
    assert lines[:4] == ["1", "inside", "inside", "2"]
    assert "home" not in lines
    assert f"{pod['status']['podIP']}\tinside" in lines


async def test_without_limits_it_is_told_what_the_node_has(cluster: Any) -> None:
    env = [
        {"name": "LIMIT", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
        {"name": "REQUEST", "valueFrom": {"resourceFieldRef": {"resource": "requests.cpu"}}},
        {"name": "OTHER", "valueFrom": {"resourceFieldRef": {"containerName": "init", "resource": "limits.memory"}}},
    ]
    init = {"name": "init", "image": "busybox", "command": ["true"], "resources": {"limits": {"memory": "7Mi"}}}
    pod = {"restartPolicy": "Never", "initContainers": [init]}
    await cluster.shell("greedy", "echo $LIMIT $REQUEST $OTHER", env=env, pod=pod)
    await cluster.until("greedy", lambda pod: pod["status"]["phase"] == "Succeeded")
    assert await cluster.log("greedy", "main") == f"{os.cpu_count()} 0 {7 * 2**20}\n"


async def test_its_working_directory_is_made_and_its_aliases_resolve(cluster: Any) -> None:
    """Also for a user who could not make it, under a root that nobody may write to."""
    security = {"readOnlyRootFilesystem": True, "runAsUser": 1234}
    pod = {"restartPolicy": "Never", "hostAliases": [{"ip": "127.0.0.9", "hostnames": ["one.example", "two.example"]}]}
    script = "pwd; grep -c 127.0.0.9 /etc/hosts; getent hosts two.example"
    await cluster.shell("placed", script, workingDir="/made/here", securityContext=security, pod=pod)
    await cluster.until("placed", lambda pod: pod["status"]["phase"] == "Succeeded")
    where, count, found = (await cluster.log("placed")).splitlines()
    assert (where, count, found.split()[0]) == ("/made/here", "1", "127.0.0.9")


async def test_deleting_it_ends_it_gracefully(cluster: Any) -> None:
    """SIGTERM reaches the process, which may finish; then the pod leaves the API."""
    script = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    await cluster.shell("polite", script, pod={"terminationGracePeriodSeconds": 20})
    await cluster.said("polite", "up")
    await cluster.delete("polite")
    assert ("Killing", "Stopping container main") in await cluster.events("polite")
