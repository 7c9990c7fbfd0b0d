"""What programs ask: whether the process turns, whether all it watches is synced, and its own figures for Prometheus.

None says anything about the cluster's content.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from dashboard.web.actions import ViewsLike

SETTLED = {"live", "forbidden"}


@dataclass(frozen=True, slots=True)
class Inside:
    """What the process knows of itself. `failing`: resources that differ from the API server again and again."""

    failing: Callable[[], Collection[str]] = frozenset
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)


def health(views: ViewsLike, inside: Inside) -> Blueprint:
    """The blueprint of `/healthz`, `/readyz` and `/metrics`."""
    probes = Blueprint("health", __name__)

    @probes.get("/healthz")
    def healthz() -> Response:
        failing = sorted(inside.failing())
        text = f"not in step with the API server: {', '.join(failing)}" if failing else "ok"
        return Response(f"{text}\n", 503 if failing else 200, content_type="text/plain; charset=utf-8")

    @probes.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(inside.registry), content_type=CONTENT_TYPE_LATEST)

    @probes.get("/readyz")
    def readyz() -> Response:
        connection = views.snapshot().views.get("connection", {})
        states = {key: str(row.get("state", "unknown")) for key, row in connection.items()}
        # What may not be read will not be read by waiting; the row of the cluster tells when that is everything.
        ready = states.get("cluster", "live" if states else "") == "live" and not set(states.values()) - SETTLED
        text = json.dumps({"ready": ready, "watching": states})
        return Response(text, 200 if ready else 503, content_type="application/json")

    return probes
