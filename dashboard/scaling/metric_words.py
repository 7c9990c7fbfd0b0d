"""A metric of an HPA in words: what it is called, what it says and asks for. Data and words only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.scaling.algorithm.terms import counted

COMPUTED = frozenset({"Resource", "ContainerResource"})
"""The types that are worked out here; of the others Kubernetes alone has the figures."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """One line for people; `current` and `target` as they are written, None where unknown.

    `percent`: the two as numbers, of a metric that is a share of requests.
    """

    name: str
    type: str
    current: str | None
    target: str | None
    ratio: float | None
    wants: int | None
    computed: bool
    percent: tuple[float | None, float | None] | None = None
    text: str = ""


def named(metric: Row) -> str:
    """`CPU`, `memory of container app`, `hits per pod`, `rps of Ingress shop`, `queue (external)`."""
    name = {"cpu": "CPU"}.get(str(metric.get("name")), str(metric.get("name") or "a metric"))
    about = metric.get("object") or {}
    return {
        "ContainerResource": f"{name} of container {metric.get('container')}",
        "Pods": f"{name} per pod",
        "Object": f"{name} of {about.get('kind')} {about.get('name')}",
        "External": f"{name} (external)",
    }.get(str(metric["type"]), name)


def said_of(metric: Metric) -> str:
    """`CPU is 201 % of the request, target 50 %`."""
    of_request = " of the request" if metric.current is not None and metric.current.endswith("%") else ""
    known = f"{metric.name} is {metric.current}{of_request}" if metric.current else f"{metric.name} is not known"
    return known + (f", target {metric.target}" if metric.target is not None else "")


def with_text(metric: Metric) -> Metric:
    """With its whole line."""
    text = said_of(metric)
    if not metric.computed:
        text += "; what it asks for is not worked out here"
    elif metric.wants is not None:
        text += f": asks for {counted(metric.wants)}"
    return replace(metric, text=text)
