"""What an explanation rests on: conditions word by word, Events, each pod's figure, the objects. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dashboard.scaling.algorithm.terms import counted, mebibytes
from dashboard.scaling.algorithm.usage import is_young
from dashboard.scaling.metric_words import is_memory
from dashboard.scaling.moment import Moment, Row
from dashboard.scaling.reading import figures_of

EVENTS_MAX = 6
PODS_MAX = 50
"""A page can show no more; the number of the rest is said."""
ABOUT_SCALING = frozenset({
    "SuccessfulRescale", "FailedRescale", "FailedGetScale", "FailedGetResourceMetric", "FailedComputeMetricsReplicas",
    "FailedGetContainerResourceMetric", "FailedGetPodsMetric", "FailedGetObjectMetric", "FailedGetExternalMetric",
    "FailedUpdateStatus", "FailedCreate", "FailedScheduling", "ScalingReplicaSet", "InvalidSelector",
    "AmbiguousSelector", "InvalidMetricSourceType",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing seen; `at` is when, as the API wrote it, `name` the object it is about."""

    kind: Literal["condition", "Event", "metric", "object"]
    text: str
    at: str | None = None
    name: str | None = None


def evidence(now: Moment) -> tuple[Evidence, ...]:
    """Conditions first, then what has happened, then figures and objects."""
    return (*_conditions(now), *_events(now), *_figures(now), *_objects(now))


def _conditions(now: Moment) -> Iterator[Evidence]:
    for each in now.hpa.get("conditions") or ():
        message = f": {each['message']}" if each.get("message") else ""
        yield Evidence("condition", f"{each['type']} {each['status']}, {each['reason']}{message}", each.get("since"))


def _events(now: Moment) -> Iterator[Evidence]:
    """The newest first."""
    told = [each for each in reversed(now.events) if each["reason"] in ABOUT_SCALING]
    for each in told[:EVENTS_MAX]:
        times = f" (× {each['count']})" if (each.get("count") or 1) > 1 else ""
        yield Evidence("Event", f"{each['reason']}: {each['message']}{times}", each.get("at"), _named(each))


def _figures(now: Moment) -> Iterator[Evidence]:
    pods = [pod for pod in now.pods if not pod.get("deleted_at")]
    for pod in pods[:PODS_MAX]:
        yield Evidence("metric", _figure(now, pod), pod.get("metrics_at"), pod["name"])
    if len(pods) > PODS_MAX:
        yield Evidence("metric", f"and {len(pods) - PODS_MAX} more pods")


def _figure(now: Moment, pod: Row) -> str:
    """By what the HPA scales; CPU where that is neither CPU nor memory."""
    metrics = now.hpa.get("metrics") or ()
    by_memory = any(is_memory(each) for each in metrics)
    by_cpu = not by_memory or any(each.get("name") == "cpu" for each in metrics)
    return "; ".join([*([_cpu(now, pod)] if by_cpu else []), *([_memory(pod)] if by_memory else [])])


def _memory(pod: Row) -> str:
    used, limit = pod.get("memory_bytes"), pod.get("memory_limit_bytes")
    if used is None:
        return "no memory figure yet"
    return f"{mebibytes(used)} memory" + (f" of {mebibytes(limit)} at most" if limit else "")


def _cpu(now: Moment, pod: Row) -> str:
    used, request = pod.get("cpu_millicores"), pod.get("cpu_request_millicores")
    if request is None:
        return "a container without a CPU request" + ("" if used is None else f", {used:.0f}m CPU")
    if used is None:
        return "no figure yet: it counts as idle when growing, as full when shrinking"
    share = f"{used:.0f}m CPU of {request:.0f}m requested, {100 * used / request:.0f} %"
    (figure,) = figures_of([pod])
    return f"{share}; does not count yet" if is_young(figure, now=now.now) else share


def _objects(now: Moment) -> Iterator[Evidence]:
    target = now.target
    if target is None:
        missing = now.hpa.get("target") or {}
        is_absent = now.condition("AbleToScale").get("reason") == "FailedGetScale"
        text = "is not there" if is_absent else "not seen here: it may not be read, or is of a kind that is not watched"
        yield Evidence("object", text, None, f"{missing.get('kind')}/{missing.get('name')}")
        return
    ready = "unknown" if target.get("ready") is None else target["ready"]
    text = f"{counted(target.get('replicas') or 0)} wanted, {ready} ready"
    yield Evidence("object", text + (f"; {target['reason']}" if target.get("reason") else ""), None, _named(target))
    changed = now.changed_by
    if changed and changed.get("by") != "hpa":
        before = f"from {changed['before']} " if changed.get("before") is not None else ""
        set_ = f"size set {before}to {changed.get('after')} by {changed.get('manager') or 'somebody'}"
        yield Evidence("object", set_, changed.get("at"), _named(target))
    for pod in now.pods:
        if pod.get("unschedulable") and not pod.get("deleted_at"):
            yield Evidence("object", f"unschedulable: {pod['unschedulable']}", pod.get("created_at"), pod["name"])


def _named(row: Row) -> str:
    return f"{row.get('kind')}/{row.get('name')}"
