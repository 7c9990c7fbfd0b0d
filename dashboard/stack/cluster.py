"""What applying needs of the Kubernetes API, and where an object lives on it (by discovery, so any kind works)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.kube.requests import FIELD_MANAGER

Manifest = Mapping[str, Any]


class Reader(Protocol):
    """What reading takes; `dashboard.kube.client.KubeClient` has it. All raise `dashboard.kube.errors.ApiError`."""

    def get(self, path: str, /) -> Any: ...

    def list(self, path: str, /, *, query: Mapping[str, str | int | bool] | None = None) -> list[dict[str, Any]]: ...


class Cluster(Reader, Protocol):
    """All verbs used here."""

    def apply(
        self, path: str, manifest: Manifest, /, *, field_manager: str = FIELD_MANAGER, force: bool = False,
        dry_run: bool = False,
    ) -> Any: ...  # fmt: skip

    def create(
        self, path: str, manifest: Manifest, /, *, field_manager: str = FIELD_MANAGER, dry_run: bool = False
    ) -> Any: ...

    def patch(
        self, path: str, body: Manifest, /, *, field_manager: str = FIELD_MANAGER, dry_run: bool = False
    ) -> Any: ...

    def delete(self, path: str, /, *, uid: str | None = None, propagation_policy: str = "Background") -> Any: ...


class Locator:
    """Paths of objects, from the discovery documents; each group version is asked once."""

    def __init__(self, cluster: Reader) -> None:
        self._cluster = cluster
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}

    def forget(self) -> None:
        """Ask again: what was applied may have brought new kinds."""
        self._kinds.clear()

    def serves(self, api_version: str, kind: str) -> bool:
        """Whether this cluster knows the kind."""
        try:
            self._kind(api_version, kind)
        except Refused:
            return False
        return True

    def path(self, manifest: Manifest) -> str:
        """Path of the object itself. Raises Refused for a kind this cluster does not serve."""
        return f"{self.collection(manifest)}/{manifest['metadata']['name']}"

    def collection(self, manifest: Manifest) -> str:
        """Path of the collection the object belongs to."""
        api_version, kind = manifest["apiVersion"], manifest["kind"]
        plural, namespaced = self._kind(api_version, kind)
        root = _root(api_version)
        if not namespaced:
            return f"{root}/{plural}"
        namespace = manifest["metadata"].get("namespace")
        if not namespace:
            raise Refused(
                f"{kind} {manifest['metadata']['name']} names no namespace; add metadata.namespace.", status=422
            )
        return f"{root}/namespaces/{namespace}/{plural}"

    def is_namespaced(self, api_version: str, kind: str) -> bool:
        """Whether objects of the kind live in namespaces. Raises Refused for a kind this cluster does not serve."""
        return self._kind(api_version, kind)[1]

    def resource(self, api_version: str, kind: str) -> tuple[str, str]:
        """(API group, plural), as RBAC rules name it. Raises Refused for a kind this cluster does not serve."""
        return api_version.rpartition("/")[0], self._kind(api_version, kind)[0]

    def _kind(self, api_version: str, kind: str) -> tuple[str, bool]:
        if api_version not in self._kinds:
            self._kinds[api_version] = self._discover(api_version)
        try:
            return self._kinds[api_version][kind]
        except KeyError:
            raise Refused(
                f"The cluster serves no {kind} in {api_version}; install what provides it, or correct the manifest.",
                status=422,
            ) from None

    def _discover(self, api_version: str) -> dict[str, tuple[str, bool]]:
        try:
            document = self._cluster.get(_root(api_version))
        except errors.NotFound:
            return {}
        return {
            each["kind"]: (each["name"], each["namespaced"])
            for each in document["resources"]
            if "/" not in each["name"]
        }


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
