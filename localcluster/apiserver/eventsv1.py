"""`events.k8s.io/v1`: the same Events as in the core group, in the newer shape. Pure.

Events are stored once, as core/v1. What is not told has no field, so that a partial object (an apply) converts too.
"""

from __future__ import annotations

from localcluster.client import Object
from localcluster.resources import EVENTS, EVENTS_V1

_RENAMED = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
"""core/v1's name of a field → that of events.k8s.io/v1; all other fields are called the same."""
_BACK = {new: old for old, new in _RENAMED.items()}


def shown(stored: Object) -> Object:
    """A core/v1 Event as events.k8s.io/v1."""
    return {**_with(stored, _RENAMED), "kind": EVENTS_V1.kind, "apiVersion": EVENTS_V1.api_version}


def read(sent: Object) -> Object:
    """An events.k8s.io/v1 Event as it is stored."""
    return {**_with(sent, _BACK), "kind": EVENTS.kind, "apiVersion": EVENTS.api_version}


def _with(body: Object, names: dict[str, str]) -> Object:
    head = {"kind": body.get("kind"), "apiVersion": body.get("apiVersion")}
    return head | {names.get(key, key): value for key, value in body.items() if key not in head}
