"""Finds an experiment that another process of the dashboard began, and what one left behind. Only reads.

An experiment is there while the Job of its prober is; what is older than any beginning and has no such Job is left
over, from a dashboard that died.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.kube import errors
from dashboard.kube.quantities import whole_bytes
from dashboard.limits.blast.objects import (
    BOUND,
    BOUND_GIVER,
    LABEL,
    NAMESPACE,
    ROLE,
    STARTED_BY,
    VARIANT,
    WATCH,
    jobs_path,
    name_of,
)
from dashboard.limits.blast.plan import Bound
from dashboard.limits.blast.variants import VARIANTS, Variant
from dashboard.store.times import seconds

BEGINNING_S = 120.0
"""For which an experiment may be in the middle of its beginning; what is younger is left alone."""
_LEFT = {
    "services": "/api/v1", "networkpolicies": "/apis/networking.k8s.io/v1", "secrets": "/api/v1",
    "jobs": "/apis/batch/v1",
}  # fmt: skip
Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """`token` is None where it may not be read: `denied` says what is missing. `born`: seconds since 1970; `is_over`:
    its Job has ended."""

    id: str
    variant: Variant
    bound: Bound
    by: str
    born: float
    started_at: str
    is_over: bool
    token: str | None
    denied: str | None = None


def running(cluster: Any) -> Found | None:
    """The experiment whose Job is there, if any; one that is being removed, or not yet whole, is none.

    Raises ApiError.
    """
    for job in cluster.list(jobs_path(), query={"labelSelector": f"{LABEL},{ROLE}={WATCH}"}):
        found = None if job["metadata"].get("deletionTimestamp") else _found(cluster, job)
        if found is not None:
            return found
    return None


def left_over(cluster: Any, *, now: float) -> list[str]:
    """Paths of what an experiment left whose Job is gone. What may not be listed is passed over. Raises ApiError."""
    found = [each for plural, group in _LEFT.items() for each in _labelled(cluster, plural, group)]
    # After the others: whoever begins in between makes this Job before anything else.
    owned = {_id_of(job) for job in cluster.list(jobs_path(), query={"labelSelector": f"{LABEL},{ROLE}={WATCH}"})}
    return [
        path
        for path, each in found
        if _id_of(each) not in owned
        and not each["metadata"].get("deletionTimestamp")
        and now - (seconds(each["metadata"].get("creationTimestamp")) or now) > BEGINNING_S
    ]


def _labelled(cluster: Any, plural: str, group: str) -> Iterable[tuple[str, Manifest]]:
    place = f"{group}/namespaces/{NAMESPACE}/{plural}"
    try:
        listed = cluster.list(place, query={"labelSelector": LABEL})
    except (errors.Forbidden, errors.NotFound):
        return []
    return [(f"{place}/{each['metadata']['name']}", each) for each in listed]


def _found(cluster: Any, job: Manifest) -> Found | None:
    metadata = job["metadata"]
    notes = metadata.get("annotations") or {}
    blast_id, variant = _id_of(job), VARIANTS.get(notes.get(VARIANT, ""))
    size = whole_bytes(notes.get(BOUND))
    started_at = str(metadata.get("creationTimestamp") or "")
    born = seconds(started_at)
    if not blast_id or variant is None or size is None or born is None:
        return None  # made by hand, or by a dashboard that is older: its deadline ends it
    token, denied = None, None
    try:
        secret = cluster.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/{name_of(blast_id)}")
        token = base64.b64decode(secret["data"]["token"]).decode()
    except errors.Forbidden as error:
        denied = error.rule.sentence if error.rule else error.message
    except (errors.NotFound, KeyError, binascii.Error, UnicodeDecodeError):
        return None
    bound = Bound(notes[BOUND], size, notes.get(BOUND_GIVER, "whoever it was"))
    return Found(blast_id, variant, bound, notes.get(STARTED_BY, "?"), born, started_at, _is_over(job), token, denied)


def _is_over(job: Manifest) -> bool:
    conditions = (job.get("status") or {}).get("conditions") or ()
    return any(each["type"] in ("Complete", "Failed") and each["status"] == "True" for each in conditions)


def _id_of(manifest: Manifest) -> str:
    return str((manifest["metadata"].get("labels") or {}).get(LABEL) or "")
