"""The status of a quota says what its namespace uses, soon after every change, as recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from localcluster.apiserver.registry import Registry
from localcluster.client import Object
from localcluster.controllers.clock import SystemClock
from localcluster.controllers.informer import Informers
from localcluster.controllers.quota import QuotaController
from localcluster.controllers.recorder import Recorder
from localcluster.resources import NAMESPACES, PODS, RESOURCE_QUOTAS, SERVICE_ACCOUNTS

HARD = {"limits.memory": "512Mi", "pods": "4", "requests.cpu": "200m", "requests.memory": "256Mi"}
UNUSED = {"limits.memory": "0", "pods": "0", "requests.cpu": "0", "requests.memory": "0"}


@pytest.fixture
async def client() -> AsyncIterator[Any]:
    """An API with the controller at work on it, and a namespace with a quota."""
    client, clock = Registry().client("system:serviceaccount:kube-system:resourcequota-controller"), SystemClock()
    informers = Informers(client, clock)
    controller = QuotaController(client, informers, Recorder(client, "resourcequota-controller", clock), clock)
    tasks = [asyncio.create_task(informers.run()), asyncio.create_task(controller.run())]
    await client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    body = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "rq"}, "spec": {"hard": HARD}}
    await client.create(RESOURCE_QUOTAS, body, namespace="shop")
    yield client
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def service_account(client: Any) -> None:
    """No pod without one."""
    body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    await client.create(SERVICE_ACCOUNTS, body, namespace="shop")


def pod(name: str) -> Object:
    resources = {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"cpu": "100m", "memory": "64Mi"}}
    container = {"name": "main", "image": "docker.io/library/busybox:1", "resources": resources}
    spec = {"containers": [container], "automountServiceAccountToken": False}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


async def used(client: Any, holds: Callable[[Object], bool]) -> Object:
    """The used part of the status once it holds; the watch shows every change."""
    async with asyncio.timeout(5):
        async for event in client.watch(RESOURCE_QUOTAS, namespace="shop"):
            found = (event.object.get("status") or {}).get("used")
            if found is not None and holds(found):
                return found
    raise AssertionError("the watch ended")


async def test_a_new_quota_is_counted_at_once(client: Any) -> None:
    await used(client, lambda found: found == UNUSED)
    stored = await client.get(RESOURCE_QUOTAS, "rq", namespace="shop")
    assert stored["status"]["hard"] == HARD


async def test_pods_are_counted_when_they_come_and_go(client: Any, service_account: None) -> None:
    await client.create(PODS, pod("web-1"), namespace="shop")
    await client.create(PODS, pod("web-2"), namespace="shop")
    two = {"limits.memory": "128Mi", "pods": "2", "requests.cpu": "100m", "requests.memory": "64Mi"}
    assert await used(client, lambda found: found["pods"] == "2") == two
    await client.delete(PODS, "web-1", namespace="shop", grace_period_seconds=0)
    await used(client, lambda found: found["pods"] == "1")


async def test_a_finished_pod_uses_nothing(client: Any, service_account: None) -> None:
    created = await client.create(PODS, pod("task"), namespace="shop")
    await used(client, lambda found: found["pods"] == "1")
    await client.update(PODS, {**created, "status": {"phase": "Succeeded"}}, subresource="status")
    await used(client, lambda found: found == UNUSED)
