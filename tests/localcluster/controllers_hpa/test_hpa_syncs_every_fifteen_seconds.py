"""The rhythm: first 15 s after an autoscaler appears, then every 15 s; each has its own; a deleted one has none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcluster.apiserver.registry import Registry
from localcluster.client import Object
from localcluster.controllers.hpa.controller import HorizontalController
from localcluster.controllers.informer import Informers
from localcluster.resources import DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, NAMESPACES, PODS, SERVICE_ACCOUNTS


class ManualClock:
    """Sleepers wake when `advance` has passed their time."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 12, 0, tzinfo=UTC) + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        until = self._seconds + seconds
        while self._seconds < until:
            moved = self._moved
            await moved.wait()

    async def advance(self, seconds: float) -> None:
        self._seconds += seconds
        self._moved.set()
        self._moved = asyncio.Event()
        await settle()


async def settle() -> None:
    """Lets everything that can go on do so; nothing here waits for real time."""
    for _ in range(100):
        await asyncio.sleep(0)


@pytest.fixture
async def manual() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def client(manual: ManualClock, recorder: Any) -> AsyncIterator[Any]:
    """An API with the controller at work on it."""
    client = Registry(now=manual.now).client("system:serviceaccount:kube-system:horizontal-pod-autoscaler")
    informers = Informers(client, manual)
    controller = HorizontalController(client, informers, recorder, manual)
    tasks = [asyncio.create_task(informers.run()), asyncio.create_task(controller.run())]
    await client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    yield client
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def autoscaler(name: str) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"}
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {"scaleTargetRef": target, "maxReplicas": 3, "metrics": [cpu]},
    }


async def test_it_first_looks_after_fifteen_seconds_and_then_again(
    client: Any, manual: ManualClock, recorder: Any
) -> None:
    await client.create(HORIZONTAL_POD_AUTOSCALERS, autoscaler("web"), namespace="shop")
    await settle()
    await manual.advance(14.9)
    assert recorder.events == []
    await manual.advance(0.2)
    assert recorder.reasons == ["FailedGetScale"]
    await manual.advance(14.9)
    assert len(recorder.events) == 1
    await manual.advance(0.2)
    assert len(recorder.events) == 2
    stored = await client.get(HORIZONTAL_POD_AUTOSCALERS, "web", namespace="shop")
    assert stored["status"]["conditions"][0]["message"].endswith('deployments.apps "none" not found')


async def test_each_has_its_own_rhythm(client: Any, manual: ManualClock, recorder: Any) -> None:
    await client.create(HORIZONTAL_POD_AUTOSCALERS, autoscaler("one"), namespace="shop")
    await settle()
    await manual.advance(10)
    await client.create(HORIZONTAL_POD_AUTOSCALERS, autoscaler("two"), namespace="shop")
    await settle()
    await manual.advance(5.1)
    assert [event[0] for event in recorder.events] == ["one"]
    await manual.advance(10)
    assert [event[0] for event in recorder.events] == ["one", "two"]


async def test_a_deleted_one_is_left_alone_and_one_made_again_starts_anew(
    client: Any, manual: ManualClock, recorder: Any
) -> None:
    await client.create(HORIZONTAL_POD_AUTOSCALERS, autoscaler("web"), namespace="shop")
    await settle()
    await manual.advance(10)
    await client.delete(HORIZONTAL_POD_AUTOSCALERS, "web", namespace="shop")
    await client.create(HORIZONTAL_POD_AUTOSCALERS, autoscaler("web"), namespace="shop")
    await settle()
    await manual.advance(6)
    assert recorder.events == []
    await manual.advance(9.1)
    assert len(recorder.events) == 1
    await manual.advance(6)
    assert len(recorder.events) == 1


async def test_two_of_one_target_hold_each_other_until_one_is_deleted(
    client: Any, manual: ManualClock, recorder: Any
) -> None:
    template = {"metadata": {"labels": {"app": "none"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    await client.create(SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, namespace="shop")
    await client.create(PODS, {**template, "metadata": {"name": "none-0", "labels": {"app": "none"}}}, namespace="shop")
    deployment = {"selector": {"matchLabels": {"app": "none"}}, "template": template}
    await client.create(DEPLOYMENTS, {"metadata": {"name": "none"}, "spec": deployment}, namespace="shop")
    for name in ("one", "two"):
        await client.create(HORIZONTAL_POD_AUTOSCALERS, autoscaler(name), namespace="shop")
    await settle()
    await manual.advance(15.1)
    await manual.advance(15.1)
    assert {event[0] for event in recorder.events if event[2] == "AmbiguousSelector"} == {"one", "two"}
    await client.delete(HORIZONTAL_POD_AUTOSCALERS, "two", namespace="shop")
    await settle()
    recorder.events.clear()
    await manual.advance(15.1)
    assert recorder.events
    assert "AmbiguousSelector" not in recorder.reasons
