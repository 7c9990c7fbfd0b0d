"""A cluster in memory for deploying tests, with levers for what can go wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.kube import errors

DISCOVERY = {
    "/api/v1": {
        "Namespace": ("namespaces", False), "ConfigMap": ("configmaps", True), "Secret": ("secrets", True),
        "Service": ("services", True), "PersistentVolumeClaim": ("persistentvolumeclaims", True),
    },
    "/apis/apps/v1": {"Deployment": ("deployments", True), "StatefulSet": ("statefulsets", True)},
    "/apis/autoscaling/v2": {"HorizontalPodAutoscaler": ("horizontalpodautoscalers", True)},
    "/apis/apiextensions.k8s.io/v1": {"CustomResourceDefinition": ("customresourcedefinitions", False)},
}  # fmt: skip

ROLLED_OUT = [
    {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
    {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
]
"""What a Deployment's controller says at the end."""


class FakeCluster:
    """Server-side apply as far as these tests look: fields have owners, a Namespace must be there first.

    `requests`: every request but reads, as (verb, path); `writes`: those of them that changed something, without the
    records that deploying keeps about itself.
    """

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.writes: list[tuple[str, str]] = []
        self.requests: list[tuple[str, str]] = []
        self.refusals: dict[str, errors.ApiError] = {}
        self.becomes_healthy = True
        self.on_write: Callable[[str, str], None] | None = None
        self.kinds = {path: dict(kinds) for path, kinds in DISCOVERY.items()}
        self._owned: dict[str, dict[str, set[tuple[str, ...]]]] = {}
        self._count = 0
        self._left: int | None = None

    def refuse(self, path: str, error: errors.ApiError) -> None:
        """Every write to `path` fails with this from now on."""
        self.refusals[path] = error

    def die_after(self, writes: int | None) -> None:
        """After so many more writes nobody answers; None: it is there again."""
        self._left = writes

    def scale(self, path: str, replicas: int) -> None:
        """As an autoscaler does: the field changes and has another owner."""
        self._merge(path, {"spec": {"replicas": replicas}}, manager="kube-controller-manager", is_update=True)

    def owners(self, path: str, *field: str) -> set[str]:
        """The managers that own a field."""
        return {manager for manager, fields in self._owned.get(path, {}).items() if field in fields}

    def get(self, path: str, /) -> Any:
        self._answer()
        if path in self.kinds:
            kinds = self.kinds[path].items()
            return {"resources": [{"kind": kind, "name": name, "namespaced": held} for kind, (name, held) in kinds]}
        if path not in self.objects:
            raise errors.NotFound(404, "NotFound", f'"{path}" not found')
        return copy.deepcopy(self.objects[path])

    def list(self, path: str, /, *, query: Mapping[str, Any] | None = None) -> Any:
        self._answer()
        pairs = [each.split("=") for each in str((query or {}).get("labelSelector") or "").split(",") if each]
        held = [live for where, live in self.objects.items() if where.rpartition("/")[0] == path]
        return [
            copy.deepcopy(live)
            for live in held
            if all(live["metadata"].get("labels", {}).get(key) == value for key, value in pairs)
        ]

    def apply(
        self, path: str, manifest: Any, /, *, field_manager: str = "surgeboard", force: bool = False,
        dry_run: bool = False,
    ) -> Any:  # fmt: skip
        self._check(path, manifest)
        if not dry_run:
            self._written("apply", path)
        kept, owned = copy.deepcopy(self.objects.get(path)), copy.deepcopy(self._owned.get(path))
        merged = self._merge(path, manifest, manager=field_manager, force=force)
        if dry_run:
            self._restore(path, kept, owned)
        return merged

    def create(self, path: str, manifest: Any, /, *, field_manager: str = "surgeboard", dry_run: bool = False) -> Any:
        if path.endswith("/selfsubjectaccessreviews"):
            self._answer()
            return {**manifest, "status": {"allowed": True}}
        where = f"{path}/{manifest['metadata']['name']}"
        self._check(where, manifest)
        if where in self.objects:
            raise errors.AlreadyExists(409, "AlreadyExists", "already exists")
        if dry_run:
            return copy.deepcopy(dict(manifest))
        self._written("create", where)
        return self._merge(where, manifest, manager=field_manager, is_update=True)

    def patch(self, path: str, body: Any, /, *, field_manager: str = "surgeboard", dry_run: bool = False) -> Any:
        """A merge patch; with metadata.resourceVersion only of that very version."""
        assert not dry_run, "nobody tries a patch first"
        if path in self.refusals:
            raise self.refusals[path]
        if path not in self.objects:
            raise errors.NotFound(404, "NotFound", f'"{path}" not found')
        version = body.get("metadata", {}).get("resourceVersion")
        if version not in (None, self.objects[path]["metadata"]["resourceVersion"]):
            raise errors.Conflict(409, "Conflict", "the object has been modified")
        self._written("patch", path)
        return self._merge(path, body, manager=field_manager, is_update=True)

    def delete(self, path: str, /, *, uid: str | None = None, propagation_policy: str = "Background") -> Any:
        if path in self.refusals:
            raise self.refusals[path]
        assert propagation_policy == "Foreground" or _is_record(path), "pods would be left behind unseen"
        if path not in self.objects:
            self._answer()
            raise errors.NotFound(404, "NotFound", "not found")
        if uid not in (None, self.objects[path]["metadata"].get("uid")):
            raise errors.Conflict(409, "Conflict", "uid")
        self._written("delete", path)
        self._owned.pop(path, None)
        return self.objects.pop(path)

    def _answer(self) -> None:
        if self._left is not None and self._left <= 0:
            raise errors.Unreachable("nothing runs there now.")

    def _written(self, verb: str, path: str) -> None:
        self._answer()
        if self._left is not None:
            self._left -= 1
        if self.on_write:
            self.on_write(verb, path)
        self.requests.append((verb, path))
        if not _is_record(path):
            self.writes.append((verb, path))

    def _check(self, path: str, manifest: Any) -> None:
        self._answer()
        if path in self.refusals:
            raise self.refusals[path]
        namespace = manifest["metadata"].get("namespace")
        if namespace and f"/api/v1/namespaces/{namespace}" not in self.objects:
            raise errors.NotFound(404, "NotFound", f'namespaces "{namespace}" not found')

    def _merge(
        self, path: str, manifest: Any, *, manager: str, force: bool = False, is_update: bool = False
    ) -> dict[str, Any]:
        """What the manager had and has no more goes, unless another has it too; what it says comes."""
        live = copy.deepcopy(self.objects.get(path)) or self._newborn(path, manifest)
        said = _leaves(manifest)
        owned = self._owned.setdefault(path, {})
        for other, fields in owned.items():
            differing = {field for field in fields & said.keys() if _at(live, field) != said[field]}
            if other != manager and differing and not (force or is_update):
                causes = [
                    {"field": "." + ".".join(field), "message": f'conflict with "{other}"'} for field in differing
                ]
                raise errors.Conflict(409, "Conflict", "Apply failed", details={"causes": causes})
            if other != manager:
                fields.difference_update(differing)
        for field in set() if is_update else owned.get(manager, set()) - said.keys():
            if not any(field in fields for other, fields in owned.items() if other != manager):
                _put(live, field, None)
        for field, value in said.items():
            _put(live, field, copy.deepcopy(value))
        owned[manager] = set(said) | (owned.get(manager, set()) if is_update else set())
        return copy.deepcopy(self._keep(path, live))

    def _newborn(self, path: str, manifest: Any) -> dict[str, Any]:
        self._count += 1
        named = {key: manifest[key] for key in ("apiVersion", "kind") if key in manifest}
        return {**named, "metadata": {"name": path.rpartition("/")[2], "uid": f"uid-{self._count}", "generation": 1}}

    def _keep(self, path: str, live: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        live["metadata"]["resourceVersion"] = str(self._count)
        live["metadata"]["managedFields"] = [
            {"manager": manager, "operation": "Apply", "fieldsV1": _tree(fields)}
            for manager, fields in self._owned.get(path, {}).items()
        ]
        if live.get("kind") in ("Deployment", "StatefulSet"):
            live.setdefault("spec", {}).setdefault("replicas", 1)
        self.objects[path] = self._with_status(live)
        return self.objects[path]

    def _restore(self, path: str, live: dict[str, Any] | None, owned: dict[str, set[tuple[str, ...]]] | None) -> None:
        self.objects.pop(path, None)
        self._owned.pop(path, None)
        if live is not None:
            self.objects[path] = live
        if owned is not None:
            self._owned[path] = owned

    def _with_status(self, live: dict[str, Any]) -> dict[str, Any]:
        if live["kind"] in ("Deployment", "StatefulSet") and self.becomes_healthy:
            counts = ("replicas", "readyReplicas", "updatedReplicas", "availableReplicas", "currentReplicas")
            live["status"] = {
                "observedGeneration": 1,
                **dict.fromkeys(counts, live["spec"].get("replicas", 1)),
                "conditions": ROLLED_OUT if live["kind"] == "Deployment" else [],
            }
        return live


def _is_record(path: str) -> bool:
    return path == "/api/v1/namespaces/surgeboard" or "/namespaces/surgeboard/" in path


NOBODYS = {("apiVersion",), ("kind",), *(("metadata", name) for name in ("name", "uid", "resourceVersion"))}


def _leaves(manifest: Any) -> dict[tuple[str, ...], Any]:
    """Fields by their path; a list is one field."""
    return {field: held for field, held in _walk(manifest, ()) if field not in NOBODYS}


def _walk(value: Any, at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(value, Mapping):
        yield at, value
        return
    for key, each in value.items():
        yield from _walk(each, (*at, key))


def _at(live: Mapping[str, Any], field: tuple[str, ...]) -> Any:
    held: Any = live
    for key in field:
        held = held.get(key) if isinstance(held, Mapping) else None
    return held


def _put(live: dict[str, Any], field: tuple[str, ...], value: Any) -> None:
    *parents, last = field
    held = live
    for key in parents:
        held = held.setdefault(key, {})
    if value is None:
        held.pop(last, None)
    else:
        held[last] = value


def _tree(fields: set[tuple[str, ...]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for field in fields:
        held = tree
        for key in field:
            held = held.setdefault(f"f:{key}", {})
    return tree


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
