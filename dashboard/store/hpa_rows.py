"""A HorizontalPodAutoscaler as a row: what it was told, and what it last said of itself. Pure.

Quantities stay as they are written; unknown is None and never 0.
"""

from __future__ import annotations

from typing import Any

from dashboard.redaction import scrub

Fields = dict[str, Any]

SOURCES = {
    "Resource": "resource", "ContainerResource": "container_resource", "Pods": "pods", "Object": "object",
    "External": "external",
}  # fmt: skip
"""Type of a metric → where it stands in the object."""


def hpa(found: Any) -> Fields:
    """A row of `hpas`."""
    meta, spec, status = found.metadata, found.spec, found.status
    target = spec.scale_target_ref
    return {
        "uid": meta.uid,
        "namespace": meta.namespace,
        "name": meta.name,
        "target": {"kind": target.kind, "name": target.name},
        "min": 1 if spec.min_replicas is None else spec.min_replicas,
        "max": spec.max_replicas,
        "current": status.current_replicas,
        # The controller writes 0 until it has computed anything.
        "desired": status.desired_replicas if _has_computed(status) else None,
        "cpu_percent": utilization(status.current_metrics, "current"),
        "cpu_target": utilization(spec.metrics, "target"),
        "metrics": metrics(spec.metrics, status.current_metrics),
        "behavior": _behavior(spec.behavior),
        "conditions": [_condition(each) for each in status.conditions or ()],
        "last_scale_at": status.last_scale_time,
        "created_at": meta.creation_timestamp,
        "status_written_at": _written_at(meta.managed_fields),
    }


def metrics(wanted: Any, told: Any) -> list[Fields]:
    """Each metric of the spec with its figure; the status lists them in the same order."""
    figures = list(told or ())
    return [_metric(each, figures[place] if place < len(figures) else None) for place, each in enumerate(wanted or ())]


def utilization(metrics: Any, side: str) -> int | None:
    """Of the CPU metric. An HPA without metrics has one of type "" and nothing in it."""
    for metric in metrics or ():
        resource = metric.resource or metric.container_resource
        value = getattr(resource, side) if resource is not None and resource.name == "cpu" else None
        if value is not None and value.average_utilization is not None:
            return int(value.average_utilization)
    return None


def _metric(wanted: Any, told: Any) -> Fields:
    source = _source(wanted)
    figure = _source(told) if told is not None and told.type == wanted.type else None
    named = getattr(source, "metric", None)
    about = getattr(source, "described_object", None)
    return {
        "type": wanted.type,
        "name": named.name if named is not None else getattr(source, "name", None),
        "container": getattr(source, "container", None),
        "object": {"kind": about.kind, "name": about.name} if about is not None else None,
        "target": _value(source.target if source is not None else None),
        "current": _value(figure.current if figure is not None else None),
    }


def _source(metric: Any) -> Any | None:
    field = SOURCES.get(metric.type or "")
    return getattr(metric, field) if field else None


def _value(found: Any) -> Fields | None:
    if found is None:
        return None
    return {
        "utilization": found.average_utilization,
        "average_value": _text(found.average_value),
        "value": _text(found.value),
    }


def _text(quantity: Any) -> str | None:
    return None if quantity is None else str(quantity)


def _behavior(found: Any) -> Fields | None:
    return None if found is None else {"up": _rules(found.scale_up), "down": _rules(found.scale_down)}


def _rules(found: Any) -> Fields | None:
    if found is None:
        return None
    return {
        "stabilization_s": found.stabilization_window_seconds,
        "select": found.select_policy,
        "policies": [
            {"type": each.type, "value": each.value, "period_s": each.period_seconds} for each in found.policies or ()
        ],
        "tolerance": _text(found.tolerance),
    }


def _condition(found: Any) -> Fields:
    return {
        "type": found.type,
        "status": found.status,
        "reason": found.reason,
        "message": None if found.message is None else scrub(found.message),  # an adapter's error may hold an address
        "since": found.last_transition_time,
    }


def _has_computed(status: Any) -> bool:
    return bool(status.desired_replicas) or status.last_scale_time is not None


def _written_at(managed: Any) -> str | None:
    """When the status was last written; the controller leaves it alone while nothing changes."""
    return max((each.time for each in managed or () if each.subresource == "status" and each.time), default=None)
