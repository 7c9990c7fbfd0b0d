"""What the resource metrics API says of pods, as numbers in thousandths; no I/O here.

A PodMetricsList goes in, one sample a pod comes out. Words of failure are those of Kubernetes' metrics client.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from localcluster import quantity
from localcluster.controllers.clock import parse_time
from localcluster.errors import ApiError

_DURATION_PART = re.compile(r"([0-9.]+)(ms|us|µs|ns|h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_TRANSPORT_WORDS = {
    401: "the server has asked for the client to provide credentials",
    404: "the server could not find the requested resource",
    503: "the server is currently unable to handle the request",
}


class MetricsError(Exception):
    """No number can be had; the text is what conditions and Events carry."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Usage of one pod in thousandths of the resource's unit, over `window` up to `timestamp`."""

    value: int
    timestamp: datetime
    window: timedelta


def pod_samples(document: Mapping[str, Any], *, resource: str, container: str = "") -> dict[str, Sample]:
    """Samples by pod name; `container` limits them to one container.

    A pod one of whose containers lacks the resource is left out, as if it had not reported at all.
    """
    items = document.get("items") or []
    if not items:
        raise MetricsError("no metrics returned from resource metrics API")
    samples: dict[str, Sample] = {}
    for item in items:
        value = _usage(item, resource=resource, container=container)
        if value is not None:
            window = parse_duration(item.get("window", "0s"))
            samples[item["metadata"]["name"]] = Sample(value, parse_time(item["timestamp"]), window)
    return samples


def _usage(item: Mapping[str, Any], *, resource: str, container: str) -> int | None:
    containers = item.get("containers") or []
    if container:
        for one in containers:
            if one["name"] == container:
                return milli(one["usage"][resource]) if resource in one["usage"] else None
        name, namespace = item["metadata"]["name"], item["metadata"].get("namespace", "")
        raise MetricsError(f"container {container} not present in metrics for pod {namespace}/{name}")
    if any(resource not in one["usage"] for one in containers):
        return None
    return sum(milli(one["usage"][resource]) for one in containers)


def unavailable(error: ApiError) -> MetricsError:
    """The failure of the metrics API itself, worded as a typed client words it."""
    text = _TRANSPORT_WORDS.get(error.code)
    text = f"{text} (get pods.metrics.k8s.io)" if text else error.message
    return MetricsError(f"unable to fetch metrics from resource metrics API: {text}")


def milli(text: str) -> int:
    """A quantity in thousandths, rounded up as Quantity.MilliValue does."""
    return math.ceil(quantity.parse(text) * 1000)


def milli_text(value: int) -> str:
    """Thousandths as a quantity: 201 -> `201m`, 2000 -> `2`."""
    return quantity.format_cpu(Decimal(value) / 1000)


def parse_duration(text: str) -> timedelta:
    """A duration as Go prints it: `14.973s`, `1m0.5s`."""
    return timedelta(seconds=sum(float(n) * _SECONDS[unit] for n, unit in _DURATION_PART.findall(text)))
