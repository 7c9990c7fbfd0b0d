"""/metrics for Prometheus. Counts requests as they pass; asks the database for nothing of its own."""

import time

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from sampleapp.web.context import Context

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """One registry an application, so that two applications in one process stay apart."""

    def __init__(self, context: Context) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "guestbook_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "guestbook_request_seconds", "Time to answer.", ["route"], buckets=_BUCKETS, registry=self._registry
        )
        held = Gauge("guestbook_leaked_megabytes", "Memory held by /leak.", registry=self._registry)
        held.set_function(context.hoard.held_mb)
        draining = Gauge("guestbook_draining", "1 while the pod stops.", registry=self._registry)
        draining.set_function(context.draining.is_set)

    def attach(self, app: Flask) -> None:
        """Count every request of the application and offer the figures at /metrics."""
        app.before_request(self._started)
        app.after_request(self._answered)
        app.add_url_rule("/metrics", "metrics", self._exported)

    def _started(self) -> None:
        g.started_at = time.perf_counter()

    def _answered(self, response: Response) -> Response:
        # The rule, not the path: whoever asks for invented paths must not be able to fill the registry.
        route = request.url_rule.rule if request.url_rule else "unknown"
        method = request.method if request.url_rule else "other"
        self._requests.labels(method, route, str(response.status_code)).inc()
        self._seconds.labels(route).observe(time.perf_counter() - g.started_at)
        return response

    def _exported(self) -> Response:
        return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)
