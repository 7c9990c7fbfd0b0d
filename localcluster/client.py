"""What controllers and the node agent may ask of the API: the verbs anyone has, without the HTTP between.

Objects are plain JSON dictionaries in Kubernetes' own spelling. Whatever a call returns belongs to the
caller; whatever a watch or an informer yields is shared and must not be changed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from localcluster.resources import Resource

Object = dict[str, Any]
EventType = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]
PatchType = Literal[
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
]
PropagationPolicy = Literal["Background", "Foreground", "Orphan"]


@dataclass(frozen=True, slots=True)
class ObjectList:
    """One consistent list: `items` and the version to watch from."""

    items: list[Object]
    resource_version: str


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One line of a watch; `object` is a Status when `type` is ERROR."""

    type: EventType
    object: Object


class Client(Protocol):
    """The API as one actor sees it. Every verb raises `localcluster.errors.ApiError`."""

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Object: ...

    async def list(
        self, resource: Resource, *, namespace: str = "", label_selector: str = "", field_selector: str = ""
    ) -> ObjectList: ...

    async def create(self, resource: Resource, body: Object, *, namespace: str = "") -> Object: ...

    async def update(self, resource: Resource, body: Object, *, subresource: str = "") -> Object:
        """PUT; `subresource` "status" writes status alone. Conflicts (409) when metadata.resourceVersion is old."""
        ...

    async def patch(
        self, resource: Resource, name: str, body: Any, *, patch_type: PatchType, namespace: str = "",
        subresource: str = "", field_manager: str = "", force: bool = False,
    ) -> Object: ...  # fmt: skip

    async def delete(
        self, resource: Resource, name: str, *, namespace: str = "", uid: str = "",
        grace_period_seconds: int | None = None, propagation_policy: PropagationPolicy | None = None,
    ) -> Object: ...  # fmt: skip

    def watch(
        self, resource: Resource, *, namespace: str = "", resource_version: str = ""
    ) -> AsyncIterator[WatchEvent]:
        """Events after `resource_version`; with "" first one ADDED for each object. Ends only when closed."""
        ...

    async def get_raw(self, path: str) -> Any:
        """GET of any API path, such as `/apis/metrics.k8s.io/v1beta1/...`; the decoded JSON."""
        ...
