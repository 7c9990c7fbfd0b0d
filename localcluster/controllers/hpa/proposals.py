"""What each metric of an autoscaler proposes, and what they propose together; pure.

A metric that fails does not stop the others: growth goes on by those that work, shrinking waits until all do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localcluster.controllers.hpa.metrics import MetricsError, milli, milli_text
from localcluster.controllers.hpa.replica_calculator import (
    Answer,
    Measurement,
    average_value_replicas,
    utilization_replicas,
)

_FIELDS = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}
_NO_CUSTOM_METRICS = (
    "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
)
_NO_TARGET = "invalid resource metric source: neither an average utilization target nor an average value target was set"
EMPTY_STATUS: dict[str, Any] = {"type": ""}
"""What stands in `currentMetrics` for a metric without a number, as the API shows it."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One metric's word: replicas, its name in messages, its status."""

    replicas: int
    name: str
    status: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """One metric without a word. `event`: what its Event says; `error`: the same with what was tried around it."""

    reason: str
    event: str
    error: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All metrics together: `replicas` None when no decision can be made; `failure` is the first, `error` sums up."""

    replicas: int | None
    name: str
    statuses: Sequence[Mapping[str, Any]]
    failures: Sequence[Failure] = ()
    error: str = ""


def source_of(metric: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a MetricSpec its type names; empty for an unknown type."""
    found: Mapping[str, Any] = metric.get(_FIELDS.get(metric["type"], ""), {})
    return found


def propose(metric: Mapping[str, Any], measurement: Measurement | MetricsError) -> Proposal | Failure:
    """What one Resource or ContainerResource metric proposes; other types fail as they do without their APIs."""
    source = source_of(metric)
    if metric["type"] not in ("Resource", "ContainerResource"):
        return _unserved(metric, source)
    resource, target = source["name"], source["target"]
    try:
        answer = _answer(resource, target, measurement)
    except MetricsError as error:
        kind = "container" if metric["type"] == "ContainerResource" else "resource"
        where = f"failed to get {resource} {kind} metric value: {error}"
        return Failure(f"FailedGet{metric['type']}Metric", str(error), where)
    name = f"{resource} resource"
    if answer.utilization is not None:
        name += " utilization (percentage of request)"
    return Proposal(answer.replicas, name, _status(metric, source, answer))


def _answer(resource: str, target: Mapping[str, Any], measurement: Measurement | MetricsError) -> Answer:
    by_value = target.get("averageValue") is not None
    if not by_value and target.get("averageUtilization") is None:
        raise MetricsError(_NO_TARGET)
    try:
        if isinstance(measurement, MetricsError):
            raise MetricsError(f"unable to get metrics for resource {resource}: {measurement}")
        if by_value:
            return average_value_replicas(measurement, target=milli(target["averageValue"]))
        return utilization_replicas(measurement, target=target["averageUtilization"])
    except MetricsError as error:
        what = "usage" if by_value else "utilization"
        raise MetricsError(f"failed to get {resource} {what}: {error}") from error


def _status(metric: Mapping[str, Any], source: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    current: dict[str, Any] = {"averageValue": milli_text(answer.average)}
    if answer.utilization is not None:
        current["averageUtilization"] = answer.utilization
    part: dict[str, Any] = {"name": source["name"], "current": current}
    if metric["type"] == "ContainerResource":
        part["container"] = source["container"]
    return {"type": metric["type"], _FIELDS[metric["type"]]: part}


def _unserved(metric: Mapping[str, Any], source: Mapping[str, Any]) -> Failure:
    type_ = metric["type"]
    name = (source.get("metric") or {}).get("name", "")
    if type_ == "Pods":
        event = f"unable to get metric {name}: {_NO_CUSTOM_METRICS}"
        return Failure("FailedGetPodsMetric", event, f"failed to get pods metric value: {event}")
    if type_ == "Object":
        described = source.get("describedObject") or {}
        on = f"{described.get('kind', '')} on {described.get('name', '')}"
        event = f"unable to get metric {name}: {on} {_NO_CUSTOM_METRICS}"
        return Failure("FailedGetObjectMetric", event, f"failed to get object metric value: {event}")
    if type_ == "External":
        event = (
            f"unable to get external metric {name}: unable to fetch metrics from external metrics API: the server could"
            f" not find the requested resource (get {name}.external.metrics.k8s.io)"
        )
        return Failure("FailedGetExternalMetric", event, f"failed to get {name} external metric value: {event}")
    event = f'unknown metric source type "{type_}"'
    return Failure("InvalidMetricSourceType", event, event)


def combine(proposals: Sequence[Proposal | Failure], *, current: int) -> Verdict:
    """The largest proposal, unless metrics failed and the rest would shrink the target."""
    statuses = [one.status if isinstance(one, Proposal) else EMPTY_STATUS for one in proposals]
    failures = [one for one in proposals if isinstance(one, Failure)]
    valid = [one for one in proposals if isinstance(one, Proposal)]
    error = ""
    if failures:
        error = (
            f"invalid metrics ({len(failures)} invalid out of {len(proposals)}), first error is: {failures[0].error}"
        )
    best = max(valid, key=lambda one: one.replicas, default=None)
    if best is None or (failures and best.replicas < current):
        return Verdict(None, "", statuses, failures, error)
    return Verdict(best.replicas, best.name, statuses, failures, error)
