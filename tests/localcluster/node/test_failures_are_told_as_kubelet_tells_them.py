"""What cannot run says so in its waiting state and in Events, in the words recorded from Kubernetes."""

from __future__ import annotations

from typing import Any

import pytest


def waiting(pod: Any) -> dict[str, str]:
    statuses = pod["status"].get("containerStatuses") or [{"state": {}}]
    return statuses[0]["state"].get("waiting") or {}


async def test_it_backs_off_pulling_an_unknown_image(cluster: Any) -> None:
    """ErrImagePull first, then ImagePullBackOff; the log says why there is none."""
    await cluster.shell("pull", "true", image="local/nosuch:1")
    pod = await cluster.until("pull", lambda pod: waiting(pod).get("reason") == "ErrImagePull")
    assert pod["status"]["phase"] == "Pending"
    pod = await cluster.until("pull", lambda pod: waiting(pod).get("reason") == "ImagePullBackOff")
    assert waiting(pod)["message"].startswith('Back-off pulling image "local/nosuch:1": ErrImagePull: failed to pull')
    await cluster.event("pull", "BackOff")
    told = await cluster.events("pull")
    assert ("Pulling", 'Pulling image "local/nosuch:1"') in told
    assert ("Failed", "Error: ErrImagePull") in told
    assert ("BackOff", 'Back-off pulling image "local/nosuch:1"') in told
    with pytest.raises(Exception, match="is waiting to start: trying and failing to pull image"):
        await cluster.log("pull")


async def test_it_refuses_an_image_name_that_is_none(cluster: Any) -> None:
    await cluster.shell("bad", "true", image="UPPER/Bad::1")
    pod = await cluster.until("bad", lambda pod: waiting(pod).get("reason") == "InvalidImageName")
    assert waiting(pod)["message"] == (
        'Failed to apply default image tag "UPPER/Bad::1": couldn\'t parse image name "UPPER/Bad::1": '
        "invalid reference format: repository name (Bad) must be lowercase"
    )


async def test_it_waits_for_a_missing_config_map_and_starts_with_it(cluster: Any) -> None:
    """CreateContainerConfigError heals by itself once the ConfigMap is there."""
    await cluster.shell("nocm", 'echo "$COLOUR"; sleep 60', envFrom=[{"configMapRef": {"name": "missing"}}])
    pod = await cluster.until("nocm", lambda pod: waiting(pod).get("reason") == "CreateContainerConfigError")
    assert waiting(pod)["message"] == 'configmap "missing" not found'
    event = await cluster.event("nocm", "Failed")
    assert event["message"] == 'Error: configmap "missing" not found'
    assert event["involvedObject"]["fieldPath"] == "spec.containers{main}"
    await cluster.config_map("missing", {"COLOUR": "blue"})
    await cluster.said("nocm", "blue")


async def test_it_waits_for_a_missing_secret_of_a_volume(cluster: Any) -> None:
    volumes = [{"name": "s", "secret": {"secretName": "missing"}}]
    mounts = [{"name": "s", "mountPath": "/s"}]
    await cluster.shell("nosecret", "cat /s/key; echo; sleep 60", volumeMounts=mounts, pod={"volumes": volumes})
    event = await cluster.event("nosecret", "FailedMount")
    assert event["message"] == 'MountVolume.SetUp failed for volume "s" : secret "missing" not found'
    await cluster.secret("missing", {"key": "opened"})
    await cluster.said("nosecret", "opened")


async def test_it_will_not_run_as_root_when_told_not_to(cluster: Any) -> None:
    created = await cluster.shell("rootless", "true", pod={"securityContext": {"runAsNonRoot": True}})
    pod = await cluster.until("rootless", lambda pod: waiting(pod).get("reason") == "CreateContainerConfigError")
    assert waiting(pod)["message"] == (
        "container has runAsNonRoot and image will run as root "
        f'(pod: "rootless_test({created["metadata"]["uid"]})", container: main)'
    )


async def test_a_program_that_is_not_there_ends_with_128(cluster: Any) -> None:
    await cluster.shell("nocmd", "true", command=["/nosuch"])
    pod = await cluster.until("nocmd", lambda pod: waiting(pod).get("reason") == "RunContainerError")
    assert waiting(pod)["message"].endswith('exec: "/nosuch": stat /nosuch: no such file or directory: unknown')
    terminated = pod["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert (terminated["exitCode"], terminated["reason"]) == (128, "StartError")


async def test_a_file_that_is_no_program_ends_with_128(cluster: Any) -> None:
    for name, file, problem in (("text", "/etc/hosts", "permission denied"), ("folder", "/tmp", "is a directory")):
        await cluster.shell(name, "", command=[file], pod={"restartPolicy": "Never"})
        pod = await cluster.until(name, lambda pod: pod["status"]["phase"] == "Failed")
        terminated = pod["status"]["containerStatuses"][0]["state"]["terminated"]
        assert (terminated["exitCode"], terminated["reason"]) == (128, "StartError")
        assert terminated["message"].endswith(f'exec: "{file}": {problem}: unknown')


async def test_it_restarts_with_a_back_off_that_doubles(cluster: Any) -> None:
    """The first restart is at once; then 10 s, 20 s, 40 s."""
    created = await cluster.shell("crash", "echo run; exit 3")
    uid = created["metadata"]["uid"]
    for seconds, restarts in (("10s", 1), ("20s", 2), ("40s", 3)):
        text = f"back-off {seconds} restarting failed container=main pod=crash_test({uid})"
        pod = await cluster.until("crash", lambda pod, text=text: waiting(pod).get("message") == text)
        status = pod["status"]["containerStatuses"][0]
        assert status["restartCount"] == restarts
        assert status["lastState"]["terminated"]["exitCode"] == 3
        assert pod["status"]["phase"] == "Running"
    told = await cluster.events("crash")
    assert ("BackOff", f"Back-off restarting failed container main in pod crash_test({uid})") in told
    assert await cluster.log("crash", previous=True) == "run\n"


async def test_it_is_killed_when_out_of_memory(cluster: Any) -> None:
    """Over its memory limit a container ends with 137 and OOMKilled, and the machine goes on."""
    script = "x = []\nwhile True: x.append(bytearray(1 << 20))"
    await cluster.shell(
        "oom", "", image="python:3.12-slim", command=["python3", "-c", script],
        resources={"limits": {"memory": "40Mi"}}, pod={"restartPolicy": "Never"},
    )  # fmt: skip
    pod = await cluster.until("oom", lambda pod: pod["status"]["phase"] == "Failed")
    terminated = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (terminated["exitCode"], terminated["reason"]) == (137, "OOMKilled")
