"""Reads and sets the size of what an autoscaler scales; the size is set through the target's `scale` subresource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcluster.apiserver.custom import scaling
from localcluster.apiserver.custom.catalogue import ESTABLISHED, is_true, versions_of
from localcluster.client import Client, Object
from localcluster.errors import ApiError
from localcluster.resources import CUSTOM_RESOURCE_DEFINITIONS, STORED, Resource
from localcluster.selectors import from_object


@dataclass(frozen=True, slots=True)
class Target:
    """A scale target as read: the object, and what its Scale says of it."""

    resource: Resource
    object: Object

    @property
    def replicas(self) -> int:
        """The size asked for; a target that says nothing has one."""
        if self.resource.custom is not None:
            return scaling.replicas(self.resource, self.object)
        return int(self.object["spec"].get("replicas", 1))

    @property
    def selector(self) -> str:
        """The label selector of the target's pods; "" when the target has none."""
        if self.resource.custom is not None:
            return scaling.selector(self.resource, self.object)
        return str(from_object(self.object["spec"].get("selector")))


async def read_target(client: Client, reference: Mapping[str, Any], *, namespace: str) -> Target:
    """The target `reference` names; raises ApiError when there is none or it cannot be scaled."""
    resource = _named(reference, STORED) or _named(reference, await _customs(client))
    if resource is None:
        group, _, version = str(reference.get("apiVersion", "")).rpartition("/")
        text = f'no matches for kind "{reference["kind"]}" in group "{group}"'
        raise ApiError(404, "NotFound", text if group else f'{text} version "{version}"')
    if "scale" not in resource.subresources:
        raise ApiError(404, "NotFound", "the server could not find the requested resource")
    return Target(resource, await client.get(resource, reference["name"], namespace=namespace))


async def write_target(client: Client, target: Target, *, replicas: int) -> None:
    """Sets the target's size; a 409 means somebody else changed it since it was read."""
    metadata = target.object["metadata"]
    kept = {key: metadata[key] for key in ("name", "namespace", "uid", "resourceVersion") if key in metadata}
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": kept, "spec": {"replicas": replicas}}
    await client.update(target.resource, scale, subresource="scale")


async def _customs(client: Client) -> list[Resource]:
    definitions = (await client.list(CUSTOM_RESOURCE_DEFINITIONS)).items
    return [versions_of(definition)[0] for definition in definitions if is_true(definition, ESTABLISHED)]


def _named(reference: Mapping[str, Any], resources: Iterable[Resource]) -> Resource | None:
    wanted = str(reference.get("apiVersion", "")).rpartition("/")[0], reference["kind"]
    return next((resource for resource in resources if (resource.group, resource.kind) == wanted), None)
