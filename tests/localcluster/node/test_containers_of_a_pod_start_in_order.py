"""Init containers run one after another, sidecars stay, the others start together; each has files of its own."""

from __future__ import annotations

from typing import Any


def container(name: str, script: str, **spec: Any) -> dict[str, Any]:
    return {"name": name, "image": "busybox", "command": ["sh", "-c", script], **spec}


def statuses(pod: Any, kind: str = "containerStatuses") -> dict[str, Any]:
    return {status["name"]: status for status in pod["status"].get(kind, [])}


def running(pod: Any) -> bool:
    return all("running" in status["state"] for status in statuses(pod).values()) and bool(statuses(pod))


async def test_the_second_begins_when_the_first_has_been_tried(cluster: Any) -> None:
    """Its postStart hook included; one that cannot be started is no reason to wait."""
    hook = {"postStart": {"exec": {"command": ["sh", "-c", "sleep 0.5; touch /shared/hooked"]}}}
    shared = {"volumeMounts": [{"name": "shared", "mountPath": "/shared"}]}
    await cluster.run(
        "paced", volumes=[{"name": "shared", "emptyDir": {}}], restartPolicy="Never",
        containers=[
            container("none", "", image="no/such"),
            container("first", "sleep 1", lifecycle=hook, **shared),
            container("second", "test -e /shared/hooked && echo after", **shared),
        ],
    )  # fmt: skip
    await cluster.until("paced", lambda pod: "terminated" in statuses(pod).get("second", {}).get("state", {}))
    assert await cluster.log("paced", "second") == "after\n"


async def test_two_containers_start_together(cluster: Any) -> None:
    """Beside each other under the same address and host name, with a user and a message file each."""
    script = "id -un; echo told > /dev/termination-log; trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done"
    first = container("first", script)
    second = container("second", script, securityContext={"runAsUser": 4321})
    await cluster.run("pair", containers=[first, second])
    await cluster.until("pair", running)
    for name in ("first", "second"):
        async for chunk in await cluster.agent.logs("test", "pair", name, follow=True):
            if b"up" in chunk:
                break
    assert (await cluster.log("pair", "first")).startswith("root\n")
    if cluster.enforces_users:
        assert (await cluster.log("pair", "second")).startswith("app\n")
    await cluster.delete("pair")


async def test_init_containers_come_first_and_are_repeated_until_they_succeed(cluster: Any) -> None:
    """With restartPolicy Always a failing init container is started again, and holds the others back."""
    mounts = [{"name": "shared", "mountPath": "/shared"}]
    script = "test -e /shared/once && echo second >> /shared/once || { echo first > /shared/once; exit 1; }"
    main = container("main", "cat /shared/once; sleep 600", volumeMounts=mounts)
    init = container("prepare", script, volumeMounts=mounts)
    await cluster.run("ordered", initContainers=[init], containers=[main], volumes=[{"name": "shared", "emptyDir": {}}])
    pod = await cluster.until("ordered", lambda pod: "terminated" in _state(pod, "prepare"))
    assert pod["status"]["phase"] == "Pending"
    assert {c["type"]: c["status"] for c in pod["status"]["conditions"]}["Initialized"] == "False"
    pod = await cluster.until("ordered", running)
    assert statuses(pod, "initContainerStatuses")["prepare"]["restartCount"] == 1
    async for chunk in await cluster.agent.logs("test", "ordered", "", follow=True):
        assert chunk == b"first\nsecond\n"
        break


async def test_a_sidecar_is_there_before_and_after(cluster: Any) -> None:
    """An init container with restartPolicy Always runs beside the others, and does not keep the pod from ending."""
    mounts = [{"name": "shared", "mountPath": "/shared"}]
    side = container(
        "side", "echo beside > /shared/x; trap 'exit 0' TERM; while :; do sleep 0.05; done",
        restartPolicy="Always", volumeMounts=mounts,
    )  # fmt: skip
    main = container("main", "until test -e /shared/x; do sleep 0.05; done; cat /shared/x", volumeMounts=mounts)
    await cluster.run(
        "accompanied", initContainers=[side], containers=[main], restartPolicy="Never",
        volumes=[{"name": "shared", "emptyDir": {}}],
    )  # fmt: skip
    await cluster.until("accompanied", lambda pod: pod["status"]["phase"] == "Succeeded")
    assert await cluster.log("accompanied", "main") == "beside\n"


async def test_a_failed_init_container_fails_a_pod_that_never_restarts(cluster: Any) -> None:
    await cluster.run(
        "doomed", initContainers=[container("prepare", "exit 4")], containers=[container("main", "true")],
        restartPolicy="Never",
    )  # fmt: skip
    pod = await cluster.until("doomed", lambda pod: pod["status"]["phase"] == "Failed")
    assert statuses(pod)["main"]["state"]["waiting"]["reason"] == "PodInitializing"


def _state(pod: Any, name: str) -> dict[str, Any]:
    status = statuses(pod, "initContainerStatuses").get(name, {})
    return {**status.get("state", {}), **status.get("lastState", {})}
