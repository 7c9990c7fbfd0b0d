"""What programs ask: whether the process turns, whether all it watches is synced, and its own figures for Prometheus.

None says anything about the cluster's content.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from dashboard.web.actions import ViewsLike

SETTLED = {"live", "forbidden"}
READY_S = 0.5
"""For which an answer of `/readyz` is given again: anybody may ask, and it takes a look at every row."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What the process knows of itself. `failing`: resources that differ from the API server again and again."""

    failing: Callable[[], Collection[str]] = frozenset
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)


def health(views: ViewsLike, inside: Inside, *, steady: Callable[[], float] = time.monotonic) -> Blueprint:
    """The blueprint of `/healthz`, `/readyz` and `/metrics`."""
    probes = Blueprint("health", __name__)
    readiness = _Readiness(views, steady)

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
        ready, text = readiness.look()
        return Response(text, 200 if ready else 503, content_type="application/json")

    return probes


class _Readiness:
    """The last answer, while it is fresh; many who ask at once cause one look."""

    def __init__(self, views: ViewsLike, steady: Callable[[], float]) -> None:
        self._views = views
        self._steady = steady
        self._until = 0.0
        self._answer: tuple[bool, str] | None = None
        self._lock = threading.Lock()

    def look(self) -> tuple[bool, str]:
        with self._lock:
            if self._answer is None or self._steady() >= self._until:
                self._answer = _ready(self._views)
                self._until = self._steady() + READY_S
            return self._answer


def _ready(views: ViewsLike) -> tuple[bool, str]:
    connection = views.snapshot().views.get("connection", {})
    states = {key: str(row.get("state", "unknown")) for key, row in connection.items()}
    # What may not be read will not be read by waiting; the row of the cluster tells when that is everything.
    ready = states.get("cluster", "live" if states else "") == "live" and not set(states.values()) - SETTLED
    return ready, json.dumps({"ready": ready, "watching": states})
