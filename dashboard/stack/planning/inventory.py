"""What is in a namespace that is not a bundle's own, counted by kind through discovery. Only reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.kube import errors
from dashboard.stack.cluster import Cluster

_MADE_BY_THE_CLUSTER = frozenset({("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")})
"""What every namespace has from its beginning."""

_TRACES = frozenset({"Event", "Lease", "Endpoints"})
"""Kinds that only say what others did or hold, and come and go by themselves."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Count:
    """Number of objects by kind, the most numerous first. `uncounted`: kinds or groups that could not be listed."""

    takes: Mapping[str, int]
    uncounted: tuple[str, ...]


class Inventory:
    """Counts in one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._uncounted: list[str] = []

    def foreign(self, namespace: str, own: Collection[str]) -> Count:
        """Objects in the namespace that are not in `own` (ids) and not made by something in there.

        What a controller made for an object counts with that object, not by itself.
        """
        found: dict[str, str] = {}
        for root, row in self._kinds():
            for each in self._listed(f"{root}/namespaces/{namespace}/{row['name']}", row["kind"]):
                metadata = each["metadata"]
                group = root.removeprefix("/apis/").rpartition("/")[0] if root.startswith("/apis/") else ""
                kind = f"{row['kind']}.{group}" if group else row["kind"]
                known = f"{kind}/{namespace}/{metadata['name']}" in own
                if not known and not _is_derived(row["kind"], metadata):
                    found.setdefault(metadata["uid"], row["kind"])
        return Count(dict(Counter(found.values()).most_common()), tuple(dict.fromkeys(self._uncounted)))

    def _kinds(self) -> Iterator[tuple[str, Row]]:
        """(root path, row) of every namespaced kind whose objects can be listed and deleted."""
        for root in self._roots():
            for row in self._resources(root):
                verbs = row.get("verbs") or []
                if row.get("namespaced") and "/" not in row["name"] and {"list", "delete"} <= set(verbs):
                    yield root, row

    def _roots(self) -> Iterator[str]:
        yield "/api/v1"
        try:
            groups = self._cluster.get("/apis")["groups"]
        except errors.ApiError:
            self._uncounted.append("all kinds outside the core group")
            return
        for group in groups:
            yield f"/apis/{group.get('preferredVersion', group['versions'][0])['groupVersion']}"

    def _resources(self, root: str) -> list[Row]:
        try:
            return list(self._cluster.get(root).get("resources") or [])
        except errors.ApiError:
            self._uncounted.append(root.removeprefix("/apis/"))
            return []

    def _listed(self, path: str, kind: str) -> list[Row]:
        if kind in _TRACES:
            return []
        try:
            return list(self._cluster.list(path))
        except (errors.NotFound, errors.BadRequest):
            return []
        except errors.ApiError:
            self._uncounted.append(kind)
            return []


def _is_derived(kind: str, metadata: Row) -> bool:
    """Made by the cluster for itself, or by a controller for another object."""
    if (kind, metadata["name"]) in _MADE_BY_THE_CLUSTER:
        return True
    return any(owner.get("controller") for owner in metadata.get("ownerReferences") or [])
