"""A metric of an HPA in words: what it is called, what it says and asks for. Data and words only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.kube.quantities import number
from dashboard.scaling.algorithm.terms import counted, mebibytes

COMPUTED = frozenset({"Resource", "ContainerResource"})
"""The types that are worked out here; of the others Kubernetes alone has the figures."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """One line for people; `current` and `target` as they are told, None where unknown.

    `percent`: the two as numbers, of a metric that is a share of requests. `each`: they are the average of a pod.
    """

    name: str
    type: str
    current: str | None
    target: str | None
    ratio: float | None
    wants: int | None
    computed: bool
    percent: tuple[float | None, float | None] | None = None
    each: bool = False
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


def is_memory(metric: Row) -> bool:
    """Whether its figures are bytes."""
    return str(metric["type"]) in COMPUTED and metric.get("name") == "memory"


def amount(metric: Row, text: str | None) -> str | None:
    """A quantity for people: bytes as `33 MiB`, thousandths as `66.7`, everything else as it is written."""
    value = number(text)
    if text is None or value is None:
        return text
    if is_memory(metric):
        return mebibytes(float(value))
    if str(metric["type"]) not in COMPUTED and text.endswith("m"):
        return f"{value:.1f}".removesuffix(".0")
    return text


def said_of(metric: Metric) -> str:
    """`CPU is 201 % of the request, target 50 %`, `memory is 33 MiB a pod, target 20 MiB`."""
    of_what = " of the request" if metric.percent else " a pod" if metric.each else ""
    known = f"{metric.name} is {metric.current}{of_what}" if metric.current else f"{metric.name} is not known"
    return known + (f", target {metric.target}" if metric.target is not None else "")


def unread(metrics: Iterable[Metric]) -> list[str]:
    """The names of those without a figure, where others have one."""
    told = list(metrics)
    return [each.name for each in told if each.current is None] if any(each.current for each in told) else []


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def with_text(metric: Metric) -> Metric:
    """With its whole line."""
    text = said_of(metric)
    if not metric.computed:
        text += "; what it asks for is not worked out here"
    elif metric.wants is not None:
        text += f": asks for {counted(metric.wants)}"
    return replace(metric, text=text)
