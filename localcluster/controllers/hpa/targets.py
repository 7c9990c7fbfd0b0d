"""Reads and writes the size of what an autoscaler scales, through the target's `scale` subresource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcluster.client import Client, Object
from localcluster.errors import ApiError
from localcluster.resources import STORED, Resource


@dataclass(frozen=True, slots=True)
class Target:
    """A scale target as read: its resource and its Scale object."""

    resource: Resource
    scale: Object

    @property
    def replicas(self) -> int:
        """The size asked for."""
        return int(self.scale["spec"].get("replicas", 0))

    @property
    def selector(self) -> str:
        """The label selector of the target's pods; "" when the target has none."""
        return str(self.scale.get("status", {}).get("selector", ""))


async def read_target(client: Client, reference: Mapping[str, Any], *, namespace: str) -> Target:
    """The target `reference` names; raises ApiError when there is none or it cannot be scaled."""
    resource = _resource_of(reference)
    path = f"/apis/{resource.api_version}/namespaces/{namespace}/{resource.plural}/{reference['name']}/scale"
    return Target(resource, await client.get_raw(path))


async def write_target(client: Client, target: Target, *, replicas: int) -> None:
    """Sets the target's size; a 409 means somebody else changed it since it was read."""
    scale = {**target.scale, "spec": {**target.scale["spec"], "replicas": replicas}}
    await client.update(target.resource, scale, subresource="scale")


def _resource_of(reference: Mapping[str, Any]) -> Resource:
    group, _, version = str(reference.get("apiVersion", "")).rpartition("/")
    for resource in STORED:
        if resource.kind == reference["kind"] and resource.group == group:
            if "scale" not in resource.subresources:
                raise ApiError(404, "NotFound", "the server could not find the requested resource")
            return resource
    text = f'no matches for kind "{reference["kind"]}" in group "{group}"'
    raise ApiError(404, "NotFound", text if group else f'{text} version "{version}"')
