"""A cluster in memory for deploying tests, with levers for what can go wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.kube import errors

DISCOVERY = {
    "/api/v1": {"Namespace": ("namespaces", False), "ConfigMap": ("configmaps", True), "Secret": ("secrets", True)},
    "/apis/apps/v1": {"Deployment": ("deployments", True), "StatefulSet": ("statefulsets", True)},
}


class FakeCluster:
    """Server-side apply as far as these tests look: an applied object is stored, a Namespace must be there first."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.writes: list[tuple[str, str]] = []
        self.refusals: dict[str, errors.ApiError] = {}
        self.becomes_healthy = True

    def refuse(self, path: str, error: errors.ApiError) -> None:
        """Every write to `path` fails with this from now on."""
        self.refusals[path] = error

    def get(self, path: str, /) -> Any:
        if path in DISCOVERY:
            kinds = DISCOVERY[path].items()
            return {"resources": [{"kind": kind, "name": name, "namespaced": held} for kind, (name, held) in kinds]}
        if path not in self.objects:
            raise errors.NotFound(404, "NotFound", f'"{path}" not found')
        return copy.deepcopy(self.objects[path])

    def apply(self, path: str, manifest: Any, /, *, force: bool = False, dry_run: bool = False) -> Any:
        del force
        self._check(path, manifest)
        merged = {**self.objects.get(path, {}), **copy.deepcopy(dict(manifest))}
        merged["metadata"] = {"uid": f"uid-{path}", "generation": 1, **merged["metadata"]}
        if not dry_run:
            self.writes.append(("apply", path))
            self.objects[path] = self._with_status(merged)
        return merged

    def create(self, path: str, manifest: Any, /, *, dry_run: bool = False) -> Any:
        del dry_run
        where = f"{path}/{manifest['metadata']['name']}"
        self._check(where, manifest)
        if where in self.objects:
            raise errors.AlreadyExists(409, "AlreadyExists", "already exists")
        self.writes.append(("create", where))
        self.objects[where] = copy.deepcopy(dict(manifest))
        return self.objects[where]

    def delete(self, path: str, /, *, uid: str | None = None, propagation_policy: str = "Background") -> Any:
        assert propagation_policy == "Foreground", "pods would be left behind unseen"
        if path not in self.objects:
            raise errors.NotFound(404, "NotFound", "not found")
        if uid != self.objects[path]["metadata"].get("uid"):
            raise errors.Conflict(409, "Conflict", "uid")
        self.writes.append(("delete", path))
        return self.objects.pop(path)

    def _check(self, path: str, manifest: Any) -> None:
        if path in self.refusals:
            raise self.refusals[path]
        namespace = manifest["metadata"].get("namespace")
        if namespace and f"/api/v1/namespaces/{namespace}" not in self.objects:
            raise errors.NotFound(404, "NotFound", f'namespaces "{namespace}" not found')

    def _with_status(self, live: dict[str, Any]) -> dict[str, Any]:
        if live["kind"] in ("Deployment", "StatefulSet") and self.becomes_healthy:
            counts = ("replicas", "readyReplicas", "updatedReplicas", "availableReplicas")
            live["status"] = {"observedGeneration": 1, **dict.fromkeys(counts, live["spec"].get("replicas", 1))}
        return live


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.on_sleep: Callable[[], None] | None = None

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        if self.on_sleep:
            self.on_sleep()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
def time() -> Time:
    return Time()


def manifest(api_version: str, kind: str, name: str, namespace: str = "", **fields: Any) -> dict[str, Any]:
    """A small object."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


@pytest.fixture
def objects() -> tuple[dict[str, Any], ...]:
    """A namespace with a ConfigMap and a Deployment."""
    return (
        manifest("v1", "Namespace", "shop"),
        manifest("apps/v1", "Deployment", "web", "shop", spec={"replicas": 2}),
        manifest("v1", "ConfigMap", "web", "shop", data={"a": "1"}),
    )
