"""What it means when an HPA gets no figures, by the API server's words: a table of obstacles. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`state`: a word for machines; `sentence` and `advice` for people."""

    state: str
    sentence: str
    advice: str


_FAILURES: tuple[tuple[str, Obstacle], ...] = (
    (
        "could not find the requested resource",
        Obstacle(
            "no_metrics_api",
            "Not scaling: the cluster has no metrics API, so the HPA cannot see any CPU figure.",
            "Deploy the bundle metrics-server.",
        ),
    ),
    (
        "unable to handle the request",
        Obstacle(
            "metrics_api_unavailable",
            "Not scaling yet: the metrics API is registered, but nothing behind it answers.",
            "Wait for metrics-server to become ready; if it does not, look at its pod.",
        ),
    ),
    (
        "missing request for",
        Obstacle(
            "missing_cpu_request",
            "Not scaling: a container of the target has no CPU request, and utilisation is a share of that request.",
            "Set resources.requests.cpu on every container of the target.",
        ),
    ),
    (
        "no metrics returned",
        Obstacle(
            "no_metrics_yet",
            "Not scaling yet: the metrics API has no figures for these pods so far.",
            "Wait for two scrapes of metrics-server, about 30 s.",
        ),
    ),
    (
        "did not receive metrics",
        Obstacle(
            "no_metrics_yet",
            "Not scaling yet: no ready pod of the target has a CPU figure so far.",
            "Wait for two scrapes of metrics-server, about 30 s.",
        ),
    ),
)


def obstacle_of(reason: str, message: str) -> Obstacle:
    """The obstacle behind a condition of an HPA that says it cannot compute."""
    for text, obstacle in _FAILURES:
        if text in message:
            return obstacle
    return Obstacle("metrics_failed", f"Not scaling: {message}", f"The HPA's condition says {reason}.")
