"""The CPU of a set of pods as a percentage of their requests, the way the HPA counts it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def percent_of_request(pods: Iterable[Mapping[str, Any]]) -> float | None:
    """Usage ÷ requests over the pods that have both, in percent; may pass 100. None when no pod has both."""
    usage = requested = 0.0
    for pod in pods:
        used, request = pod.get("cpu_millicores"), pod.get("cpu_request_millicores")
        if used is not None and request:
            usage += used
            requested += request
    return 100 * usage / requested if requested else None
