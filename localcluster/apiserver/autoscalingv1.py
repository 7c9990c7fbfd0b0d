"""`autoscaling/v1`: the same autoscalers as in v2, in the older shape that knows CPU utilisation alone. Pure.

What the older shape has no field for travels in annotations, so that an object read and written back loses nothing.
What is not told has no field, so that a partial object (an apply) converts too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from localcluster.client import Object
from localcluster.errors import bad_request
from localcluster.resources import HORIZONTAL_POD_AUTOSCALERS, HORIZONTAL_POD_AUTOSCALERS_V1

_PREFIX = "autoscaling.alpha.kubernetes.io/"
_METRICS, _BEHAVIOR = _PREFIX + "metrics", _PREFIX + "behavior"
_CURRENT, _CONDITIONS = _PREFIX + "current-metrics", _PREFIX + "conditions"
_PER_POD = {"Resource": "resource", "ContainerResource": "containerResource"}
_TARGET = {"averageUtilization": "targetAverageUtilization", "averageValue": "targetAverageValue"}
_NOW = {"averageUtilization": "currentAverageUtilization", "averageValue": "currentAverageValue"}


def shown(stored: Object) -> Object:
    """An autoscaling/v2 autoscaler as autoscaling/v1."""
    spec, status = dict(stored.get("spec") or {}), dict(stored.get("status") or {})
    annotations = dict((stored.get("metadata") or {}).get("annotations") or {})
    cpu, others = _parted(spec.pop("metrics", None) or [])
    if cpu is not None:
        spec["targetCPUUtilizationPercentage"] = cpu["resource"]["target"]["averageUtilization"]
    now, seen = _parted(status.pop("currentMetrics", None) or [], part="current")
    if now is not None:
        status["currentCPUUtilizationPercentage"] = now["resource"]["current"]["averageUtilization"]
    for name, kept in (
        (_METRICS, [_older(metric, part="target", names=_TARGET) for metric in others]),
        (_BEHAVIOR, _renamed(spec.pop("behavior", None), _capitalised)),
        (_CURRENT, [_older(metric, part="current", names=_NOW) for metric in seen]),
        (_CONDITIONS, status.pop("conditions", None)),
    ):
        if kept:
            annotations[name] = orjson.dumps(kept).decode()
    return _object(stored, HORIZONTAL_POD_AUTOSCALERS_V1.api_version, spec, status, annotations)


def read(sent: Object) -> Object:
    """An autoscaling/v1 autoscaler as it is stored. Raises 400 for annotations that cannot be read."""
    spec, status = _map(sent.get("spec")), _map(sent.get("status"))
    annotations = _map(_map(sent.get("metadata")).get("annotations"))
    metrics = [_newer(each, part="target", names=_TARGET) for each in _noted(annotations, _METRICS, list)]
    cpu = spec.pop("targetCPUUtilizationPercentage", None)
    if cpu is not None:
        target = {"type": "Utilization", "averageUtilization": cpu}
        metrics.append({"type": "Resource", "resource": {"name": "cpu", "target": target}})
    behavior = _renamed(_noted(annotations, _BEHAVIOR, dict), _uncapitalised)
    seen = [_newer(each, part="current", names=_NOW) for each in _noted(annotations, _CURRENT, list)]
    now = status.pop("currentCPUUtilizationPercentage", None)
    if now is not None:
        seen.append({"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": now}}})
    conditions = _noted(annotations, _CONDITIONS, list)
    spec |= {key: value for key, value in (("metrics", metrics), ("behavior", behavior)) if value}
    status |= {key: value for key, value in (("currentMetrics", seen), ("conditions", conditions)) if value}
    return _object(sent, HORIZONTAL_POD_AUTOSCALERS.api_version, spec, status, annotations)


def _object(body: Object, api_version: str, spec: Object, status: Object, annotations: Object) -> Object:
    found = {**body, "apiVersion": api_version}
    if "metadata" in body:
        metadata = {key: value for key, value in _map(body["metadata"]).items() if key != "annotations"}
        found["metadata"] = {**metadata, **({"annotations": annotations} if annotations else {})}
    parts = (("spec", spec), ("status", status))
    return {**found, **{name: value for name, value in parts if name in body or value}}


def _parted(metrics: list[Object], *, part: str = "target") -> tuple[Object | None, list[Object]]:
    """The first that tells of the utilisation of CPU, and the others."""
    for at, metric in enumerate(metrics):
        asked = metric.get("resource") or {}
        if asked.get("name") == "cpu" and (asked.get(part) or {}).get("averageUtilization") is not None:
            return metric, metrics[:at] + metrics[at + 1 :]
    return None, metrics


def _older(metric: Object, *, part: str, names: dict[str, str]) -> Object:
    """Amounts of the newer shape stand in a map of their own; other kinds of metrics are kept as they are."""
    kind = metric.get("type", "")
    if kind not in _PER_POD:
        return metric
    asked = dict(metric.get(_PER_POD[kind]) or {})
    amounts = asked.pop(part, None) or {}
    return {"type": kind, _PER_POD[kind]: {**asked, **{names[k]: v for k, v in amounts.items() if k in names}}}


def _newer(metric: Any, *, part: str, names: dict[str, str]) -> Object:
    told = _map(metric)
    kind = told.get("type", "")
    if kind not in _PER_POD:
        return told
    asked = _map(told.get(_PER_POD[kind]))
    amounts = {new: asked.pop(old) for new, old in names.items() if old in asked}
    if part == "target" and amounts:
        amounts = {"type": "Utilization" if "averageUtilization" in amounts else "AverageValue", **amounts}
    return {"type": kind, _PER_POD[kind]: {**asked, part: amounts}}


def _noted(annotations: Object, name: str, kind: type) -> Any:
    """What an annotation tells, which is then no annotation any more."""
    text = annotations.pop(name, None)
    if not text:
        return kind()
    try:
        found = orjson.loads(text)
    except (orjson.JSONDecodeError, TypeError) as error:
        raise bad_request(f"the annotation {name} cannot be read: {error}") from error
    if not isinstance(found, kind):
        raise bad_request(f"the annotation {name} cannot be read: it should be a {kind.__name__}")
    return found


def _map(value: Any) -> Object:
    return dict(value) if isinstance(value, dict) else {}


def _renamed(value: Any, rename: Callable[[str], str]) -> Any:
    """The behaviour in its annotation has the names of the server's own types."""
    if isinstance(value, dict):
        return {rename(key): _renamed(item, rename) for key, item in value.items()}
    return [_renamed(item, rename) for item in value] if isinstance(value, list) else value


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _uncapitalised(name: str) -> str:
    return name[:1].lower() + name[1:]
