"""Each metric of an HPA: what it says, what it asks for. The largest wish wins. Pure.

https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#scaling-on-multiple-metrics
Resource and ContainerResource are worked out; what custom and external metrics ask for is Kubernetes' to say, they are
shown as it reports them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.scaling.algorithm import Step, Usage, proposal
from dashboard.scaling.metric_words import COMPUTED, Metric, amount, is_memory, named, said_of, with_text
from dashboard.scaling.reading import behavior_of, quantity

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """All metrics at one moment; `step` is the largest wish, None when nothing could be worked out.

    `said`: the figure that this wish comes from, or the first one, for people; empty without a metric.
    """

    metrics: tuple[Metric, ...]
    step: Step | None
    said: str

    @property
    def gauge(self) -> Metric | None:
        """The largest wish; of those that ask for the same, a share of requests first."""
        return max(
            self.metrics,
            key=lambda each: (-1 if each.wants is None else each.wants, each.current is not None, bool(each.percent)),
            default=None,
        )

    @property
    def is_whole(self) -> bool:
        """Whether every metric was worked out, so that the largest is known."""
        return bool(self.metrics) and all(metric.wants is not None for metric in self.metrics)


def reported(hpa: Row, *, used: Usage | None = None) -> Measured:
    """By the figures in the HPA's status. `used`: of the pods at that time; it tells which of them did not count."""
    current = hpa.get("current")
    return _all(hpa, current, {}) if used is None else _all(hpa, current, {"counting": used})


def fresh(hpa: Row, *, size: int | None, used: Usage | None) -> Measured:
    """By the pods' own figures where they are known, else by those in the status."""
    return _all(hpa, size, {"used": used, "counting": used})


def is_share(metric: Row) -> bool:
    """Whether its target is in percent of the requests."""
    return (metric.get("target") or {}).get("utilization") is not None


def is_cpu_share(metric: Row) -> bool:
    """Whether it is the metric that rows of `pods` carry: CPU of whole pods in percent of their requests."""
    return metric["type"] == "Resource" and metric.get("name") == "cpu" and is_share(metric)


def cpu_share(hpa: Row) -> float | None:
    """What the status says of that metric."""
    told = next((each.get("current") for each in hpa.get("metrics") or () if is_cpu_share(each)), None)
    percent: float | None = (told or {}).get("utilization")
    return percent


def _all(hpa: Row, size: int | None, known: Mapping[str, Usage | None]) -> Measured:
    pairs = [_one(each, hpa, size, known) for each in hpa.get("metrics") or ()]
    largest = max(pairs, key=lambda pair: -1 if pair[1] is None else pair[1].replicas, default=None)
    said = "" if largest is None else said_of(largest[0])
    return Measured(tuple(line for line, _ in pairs), largest[1] if largest else None, said)


def _one(metric: Row, hpa: Row, size: int | None, known: Mapping[str, Usage | None]) -> tuple[Metric, Step | None]:
    name, kind = named(metric), str(metric["type"])
    target, figure = _amount(metric.get("target")), _amount(metric.get("current"), like=metric.get("target"))
    used = _usage(metric, figure, size, known)
    step = None
    if kind in COMPUTED and used is not None and target and size is not None:
        behavior, is_bytes = behavior_of(hpa.get("behavior")), is_memory(metric) and not is_share(metric)
        step = proposal(used, current=size, target=target, behavior=behavior, name=name, is_bytes=is_bytes)
    value = figure if used is None else used.average
    ratio = value / target if value is not None and target else None
    shown = _shown(metric, value), _shown(metric, target, side="target")
    each = (metric.get("target") or {}).get("average_value") is not None and kind != "Pods"
    line = Metric(
        name, kind, *shown, None if ratio is None else round(ratio, 3), step.replicas if step else None,
        kind in COMPUTED, (value, target) if is_share(metric) else None, each,
    )  # fmt: skip
    return with_text(line), step


def _usage(metric: Row, figure: float | None, size: int | None, known: Mapping[str, Usage | None]) -> Usage | None:
    if is_cpu_share(metric) and "used" in known:
        return known["used"]
    if figure is None or size is None:
        return None
    counting = known.get("counting")
    if counting is None:
        return Usage(figure, counted=size)
    if not is_cpu_share(metric):
        return Usage(figure, counted=counting.counted)
    return replace(counting, average=figure, used=figure * counting.requested / 100)


def _amount(side: Row | None, *, like: Row | None = None) -> float | None:
    """The number of a target; of a figure the one that belongs to the kind of its target."""
    if side is None:
        return None
    kind = like or side
    if kind.get("utilization") is not None:
        percent: float | None = side.get("utilization")
        return percent
    return quantity(side.get("average_value" if kind.get("average_value") is not None else "value"))


def _shown(metric: Row, value: float | None, *, side: str = "current") -> str | None:
    if value is None:
        return None
    if is_share(metric):
        return f"{value:.0f} %"
    told = metric.get(side) or {}
    return amount(metric, str(told.get("average_value") or told.get("value")))
