"""A read-only look at storage for those who decide without writing, such as admission. Do not change its objects."""

from __future__ import annotations

from localcluster.apiserver.storage import Storage
from localcluster.client import Object
from localcluster.resources import Resource


class Lister:
    """Objects as they are now."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Object | None:
        version = self._storage.get(resource, (namespace, name))
        return version.object if version else None

    def list(self, resource: Resource, *, namespace: str = "") -> list[Object]:
        return [version.object for version in self._storage.all(resource, namespace=namespace)]
