"""How many replicas a resource metric asks for: the arithmetic of the HorizontalPodAutoscaler, pure.

The ratio of usage to target is first taken over the pods that can be trusted. When some cannot, they are filled in
against the direction of the change (idle on the way up, full on the way down) and the ratio is taken again: so doubt
may soften a change but never turn it round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from localcluster.client import Object
from localcluster.controllers.hpa.metrics import MetricsError, Sample
from localcluster.controllers.hpa.pods import PodGroups, group_pods, pod_requests

DEFAULT_TOLERANCE = 0.1
"""Changes within a tenth of the target are not worth a rescale (controller-manager's default)."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far the ratio may leave 1 without a change."""

    scale_down: float = DEFAULT_TOLERANCE
    scale_up: float = DEFAULT_TOLERANCE

    def hold(self, ratio: float) -> bool:
        """Whether `ratio` is near enough to 1."""
        return 1.0 - self.scale_down <= ratio <= 1.0 + self.scale_up


@dataclass(frozen=True, slots=True)
class Measurement:
    """One metric at one moment; `samples` are by pod name, `pods` all those the target selects."""

    resource: str
    samples: Mapping[str, Sample]
    pods: Sequence[Object]
    current_replicas: int
    now: datetime
    container: str = ""
    tolerances: Tolerances = Tolerances()


@dataclass(frozen=True, slots=True)
class Answer:
    """`replicas` asked for; `average` usage a pod in thousandths; `utilization` in percent of request, if asked so."""

    replicas: int
    average: int
    utilization: int | None = None


def utilization_replicas(measurement: Measurement, *, target: int) -> Answer:
    """Replicas for an average utilisation of `target` percent of what the pods request."""
    groups, values = _trusted(measurement)
    requests = pod_requests(measurement.pods, resource=measurement.resource, container=measurement.container)
    if not values:
        raise MetricsError("did not receive metrics for any ready pods")
    ratio, utilization, average = _utilization_ratio(values, requests=requests, target=target)
    stand_in = {name: requests[name] * max(100, target) // 100 for name in groups.missing}

    def ratio_again(filled: Mapping[str, int]) -> float:
        return _utilization_ratio(filled, requests=requests, target=target)[0]

    replicas = _replicas(measurement, groups=groups, values=values, ratio=ratio, stand_in=stand_in, again=ratio_again)
    return Answer(replicas, average, utilization)


def average_value_replicas(measurement: Measurement, *, target: int) -> Answer:
    """Replicas for an average usage of `target` thousandths a pod."""
    groups, values = _trusted(measurement)
    if not values:
        raise MetricsError("did not receive metrics for any ready pods")

    def ratio_of(filled: Mapping[str, int]) -> float:
        return (sum(filled.values()) // len(filled)) / target

    stand_in = dict.fromkeys(groups.missing, target)
    ratio = ratio_of(values)
    replicas = _replicas(measurement, groups=groups, values=values, ratio=ratio, stand_in=stand_in, again=ratio_of)
    return Answer(replicas, sum(values.values()) // len(values))


def _trusted(measurement: Measurement) -> tuple[PodGroups, dict[str, int]]:
    if not measurement.pods:
        raise MetricsError("no pods returned by selector while calculating replica count")
    groups = group_pods(
        measurement.pods, samples=measurement.samples, resource=measurement.resource, now=measurement.now
    )
    values = {name: sample.value for name, sample in measurement.samples.items() if name not in groups.ignored}
    return groups, values


def _utilization_ratio(
    values: Mapping[str, int], *, requests: Mapping[str, int], target: int
) -> tuple[float, int, int]:
    known = [name for name in values if name in requests]
    used, requested = sum(values[name] for name in known), sum(requests[name] for name in known)
    if requested == 0:
        raise MetricsError("no metrics returned matched known pods")
    utilization = used * 100 // requested
    return utilization / target, utilization, used // len(known)


def _replicas(
    measurement: Measurement, *, groups: PodGroups, values: Mapping[str, int], ratio: float,
    stand_in: Mapping[str, int], again: Callable[[Mapping[str, int]], float],
) -> int:  # fmt: skip
    tolerances, current = measurement.tolerances, measurement.current_replicas
    rebalance = bool(groups.ignored) and ratio > 1.0
    if not rebalance and not groups.missing:
        return current if tolerances.hold(ratio) else math.ceil(ratio * groups.ready)
    filled = dict(values)
    if ratio < 1.0:
        filled.update(stand_in)
    elif ratio > 1.0:
        filled.update(dict.fromkeys(groups.missing, 0))
    if rebalance:
        filled.update(dict.fromkeys(groups.ignored, 0))
    softened = again(filled)
    if tolerances.hold(softened) or _turned(ratio, softened):
        return current
    replicas = math.ceil(softened * len(filled))
    turned = replicas > current if softened < 1.0 else replicas < current
    return current if turned else replicas


def _turned(before: float, after: float) -> bool:
    return (before < 1.0 < after) or (after < 1.0 < before)
