"""What a DELETE does to an object: gone at once, or marked until finalizers and grace let it go. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from localcluster.apiserver.metadata import bump_for_deletion, timestamp
from localcluster.apiserver.options import DeleteOptions
from localcluster.client import Object
from localcluster.errors import conflict
from localcluster.resources import NAMESPACES, PODS, Resource

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"
_DEFAULT_GRACE_S = 30
_LAST_MOMENT = "9999-12-31T23:59:59Z"


@dataclass(frozen=True, slots=True)
class Deletion:
    """`remove` at once; else store `marked`; else (both empty) it is being deleted already and nothing changes.

    A pod is marked and removed: watchers are told that its grace is over before they are told that it is gone.
    """

    remove: bool = False
    marked: Object | None = None


def check_preconditions(resource: Resource, body: Object, options: DeleteOptions) -> None:
    """409 when the object is not the one the caller means."""
    metadata = body["metadata"]
    for title, wanted, actual in (
        ("UID", options.uid, metadata["uid"]),
        ("ResourceVersion", options.resource_version, metadata["resourceVersion"]),
    ):
        if wanted and wanted != actual:
            message = (
                f"the {title} in the precondition ({wanted}) does not match the {title} in record ({actual}). "
                "The object might have been deleted and then recreated"
            )
            raise conflict(resource=resource.kind, group=resource.group, name=metadata["name"], message=message)


def decide(resource: Resource, body: Object, options: DeleteOptions, *, now: datetime) -> Deletion:
    """What to do with a copy of the object `body`."""
    metadata = body["metadata"]
    grace = grace_period(resource, body, options)
    finalizers = _finalizers(metadata, options)
    gone = grace == 0 and not finalizers and not (resource is NAMESPACES and body["spec"].get("finalizers"))
    if gone and resource is not PODS:
        return Deletion(remove=True)
    if metadata.get("deletionTimestamp") and not _shortens(metadata, grace):
        if finalizers == (metadata.get("finalizers") or []):
            return Deletion(remove=gone)
    else:
        first = not metadata.get("deletionTimestamp")
        metadata["deletionTimestamp"] = _moment(now, grace)
        if resource is not NAMESPACES:
            metadata["deletionGracePeriodSeconds"] = grace
        if first:
            bump_for_deletion(metadata)
    if resource is NAMESPACES:
        body["status"] = {**body.get("status", {}), "phase": "Terminating"}
    metadata.pop("finalizers", None)
    if finalizers:
        metadata["finalizers"] = finalizers
    return Deletion(remove=gone, marked=body)


def grace_period(resource: Resource, body: Object, options: DeleteOptions) -> int:
    """Seconds the object lives on after the DELETE; only pods that may be running get any."""
    if resource is not PODS:
        return 0
    spec = body["spec"]
    if not spec.get("nodeName") or body.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        return 0
    asked = options.grace_period_seconds
    seconds = spec.get("terminationGracePeriodSeconds", _DEFAULT_GRACE_S) if asked is None else asked
    return max(0 if asked == 0 else 1, int(seconds)) if seconds >= 0 else 1


def is_finished(body: Object) -> bool:
    """Whether an object marked for deletion holds nothing back any more."""
    metadata = body["metadata"]
    if not metadata.get("deletionTimestamp") or metadata.get("finalizers"):
        return False
    if body["kind"] == NAMESPACES.kind:
        return not body.get("spec", {}).get("finalizers")
    return not metadata.get("deletionGracePeriodSeconds")


def _finalizers(metadata: Object, options: DeleteOptions) -> list[str]:
    existing: list[Any] = metadata.get("finalizers") or []
    policy = options.propagation_policy
    if policy is None:
        return existing
    kept = [name for name in existing if name not in (FOREGROUND, ORPHAN)]
    return kept + {"Foreground": [FOREGROUND], "Orphan": [ORPHAN], "Background": []}[policy]


def _moment(now: datetime, grace: int) -> str:
    """When the grace is over; as late as a time can be told if it is meant never to be."""
    try:
        return timestamp(now + timedelta(seconds=grace))
    except OverflowError:
        return _LAST_MOMENT


def _shortens(metadata: Object, grace: int) -> bool:
    return grace < int(metadata.get("deletionGracePeriodSeconds") or 0)
