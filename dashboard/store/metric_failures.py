"""What it means when an HPA gets no figures, by the API server's words: a table of obstacles. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`state`: a word for machines; `sentence` and `advice` for people."""

    state: str
    sentence: str
    advice: str


_NO_API = Obstacle(
    "no_metrics_api",
    "Not scaling: the cluster has no metrics API, so the HPA cannot see any CPU figure.",
    "Deploy the bundle metrics-server; who may not has an administrator run kubectl apply -k manifests/metrics-server.",
)
_SILENT_API = Obstacle(
    "no_metrics_api",
    "Not scaling yet: the metrics API is registered, but nothing behind it answers.",
    "Wait for metrics-server to become ready; if it does not, look at its pod.",
)


def _no_request(shown: str, resource: str, container: str) -> Obstacle:
    return Obstacle(
        "missing_request",
        f"Not scaling: the container {container} of the target has no {shown} request, and utilisation is a share of "
        "that request.",
        f"Set resources.requests.{resource} on every container of the target.",
    )


_NO_FIGURES = Obstacle(
    "no_metrics_yet",
    "Not scaling yet: the metrics API has no figures for these pods so far.",
    "Wait for two scrapes of metrics-server, about 30 s.",
)
_NO_READY_FIGURES = Obstacle(
    "no_metrics_yet",
    "Not scaling yet: no ready pod of the target has a CPU figure so far.",
    "Wait for two scrapes of metrics-server, about 30 s.",
)
_NO_PODS = Obstacle(
    "no_metrics_yet",
    "Not scaling yet: the target has no pods to measure.",
    "See why the target makes none; its Events say it.",
)
_NO_SELECTOR = Obstacle(
    "invalid_metric",
    "Not scaling: the target has no label selector, so the HPA cannot tell its pods.",
    "Give the target a selector, or name another target in scaleTargetRef.",
)
_NO_CUSTOM_API = Obstacle(
    "invalid_metric",
    "Not scaling: it asks for a custom or external metric, and no API of the cluster serves that.",
    "Install an adapter for custom or external metrics, or use a CPU or memory metric.",
)
_FAILURES: tuple[tuple[str, Obstacle], ...] = (
    ("custom.metrics.k8s.io", _NO_CUSTOM_API),
    ("external.metrics.k8s.io", _NO_CUSTOM_API),
    ("could not find the requested resource", _NO_API),
    ("unable to handle the request", _SILENT_API),
    ("no metrics returned matched known pods", _NO_READY_FIGURES),
    ("no metrics returned", _NO_FIGURES),
    ("did not receive metrics", _NO_READY_FIGURES),
    ("no pods returned by selector", _NO_PODS),
    ("selector is required", _NO_SELECTOR),
)
_BY_REASON: dict[str, str] = {
    "InvalidMetricSourceType": "it names a kind of metric that Kubernetes does not know",
    "InvalidSelector": "the selector of its target cannot be read",
    "AmbiguousSelector": "several HPAs select the pods of its target",
    "FailedGetPodsMetric": "its metric of pods cannot be read",
    "FailedGetObjectMetric": "its metric of an object cannot be read",
    "FailedGetExternalMetric": "its external metric cannot be read",
    "FailedGetContainerResourceMetric": "the figure of its container cannot be read",
}


_LACKING = re.compile(r"missing request for (\w+) in container (\S+)")


def obstacle_of(reason: str, message: str) -> Obstacle:
    """The obstacle behind a condition of an HPA that says it cannot compute."""
    lacking = _LACKING.search(message)
    if lacking is not None:
        return _no_request({"cpu": "CPU"}.get(lacking[1], lacking[1]), lacking[1], lacking[2])
    for text, obstacle in _FAILURES:
        if text in message:
            return obstacle
    advice = f"The HPA's condition says {reason}: {message}"
    if reason in _BY_REASON:
        return Obstacle("invalid_metric", f"Not scaling: {_BY_REASON[reason]}.", advice)
    return Obstacle("unknown", f"Not scaling: {message}", f"The HPA's condition says {reason}.")
