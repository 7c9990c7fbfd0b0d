"""`emptyDir.sizeLimit`: a pod that writes more is evicted in kubelet's words, one that stays below lives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from localcluster.node.eviction import Verdict, disk_usage, sentenced, size_limits

MESSAGE = 'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi". '
MOUNTS = [{"name": "scratch", "mountPath": "/scratch"}]


def written(kibibytes: int) -> str:
    return f"dd if=/dev/zero of=/scratch/x bs=1024 count={kibibytes} 2>/dev/null; echo written; sleep 60 & wait"


@pytest.mark.parametrize("medium", ["", "Memory"])
async def test_a_pod_over_its_limit_is_evicted(cluster: Any, medium: str) -> None:
    volumes = [{"name": "scratch", "emptyDir": {"sizeLimit": "1Mi", "medium": medium}}]
    # It ends well on SIGTERM, and has failed all the same; its long grace does not help it.
    script = f"trap 'exit 0' TERM; {written(3072)}"
    created = await cluster.shell(
        "big", script, volumeMounts=MOUNTS, pod={"volumes": volumes, "terminationGracePeriodSeconds": 60}
    )
    pod = await cluster.until("big", lambda pod: pod["status"]["phase"] == "Failed")
    assert (pod["status"]["reason"], pod["status"]["message"]) == ("Evicted", MESSAGE)
    assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 0
    disruption = next(c for c in pod["status"]["conditions"] if c["type"] == "DisruptionTarget")
    assert (disruption["status"], disruption["reason"]) == ("True", "TerminationByKubelet")
    assert disruption["message"] == MESSAGE
    event = await cluster.event("big", "Evicted")
    assert (event["type"], event["message"]) == ("Warning", MESSAGE)
    volume = cluster.agent.settings.directory / "pods" / created["metadata"]["uid"] / "volumes" / "scratch"
    assert not volume.exists()
    assert await cluster.log("big") == "written\n"
    await cluster.delete("big")


async def test_an_init_container_that_writes_too_much_ends_its_pod(cluster: Any) -> None:
    """What has not begun yet never does."""
    volumes = [{"name": "scratch", "emptyDir": {"sizeLimit": "1Mi"}}]
    shell = {"image": "busybox", "volumeMounts": MOUNTS}
    await cluster.run(
        "early", volumes=volumes,
        initContainers=[{"name": "first", "command": ["sh", "-c", written(3072)], **shell}],
        containers=[{"name": "main", "command": ["sleep", "60"], **shell}],
    )  # fmt: skip
    pod = await cluster.until("early", lambda pod: pod["status"]["phase"] == "Failed")
    assert pod["status"]["reason"] == "Evicted"
    assert not pod["status"]["containerStatuses"][0].get("containerID")


async def test_a_pod_below_its_limit_lives(cluster: Any) -> None:
    """It is measured at least as often as one that is evicted beside it."""
    volumes = [{"name": "scratch", "emptyDir": {"sizeLimit": "1Mi"}}]
    await cluster.shell("small", written(512), volumeMounts=MOUNTS, pod={"volumes": volumes})
    await cluster.said("small", "written")
    await cluster.shell("big", written(3072), volumeMounts=MOUNTS, pod={"volumes": volumes})
    await cluster.until("big", lambda pod: pod["status"].get("reason") == "Evicted")
    pod = await cluster.until("small", lambda _: True)
    assert pod["status"]["phase"] == "Running"
    assert "Evicted" not in [reason for reason, _ in await cluster.events("small")]


def test_only_empty_dirs_with_a_limit_are_looked_at() -> None:
    volumes = [
        {"name": "a", "emptyDir": {"sizeLimit": "1024Ki"}}, {"name": "b", "emptyDir": {}}, {"name": "c", "secret": {}},
        {"name": "d", "emptyDir": {"sizeLimit": "0"}}, {"name": "e", "emptyDir": None},
    ]  # fmt: skip
    assert size_limits({"spec": {"volumes": volumes}}) == {"a": "1Mi"}
    assert size_limits({"spec": {"volumes": volumes, "priorityClassName": "system-cluster-critical"}}) == {}
    assert size_limits({"spec": {}}) == {}


def test_usage_counts_blocks_once_and_follows_no_link(tmp_path: Path) -> None:
    volume, outside = tmp_path / "volume", tmp_path / "outside"
    (volume / "deep").mkdir(parents=True)
    outside.write_bytes(bytes(1 << 20))
    before = disk_usage(volume)
    (volume / "deep" / "file").write_bytes(b"x" * 100_000)
    os.link(volume / "deep" / "file", volume / "again")
    (volume / "link").symlink_to(outside)
    with (volume / "sparse").open("wb") as stream:
        stream.truncate(1 << 30)
    assert 100_000 <= disk_usage(volume) - before < 200_000
    assert disk_usage(tmp_path / "gone") == 0


def test_a_second_telling_keeps_the_time_of_the_first() -> None:
    status = {"observedGeneration": 1, "phase": "Succeeded", "conditions": []}
    verdict = Verdict("Evicted", MESSAGE, "Warning", disrupted=True)
    first = sentenced(status, verdict, previous=None, now="2026-11-23T00:00:00Z")
    again = sentenced(status, verdict, previous=first["conditions"][0], now="2026-11-23T00:00:09Z")
    assert again == first
