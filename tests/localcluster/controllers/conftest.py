"""A cluster without processes: the real registry and controllers, a clock moved by hand, a kubelet that pretends."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcluster.apiserver.registry import Registry
from localcluster.client import Client, Object
from localcluster.controllers.all import build
from localcluster.controllers.clock import timestamp
from localcluster.controllers.informer import Informers
from localcluster.errors import ApiError
from localcluster.resources import EVENTS, NAMESPACES, NODES, PODS, Resource

START = datetime(2026, 11, 23, 4, 47, 30, tzinfo=UTC)
TURNS = 5000
"""Turns of the event loop a condition gets; nothing here waits for the outside world."""


class ManualClock:
    """Time passes only by `advance`."""

    def __init__(self) -> None:
        self._now = START
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # At least a microsecond, the finest step of a datetime: a shorter sleep would end before it has begun.
        due = self._now + timedelta(seconds=max(seconds, 1e-6))
        heapq.heappush(self._sleepers, (due, next(self._numbers), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Wake sleepers in their order, and let each have its turn."""
        until = self._now + timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0][0] <= until:
            due, _, future = heapq.heappop(self._sleepers)
            self._now = max(self._now, due)
            if not future.done():
                future.set_result(None)
            await settle(20)
        self._now = until
        await settle(20)


async def settle(turns: int = 200) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


async def eventually(condition: Callable[[], Any]) -> None:
    for _ in range(TURNS):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the condition never came true")


class FakeKubelet:
    """Starts every pod given to the node, and ends those that are deleted. Levers: `hold`, `outcome`."""

    def __init__(self, client: Client, clock: ManualClock) -> None:
        self._client = client
        self._clock = clock
        self._addresses = itertools.count(1)
        self.hold: Callable[[Object], bool] = lambda pod: False
        self.outcome: Callable[[Object], str] = lambda pod: "Running"
        self.keep_terminating = False

    async def run(self) -> None:
        async for event in self._client.watch(PODS):
            if event.type in ("ADDED", "MODIFIED"):
                with suppress(ApiError):
                    await self.look_at(event.object)

    async def look_at(self, pod: Object) -> None:
        metadata, phase = pod["metadata"], pod["status"].get("phase")
        if metadata.get("deletionTimestamp"):
            if not self.keep_terminating and metadata.get("deletionGracePeriodSeconds"):
                await self.end(pod)
        elif pod["spec"].get("nodeName") and phase == "Pending" and not self.hold(pod):
            await self.report(pod, self.outcome(pod))

    async def report(self, pod: Object, phase: str, *, ready: bool | None = None) -> None:
        now = timestamp(self._clock.now())
        is_ready = phase == "Running" if ready is None else ready
        others = [one for one in pod["status"].get("conditions") or [] if one["type"] != "Ready"]
        condition = {"type": "Ready", "status": str(is_ready), "lastProbeTime": None, "lastTransitionTime": now}
        state = {"running": {"startedAt": now}}
        if phase in ("Succeeded", "Failed"):
            state = {"terminated": {"exitCode": int(phase == "Failed"), "finishedAt": now, "startedAt": now}}
        status = {
            **pod["status"],
            "phase": phase,
            "podIP": pod["status"].get("podIP") or f"127.64.1.{next(self._addresses)}",
            "conditions": [*others, condition],
            "containerStatuses": [
                {"name": one["name"], "image": one["image"], "imageID": "", "ready": is_ready, "restartCount": 0,
                 "state": state}
                for one in pod["spec"]["containers"]
            ],
        }  # fmt: skip
        await self._client.update(PODS, {**pod, "status": status}, subresource="status")

    async def end(self, pod: Object) -> None:
        metadata = pod["metadata"]
        await self._client.delete(
            PODS, metadata["name"], namespace=metadata["namespace"], uid=metadata["uid"], grace_period_seconds=0
        )


class Cluster:
    """What a test touches: the API as a person, the clock, the kubelet, and what there is."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.registry = Registry(now=self.clock.now)
        self.api = self.registry.client("admin")
        self.kubelet = FakeKubelet(self.registry.client("system:node:local"), self.clock)
        self.informers = Informers(self.registry.client("system:kube-controller-manager"), self.clock)
        self.runnables = list(
            build(self.registry.client, self.informers, self.clock, root_ca="(certificate)", issue_token=self.issued)
        )

    @staticmethod
    def issued(namespace: str, account: str, secret: str) -> str:
        return f"a token of {namespace}/{account} in {secret}"

    def all(self, resource: Resource, *, namespace: str = "demo") -> list[Object]:
        found = self.registry.storage.all(resource, namespace=namespace if resource.namespaced else "")
        return [version.object for version in found]

    def one(self, resource: Resource, name: str, *, namespace: str = "demo") -> Object | None:
        place = namespace if resource.namespaced else ""
        version = self.registry.storage.get(resource, (place, name))
        return version.object if version is not None else None

    def names(self, resource: Resource) -> list[str]:
        return sorted(obj["metadata"]["name"] for obj in self.all(resource))

    def told(self, kind: str) -> list[tuple[str, str, str]]:
        """(type, reason, message) of the Events about objects of `kind`, in order."""
        events = [event for event in self.all(EVENTS) if event["involvedObject"]["kind"] == kind]
        events.sort(key=lambda event: int(event["metadata"]["resourceVersion"]))
        return [(event["type"], event["reason"], event["message"]) for event in events]

    async def scale(self, resource: Resource, name: str, replicas: int) -> None:
        await self.api.patch(
            resource, name, {"spec": {"replicas": replicas}},
            patch_type="application/merge-patch+json", namespace="demo",
        )  # fmt: skip

    async def until(self, condition: Callable[[], Any]) -> None:
        await eventually(condition)

    async def settle(self) -> None:
        await settle()


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    running = Cluster()
    await running.api.create(NAMESPACES, {"metadata": {"name": "demo"}})
    await running.api.create(NODES, {"metadata": {"name": "local", "labels": {"kubernetes.io/hostname": "local"}}})
    node = await running.api.get(NODES, "local")
    node["status"] = {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}}
    await running.api.update(NODES, node, subresource="status")
    tasks = [asyncio.create_task(one.run()) for one in (running.informers, running.kubelet, *running.runnables)]
    await running.informers.synced()
    yield running
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [result for result in results if not isinstance(result, asyncio.CancelledError)] == []


@pytest.fixture
def manual_clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pod_template() -> Object:
    """The template of the recordings."""
    return {
        "metadata": {"labels": {"app": "web"}},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "containers": [
                {"name": "main", "image": "local/pause:1", "ports": [{"name": "http", "containerPort": 8080}]}
            ],
        },
    }


@pytest.fixture
def deployment(pod_template: Object) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": pod_template},
    }
