"""An autoscaler's target may be of a kind that a definition adds, if that has a scale."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from localcluster.apiserver.custom.catalogue import ESTABLISHED, is_true
from localcluster.apiserver.custom.lifecycle import Lifecycle
from localcluster.apiserver.registry import Registry
from localcluster.controllers.hpa.targets import read_target, write_target
from localcluster.errors import ApiError
from localcluster.resources import CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES

REFERENCE = {"apiVersion": "example.com/v1", "kind": "Widget", "name": "one"}
SCALE = {
    "specReplicasPath": ".spec.size.replicas",
    "statusReplicasPath": ".status.replicas",
    "labelSelectorPath": ".status.selector",
}


def definition(*, scale: bool) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"plural": "widgets", "kind": "Widget"}
    return {
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": names,
            "versions": [{**version, "subresources": {"scale": SCALE}} if scale else version],
        },
    }


async def defined(registry: Registry, *, scale: bool) -> Any:
    """A client, once the definition is served and has one object."""
    client = registry.client("system:test")
    await client.create(NAMESPACES, {"metadata": {"name": "test"}})
    following = asyncio.create_task(Lifecycle(registry).run())
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, definition(scale=scale))
    async with asyncio.timeout(5):
        async for event in client.watch(CUSTOM_RESOURCE_DEFINITIONS):
            if is_true(event.object, ESTABLISHED):
                break
    following.cancel()
    resource = registry.customs.find("example.com", "v1", "widgets")
    assert resource is not None
    body = {"metadata": {"name": "one"}, "spec": {"size": {"replicas": 2}}, "status": {"selector": "app=one"}}
    await client.create(resource, body, namespace="test")
    return client


async def test_the_size_stands_where_the_definition_says() -> None:
    client = await defined(Registry(), scale=True)
    target = await read_target(client, REFERENCE, namespace="test")
    assert (target.replicas, target.selector) == (2, "app=one")
    await write_target(client, target, replicas=5)
    assert (await read_target(client, REFERENCE, namespace="test")).replicas == 5


async def test_without_a_scale_it_cannot_be_scaled() -> None:
    client = await defined(Registry(), scale=False)
    with pytest.raises(ApiError, match="could not find the requested resource"):
        await read_target(client, REFERENCE, namespace="test")
