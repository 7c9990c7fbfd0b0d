"""The scale of a custom resource: where its definition says that its size stands. Pure."""

from __future__ import annotations

from typing import Any

from localcluster.apiserver.custom import jsonpath
from localcluster.client import Object
from localcluster.errors import ApiError
from localcluster.resources import Resource


def replicas(resource: Resource, body: Object) -> int:
    """The size asked for. Raises ApiError when the object does not say one."""
    path = _path(resource, "specReplicasPath")
    found = _at(body, path)
    if not isinstance(found, int):
        message = f'Internal error occurred: the spec replicas field "{path}" does not exist'
        raise ApiError(500, "InternalError", message)
    return found


def status_replicas(resource: Resource, body: Object) -> int:
    found = _at(body, _path(resource, "statusReplicasPath"))
    return found if isinstance(found, int) else 0


def selector(resource: Resource, body: Object) -> str:
    """The selector of its pods as text, "" when there is none."""
    path = _path(resource, "labelSelectorPath")
    found = _at(body, path) if path else None
    return found if isinstance(found, str) else ""


def set_replicas(resource: Resource, body: Object, number: int) -> None:
    """In place."""
    *above, last = jsonpath.fields_of(_path(resource, "specReplicasPath"))
    place = body
    for name in above:
        if not isinstance(place.get(name), dict):
            place[name] = {}
        place = place[name]
    place[last] = number


def _path(resource: Resource, name: str) -> str:
    scale = resource.custom.scale if resource.custom is not None else None
    return (scale or {}).get(name) or ""


def _at(body: Object, path: str) -> Any:
    found = jsonpath.find(body, jsonpath.parse(path))
    return found[0] if found else None
