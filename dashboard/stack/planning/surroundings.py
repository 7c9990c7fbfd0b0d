"""What stands around the objects of a plan: namespaces, kinds the plan itself brings, OpenAPI documents. Only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.cluster import Cluster, Manifest
from dashboard.stack.planning import shape

NamespaceState = Literal["there", "planned", "missing", "ending"]


class Surroundings:
    """Of one plan; each question is asked of the cluster once."""

    def __init__(self, cluster: Cluster, bundles: Sequence[Bundle]) -> None:
        self._cluster = cluster
        self._planned = planned_namespaces(bundles)
        self._coming = frozenset(kind for bundle in bundles for each in bundle.objects for kind in _kinds_of(each))
        self._namespaces: dict[str, NamespaceState] = {}
        self._documents: dict[str, Mapping[str, Any]] = {}

    def namespace(self, name: str) -> NamespaceState:
        """`planned`: not there, but an object of the plan. One that may not be read counts as there: it is tried."""
        if name not in self._namespaces:
            self._namespaces[name] = self._asked(name)
        return self._namespaces[name]

    def brings(self, manifest: Manifest) -> bool:
        """Whether the object's kind is defined by a CustomResourceDefinition of this very plan."""
        return (manifest["apiVersion"], manifest["kind"]) in self._coming

    def faults(self, manifest: Manifest) -> list[str]:
        """What is wrong with the object's shape; nothing when the cluster publishes no document to judge by."""
        api_version = manifest["apiVersion"]
        if api_version not in self._documents:
            try:
                self._documents[api_version] = self._cluster.get(shape.document_path(api_version))
            except (errors.NotFound, errors.Forbidden):
                self._documents[api_version] = {}
        return shape.faults(self._documents[api_version], manifest)

    def _asked(self, name: str) -> NamespaceState:
        try:
            live = self._cluster.get(f"/api/v1/namespaces/{name}")
        except errors.NotFound:
            return "planned" if name in self._planned else "missing"
        except errors.Forbidden:
            return "there"
        return "ending" if is_ending(live) else "there"


def planned_namespaces(bundles: Sequence[Bundle]) -> set[str]:
    """Names of the Namespaces among the objects."""
    return {each["metadata"]["name"] for bundle in bundles for each in bundle.objects if each["kind"] == "Namespace"}


def is_ending(live: Manifest) -> bool:
    """Whether it is being deleted."""
    return "deletionTimestamp" in live["metadata"]


def _kinds_of(manifest: Manifest) -> list[tuple[str, str]]:
    """(apiVersion, kind) that a CustomResourceDefinition defines."""
    if manifest["kind"] != "CustomResourceDefinition":
        return []
    spec = manifest.get("spec") or {}
    kind = (spec.get("names") or {}).get("kind", "")
    return [(f"{spec.get('group')}/{each.get('name')}", kind) for each in spec.get("versions") or []]
