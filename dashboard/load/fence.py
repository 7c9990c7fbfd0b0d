"""Whether the NetworkPolicy around swarms is there and holds (L3), as far as the cluster says so. Sends no probe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from dashboard.kube import errors
from dashboard.load.workloads import NAMESPACE

NOT_ENFORCED = "surgeboard.dev/not-enforced"
"""Annotation of a Node: what it does not enforce, with commas between."""

ABSENT = "Namespace load has no NetworkPolicy that keeps its pods from going elsewhere: deploy the bundle load again."
NOT_HERE = "NetworkPolicy is not enforced here, as the cluster says itself; the pinned address alone keeps load inside."
UNKNOWN = "Whether this cluster enforces NetworkPolicy is unknown; the pinned address keeps load inside either way."


class Cluster(Protocol):
    """The verb used here; raises `dashboard.kube.errors.ApiError`."""

    def list(self, path: str, /) -> list[dict[str, Any]]: ...


def fence(cluster: Cluster) -> str:
    """One sentence for people."""
    try:
        policies = cluster.list(f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/networkpolicies")
        if not any(_denies_all(each) for each in policies):
            return ABSENT
        nodes = cluster.list("/api/v1/nodes")
    except errors.ApiError:
        return UNKNOWN
    return NOT_HERE if any(_says_no(each) for each in nodes) else UNKNOWN


def _denies_all(policy: Mapping[str, Any]) -> bool:
    spec = policy.get("spec") or {}
    return not spec.get("podSelector") and "Egress" in (spec.get("policyTypes") or ()) and not spec.get("egress")


def _says_no(node: Mapping[str, Any]) -> bool:
    text = ((node.get("metadata") or {}).get("annotations") or {}).get(NOT_ENFORCED) or ""
    return "NetworkPolicy" in [each.strip() for each in text.split(",")]
