"""Startup, readiness and liveness probes of real containers, and their Events."""

from __future__ import annotations

import asyncio
from typing import Any

SERVE = "exec python3 -m http.server --bind 0.0.0.0 8080 --directory /tmp"


def condition(pod: Any, kind: str) -> str:
    return next((c["status"] for c in pod["status"].get("conditions", []) if c["type"] == kind), "")


async def test_it_is_ready_once_http_answers(cluster: Any) -> None:
    """Refused, then 404, then 200: not ready, not ready, ready; told as kubelet tells it."""
    probe = {"httpGet": {"path": "/here", "port": "web"}, "periodSeconds": 2}
    script = f"sleep 0.5; {SERVE}"
    await cluster.shell("web", script, readinessProbe=probe, ports=[{"name": "web", "containerPort": 8080}])
    pod = await cluster.until("web", lambda pod: pod["status"]["phase"] == "Running")
    assert condition(pod, "Ready") == "False"
    ip = pod["status"]["podIP"]
    event = await cluster.event("web", "Unhealthy")
    assert event["message"] == (
        f'Readiness probe failed: Get "http://{ip}:8080/here": dial tcp {ip}:8080: connect: connection refused'
    )
    await cluster.until_event("web", "Readiness probe failed: HTTP probe failed with statuscode: 404")
    await cluster.agent.execute("test", "web", "main", ["touch", "/tmp/here"], timeout_seconds=5)
    pod = await cluster.until("web", lambda pod: condition(pod, "Ready") == "True")
    assert condition(pod, "ContainersReady") == "True"


async def test_it_restarts_what_is_not_alive(cluster: Any) -> None:
    probe = {"exec": {"command": ["sh", "-c", "echo broken; exit 1"]}, "periodSeconds": 1, "failureThreshold": 2}
    await cluster.shell("unlive", "trap 'exit 0' TERM; while :; do sleep 0.05; done", livenessProbe=probe)
    pod = await cluster.until("unlive", lambda pod: _restarts(pod) >= 1)
    assert pod["status"]["containerStatuses"][0]["lastState"]["terminated"]
    told = await cluster.events("unlive")
    assert ("Unhealthy", "Liveness probe failed: broken\n") in told
    assert ("Killing", "Container main failed liveness probe, will be restarted") in told


async def test_it_holds_back_other_probes_until_started(cluster: Any) -> None:
    """A container with a startup probe is neither started nor ready before it, and liveness does not touch it."""
    startup = {"exec": {"command": ["test", "-e", "/tmp/up"]}, "periodSeconds": 1, "failureThreshold": 600}
    liveness = {"exec": {"command": ["test", "-e", "/tmp/up"]}, "periodSeconds": 1, "failureThreshold": 1}
    await cluster.shell("slow", "sleep 600", startupProbe=startup, livenessProbe=liveness)
    await cluster.event("slow", "Unhealthy")
    pod = await cluster.until("slow", lambda pod: pod["status"]["phase"] == "Running")
    assert pod["status"]["containerStatuses"][0]["started"] is False
    await cluster.agent.execute("test", "slow", "main", ["touch", "/tmp/up"], timeout_seconds=5)
    pod = await cluster.until("slow", lambda pod: condition(pod, "Ready") == "True")
    assert pod["status"]["containerStatuses"][0] == {
        **pod["status"]["containerStatuses"][0], "started": True, "restartCount": 0,
    }  # fmt: skip


async def test_a_probe_that_takes_too_long_has_failed(cluster: Any) -> None:
    probe = {"exec": {"command": ["sleep", "9"]}, "timeoutSeconds": 1}
    await cluster.shell("hangs", "sleep 600", readinessProbe=probe)
    event = await cluster.event("hangs", "Unhealthy")
    assert event["message"] == 'Readiness probe failed: command timed out: "sleep 9" timed out after 1s'


async def test_a_probe_may_say_much_and_leave_something_behind(cluster: Any) -> None:
    """What it started goes on holding its output; neither that nor its length keeps the next try from coming."""
    script = "head -c 300000 /dev/zero; sleep 600 & echo $! >> /tmp/tries"
    probe = {"exec": {"command": ["sh", "-c", script]}, "timeoutSeconds": 1, "periodSeconds": 1}
    await cluster.shell("talks", "until test $(cat /tmp/tries | wc -l) = 2; do sleep 0.05; done", readinessProbe=probe)
    await cluster.until("talks", lambda pod: "terminated" in _state(pod))


async def test_a_failed_post_start_hook_ends_the_container_and_keeps_its_words_out_of_events(cluster: Any) -> None:
    hook = {"exec": {"command": ["sh", "-c", "echo hunter2; exit 1"]}}
    await cluster.shell("hooked", "trap 'exit 0' TERM; while :; do sleep 0.05; done", lifecycle={"postStart": hook})
    pod = await cluster.until("hooked", lambda pod: "waiting" in _state(pod) and _last(pod))
    assert _state(pod)["waiting"]["reason"] == "PostStartHookError"
    assert ("FailedPostStartHook", "PostStartHook failed") in await cluster.events("hooked")


async def test_hooks_run_inside_the_container(cluster: Any) -> None:
    """postStart before Running, preStop before SIGTERM."""
    lifecycle = {
        "postStart": {"exec": {"command": ["touch", "/tmp/begun"]}},
        "preStop": {"exec": {"command": ["sh", "-c", "echo stopping > /proc/1/fd/1"]}},
    }
    volumes = [{"name": "tmp", "emptyDir": {}}]
    await cluster.shell("hooked", "sleep 600", lifecycle=lifecycle, pod={"volumes": volumes})
    await cluster.until("hooked", lambda pod: pod["status"]["phase"] == "Running")
    code, _ = await cluster.agent.execute("test", "hooked", "main", ["test", "-e", "/tmp/begun"], timeout_seconds=5)
    assert code == 0
    reading = asyncio.create_task(cluster.log("hooked", follow=True))
    await cluster.delete("hooked")
    assert await reading == "stopping\n"


def _state(pod: Any) -> Any:
    return (pod["status"].get("containerStatuses") or [{}])[0].get("state", {})


def _last(pod: Any) -> Any:
    return pod["status"]["containerStatuses"][0]["lastState"]


def _restarts(pod: Any) -> int:
    statuses = pod["status"].get("containerStatuses")
    return statuses[0]["restartCount"] if statuses else 0
