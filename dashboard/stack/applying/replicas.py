"""Who owns `spec.replicas`: on what an HPA scales it is never ours, only handed over to it.

The hand-over is the one that Kubernetes documents for server-side apply: another field manager takes the field with
the value it has, so that leaving it out of ours does not reset it; the autoscaler's first change takes it from there.
"""

from __future__ import annotations

from typing import Any

from dashboard.kube.requests import FIELD_MANAGER
from dashboard.stack.cluster import Cluster, Manifest

HAND_OVER = "surgeboard-hand-over"
"""The field manager that holds `replicas` until the autoscaler first changes it."""


def hand_over(cluster: Cluster, path: str, live: Manifest, *, count: int) -> Any:
    """Has the other manager own `replicas` with this value."""
    metadata = {key: live["metadata"][key] for key in ("name", "namespace") if key in live["metadata"]}
    named = {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": metadata}
    return cluster.apply(path, {**named, "spec": {"replicas": count}}, field_manager=HAND_OVER)


def is_ours(live: Manifest) -> bool:
    """Whether an earlier apply of ours owns `replicas`: leaving it out now would reset it to 1."""
    for entry in live["metadata"].get("managedFields") or []:
        fields = entry.get("fieldsV1") or {}
        if entry.get("manager") == FIELD_MANAGER and "f:replicas" in fields.get("f:spec", {}):
            return True
    return False
