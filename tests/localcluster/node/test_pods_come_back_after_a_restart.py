"""A node that starts again finds its pods as kubelet does after a reboot: runs are counted, directories are kept."""

from __future__ import annotations

from typing import Any

from localcluster.resources import PODS

WAIT = "trap 'exit 0' TERM; while :; do sleep 0.05; done"


def container(name: str, script: str, **spec: Any) -> dict[str, Any]:
    return {"name": name, "image": "busybox", "command": ["sh", "-c", script], **spec}


def status_of(pod: Any, name: str = "main", kind: str = "containerStatuses") -> dict[str, Any]:
    return next((each for each in pod["status"].get(kind, []) if each["name"] == name), {})


def runs(pod: Any) -> bool:
    return "running" in status_of(pod).get("state", {})


async def test_a_run_is_counted_and_what_came_before_is_told(cluster: Any) -> None:
    await cluster.shell("one", f"echo run; {WAIT}")
    await cluster.said("one", "run")
    first = await cluster.until("one", runs)

    await cluster.restart()

    again = await cluster.until("one", lambda pod: runs(pod) and status_of(pod)["restartCount"] == 1)
    ended = status_of(again)["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (255, "Unknown")
    assert ended["containerID"] == status_of(first)["containerID"] != status_of(again)["containerID"]
    assert again["status"]["startTime"] == first["status"]["startTime"]
    assert again["status"]["podIP"] == first["status"]["podIP"]
    assert ("SandboxChanged", "Pod sandbox changed, it will be killed and re-created.") in await cluster.events("one")
    assert await cluster.log("one", previous=True) == "run\n"


async def test_its_own_directories_stay_but_those_in_memory(cluster: Any) -> None:
    mounts = [{"name": "disk", "mountPath": "/disk"}, {"name": "memory", "mountPath": "/memory"}]
    volumes = [{"name": "disk", "emptyDir": {}}, {"name": "memory", "emptyDir": {"medium": "Memory"}}]
    script = f"ls /disk /memory; touch /disk/a /memory/b; echo ready; {WAIT}"
    await cluster.shell("two", script, volumeMounts=mounts, pod={"volumes": volumes})
    await cluster.said("two", "ready")
    await cluster.restart()
    await cluster.until("two", lambda pod: runs(pod) and status_of(pod)["restartCount"] == 1)
    await cluster.said("two", "ready")
    assert await cluster.log("two") == "/disk:\na\n\n/memory:\nready\n"
    await cluster.delete("two")
    assert not list((cluster.agent.settings.directory / "pods").iterdir())


async def test_init_containers_run_again(cluster: Any) -> None:
    await cluster.run("three", initContainers=[container("prepare", "true")], containers=[container("main", WAIT)])
    await cluster.until("three", runs)
    await cluster.restart()
    again = await cluster.until("three", lambda pod: runs(pod) and status_of(pod)["restartCount"] == 1)
    prepared = status_of(again, "prepare", "initContainerStatuses")
    assert (prepared["restartCount"], prepared["state"]["terminated"]["exitCode"]) == (1, 0)


async def test_a_run_that_must_not_be_repeated_has_failed(cluster: Any) -> None:
    await cluster.run("four", restartPolicy="Never", containers=[container("main", f"echo run; {WAIT}")])
    await cluster.said("four", "run")
    await cluster.restart()
    pod = await cluster.until("four", lambda pod: pod["status"]["phase"] == "Failed")
    assert status_of(pod)["state"]["terminated"]["exitCode"] == 255
    assert status_of(pod)["restartCount"] == 0
    assert await cluster.log("four") == "run\n"


async def test_what_had_succeeded_is_not_repeated(cluster: Any) -> None:
    both = [container("done", "true"), container("main", WAIT)]
    await cluster.run("five", restartPolicy="OnFailure", containers=both)
    await cluster.until("five", lambda pod: runs(pod) and "terminated" in status_of(pod, "done")["state"])
    await cluster.restart()
    pod = await cluster.until("five", lambda pod: runs(pod) and status_of(pod)["restartCount"] == 1)
    assert (status_of(pod, "done")["restartCount"], status_of(pod, "done")["state"]["terminated"]["exitCode"]) == (0, 0)


async def test_a_pod_deleted_meanwhile_leaves_nothing(cluster: Any) -> None:
    await cluster.shell("six", f"echo run; {WAIT}")
    await cluster.said("six", "run")
    await cluster.agent.stop()
    directory = cluster.agent.settings.directory / "pods"
    assert len(list(directory.iterdir())) == 1
    await cluster.client.delete(PODS, "six", namespace="test", grace_period_seconds=0)
    await cluster.restart()
    assert not list(directory.iterdir())
