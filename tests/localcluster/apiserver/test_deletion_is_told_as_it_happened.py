"""What watchers see of an object's end: a pod's grace that is over, and the last finalizer still on what is gone."""

from __future__ import annotations

import asyncio
from typing import Any

from localcluster.apiserver.assembly import Api
from localcluster.client import Client, Object
from localcluster.resources import CONFIG_MAPS, PODS, SERVICE_ACCOUNTS, Resource

_MERGE: Any = "application/merge-patch+json"


async def seen_until_deleted(client: Client, resource: Resource, name: str) -> list[tuple[str, Object]]:
    seen = []
    async with asyncio.timeout(10):
        async for event in client.watch(resource, namespace="test"):
            if event.object["metadata"].get("name") == name:
                seen.append((event.type, event.object["metadata"]))
                if event.type == "DELETED":
                    return seen
    raise AssertionError("the watch ended")


async def test_a_pod_s_grace_is_told_to_be_over_before_it_is_gone(api: Api) -> None:
    """Generation counts the first deletion only."""
    client = api.registry.client("system:test")
    await client.create(SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, namespace="test")
    pod = {"metadata": {"name": "p"}, "spec": {"nodeName": "local", "containers": [{"name": "c", "image": "pause"}]}}
    await client.create(PODS, pod, namespace="test")
    watching = asyncio.create_task(seen_until_deleted(client, PODS, "p"))
    await asyncio.sleep(0)
    await client.delete(PODS, "p", namespace="test")
    await client.delete(PODS, "p", namespace="test", grace_period_seconds=0)
    steps = [
        (kind, about.get("deletionGracePeriodSeconds"), about["generation"])
        for kind, about in await watching
        if "deletionTimestamp" in about
    ]
    assert steps == [("MODIFIED", 30, 2), ("MODIFIED", 0, 2), ("DELETED", 0, 2)]


async def test_what_is_gone_is_shown_with_its_last_finalizer(api: Api) -> None:
    """Its removal is what let the object go; it was never stored without it."""
    client = api.registry.client("system:test")
    body = {"metadata": {"name": "held", "finalizers": ["example.com/hold"]}}
    await client.create(CONFIG_MAPS, body, namespace="test")
    watching = asyncio.create_task(seen_until_deleted(client, CONFIG_MAPS, "held"))
    await asyncio.sleep(0)
    await client.delete(CONFIG_MAPS, "held", namespace="test")
    await client.patch(CONFIG_MAPS, "held", {"metadata": {"finalizers": None}}, patch_type=_MERGE, namespace="test")
    kind, about = (await watching)[-1]
    assert (kind, about["finalizers"]) == ("DELETED", ["example.com/hold"])
