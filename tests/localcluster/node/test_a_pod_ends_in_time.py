"""How long an end may take and in which order: deadlines, graces made shorter, sidecars last."""

from __future__ import annotations

import asyncio
from typing import Any

from localcluster.controllers.clock import SystemClock
from localcluster.node.patience import Patience
from localcluster.resources import PERSISTENT_VOLUME_CLAIMS, PODS

DEAF = "trap '' TERM; echo up; while :; do sleep 0.05; done"
PROMPT = "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done"


def beside(name: str, script: str) -> dict[str, Any]:
    mounts = [{"name": "shared", "mountPath": "/shared"}]
    return {"name": name, "image": "busybox", "command": ["sh", "-c", script], "volumeMounts": mounts}


def noted(name: str, *, after: str = "") -> str:
    return f"trap '{after} echo {name} >> /shared/ends; exit 0' TERM; echo up; while :; do sleep 0.02; done"


async def test_a_pod_past_its_deadline_has_failed(cluster: Any) -> None:
    await cluster.shell("late", PROMPT, pod={"activeDeadlineSeconds": 1})
    pod = await cluster.until("late", lambda pod: pod["status"]["phase"] == "Failed")
    text = "Pod was active on the node longer than the specified deadline"
    assert (pod["status"]["reason"], pod["status"]["message"]) == ("DeadlineExceeded", text)
    assert "terminated" in pod["status"]["containerStatuses"][0]["state"]
    assert ("DeadlineExceeded", text) in await cluster.events("late")


async def test_a_deadline_may_come_later(cluster: Any) -> None:
    """It is one of the few things about a pod that may be changed."""
    await cluster.shell("spared", PROMPT)
    await cluster.said("spared", "up")
    await cluster.client.patch(PODS, "spared", {"spec": {"activeDeadlineSeconds": 1}}, namespace="test")
    pod = await cluster.until("spared", lambda pod: pod["status"]["phase"] == "Failed")
    assert pod["status"]["reason"] == "DeadlineExceeded"


async def test_a_forced_deletion_cuts_a_long_farewell_short(cluster: Any) -> None:
    """A pod that is ending within its ten minutes is killed when it is deleted once more, by force."""
    created = await cluster.shell("stubborn", DEAF, pod={"terminationGracePeriodSeconds": 600})
    await cluster.said("stubborn", "up")
    await cluster.client.delete(PODS, "stubborn", namespace="test")
    await cluster.event("stubborn", "Killing")
    await cluster.client.delete(PODS, "stubborn", namespace="test", grace_period_seconds=0)
    directory = cluster.agent.settings.directory / "pods" / created["metadata"]["uid"]
    async with asyncio.timeout(20):
        while directory.exists():  # noqa: ASYNC110 - the node tells nobody
            await asyncio.sleep(0.02)
    assert cluster.agent.usage() == []


async def test_sidecars_end_after_the_others_the_last_one_first(cluster: Any) -> None:
    await cluster.run(
        "orderly",
        initContainers=[{**beside(name, noted(name)), "restartPolicy": "Always"} for name in ("first", "second")],
        containers=[beside("main", noted("main", after="sleep 0.3;"))],
        volumes=[{"name": "shared", "persistentVolumeClaim": {"claimName": "ends"}}],
        terminationGracePeriodSeconds=20,
    )  # fmt: skip
    await cluster.client.create(PERSISTENT_VOLUME_CLAIMS, {"metadata": {"name": "ends"}}, namespace="test")
    await cluster.until("orderly", lambda pod: pod["status"]["phase"] == "Running")
    for name in ("first", "second", "main"):
        async for chunk in await cluster.agent.logs("test", "orderly", name, follow=True):
            if b"up" in chunk:  # from now on it hears SIGTERM
                break
    await cluster.delete("orderly")
    written = next(cluster.agent.settings.directory.glob("volumes/*/*/ends"))
    assert written.read_text().split() == ["main", "second", "first"]


async def test_patience_can_only_be_shortened() -> None:
    patience = Patience(600, clock=SystemClock(), least=0)
    patience.shorten(900)
    assert 590 < patience.left <= 600
    waiting = asyncio.create_task(patience.over())
    patience.shorten(0.01)
    async with asyncio.timeout(20):
        await waiting
