"""The first step of a definition's end: it is marked, and held until its instances are gone."""

from __future__ import annotations

from localcluster.client import Object

CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_TEXT = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"


def begin(definition: Object, *, now: str) -> None:
    """In place, at the first DELETE."""
    metadata = definition["metadata"]
    if metadata.get("deletionTimestamp"):
        return
    if CLEANUP not in (metadata.get("finalizers") or []):
        metadata["finalizers"] = [*(metadata.get("finalizers") or []), CLEANUP]
    status = definition.setdefault("status", {})
    others = [condition for condition in status.get("conditions") or [] if condition["type"] != "Terminating"]
    condition = {
        "type": "Terminating", "status": "True", "lastTransitionTime": now, "reason": "InstanceDeletionPending",
        "message": _TEXT,
    }  # fmt: skip
    status["conditions"] = [*others, condition]
