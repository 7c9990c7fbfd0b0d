"""Two probes: the process turns; everything it watches is synced. They say nothing about the cluster's content."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from dashboard.web.actions import ViewsLike

SETTLED = {"live", "forbidden"}


def health(views: ViewsLike) -> Blueprint:
    """The blueprint of `/healthz` and `/readyz`."""
    probes = Blueprint("health", __name__)

    @probes.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    @probes.get("/readyz")
    def readyz() -> Response:
        connection = views.snapshot().views.get("connection", {})
        states = {key: str(row.get("state", "unknown")) for key, row in connection.items()}
        # What may not be read will not be read by waiting; the row of the cluster tells when that is everything.
        ready = states.get("cluster", "live" if states else "") == "live" and not set(states.values()) - SETTLED
        text = json.dumps({"ready": ready, "watching": states})
        return Response(text, 200 if ready else 503, content_type="application/json")

    return probes
