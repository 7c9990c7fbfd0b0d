"""The documents of metrics.k8s.io/v1beta1: lists, single objects, discovery, refusals; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from localcluster import quantity
from localcluster.metricsserver.durations import format_milliseconds
from localcluster.metricsserver.storage import Usage, earliest

Document = dict[str, Any]
GROUP, VERSION = "metrics.k8s.io", "v1beta1"
API_VERSION = f"{GROUP}/{VERSION}"

RESOURCES: Document = {
    "kind": "APIResourceList",
    "apiVersion": "v1",
    "groupVersion": API_VERSION,
    "resources": [
        {"name": "nodes", "singularName": "", "namespaced": False, "kind": "NodeMetrics", "verbs": ["get", "list"]},
        {"name": "pods", "singularName": "", "namespaced": True, "kind": "PodMetrics", "verbs": ["get", "list"]},
    ],
}
_OWN_VERSION = {"groupVersion": API_VERSION, "version": VERSION}
GROUP_DOCUMENT: Document = {
    "kind": "APIGroup",
    "apiVersion": "v1",
    "name": GROUP,
    "versions": [_OWN_VERSION],
    "preferredVersion": _OWN_VERSION,
}
GROUPS: Document = {
    "kind": "APIGroupList",
    "apiVersion": "v1",
    "groups": [{key: GROUP_DOCUMENT[key] for key in ("name", "versions", "preferredVersion")}],
}


def pod_metrics(pod: Mapping[str, Any], usages: Mapping[str, Usage], *, now: float) -> Document:
    """One PodMetrics without kind, as it stands in a list."""
    oldest = earliest(usages.values())
    return {
        "metadata": _metadata(pod, now=now),
        "timestamp": _time(oldest.at / 1000),
        "window": format_milliseconds(oldest.window),
        "containers": [{"name": name, "usage": _usage(usage)} for name, usage in usages.items()],
    }


def node_metrics(node: Mapping[str, Any], usage: Usage, *, now: float) -> Document:
    """One NodeMetrics without kind."""
    return {
        "metadata": _metadata(node, now=now),
        "timestamp": _time(usage.at / 1000),
        "window": format_milliseconds(usage.window),
        "usage": _usage(usage),
    }


def listed(kind: str, items: Iterable[Document]) -> Document:
    """`kind` is that of the items."""
    return {"kind": f"{kind}List", "apiVersion": API_VERSION, "metadata": {}, "items": list(items)}


def single(kind: str, item: Document) -> Document:
    """An object that is answered alone names its kind."""
    return {"kind": kind, "apiVersion": API_VERSION, **item}


def missing(plural: str, name: str) -> Document:
    """The Status of a 404."""
    return _status(
        404, "NotFound", f'{plural}.{GROUP} "{name}" not found', {"name": name, "group": GROUP, "kind": plural}
    )


def failure(message: str) -> Document:
    """The Status of a 500: the cluster could not be asked."""
    return _status(500, "InternalError", f"Internal error occurred: {message}", None)


def _status(code: int, reason: str, message: str, details: Document | None) -> Document:
    status: Document = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
    if details is not None:
        status["details"] = details
    return status


def _metadata(obj: Mapping[str, Any], *, now: float) -> Document:
    metadata: Document = {"name": obj["metadata"]["name"]}
    if obj["metadata"].get("namespace"):
        metadata["namespace"] = obj["metadata"]["namespace"]
    metadata["creationTimestamp"] = _time(now)
    if obj["metadata"].get("labels"):
        metadata["labels"] = dict(obj["metadata"]["labels"])
    return metadata


def _usage(usage: Usage) -> Document:
    return {
        "cpu": quantity.format_cpu(Decimal(usage.nanocores).scaleb(-9)),
        "memory": quantity.format_memory(Decimal(usage.memory_bytes)),
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
