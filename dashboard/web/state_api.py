"""The same rows as the socket's, as one JSON document."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from dashboard.web.actions import ViewsLike


def state_api(views: ViewsLike) -> Blueprint:
    """The blueprint of `/api/v1/state`."""
    api = Blueprint("state_api", __name__)

    @api.get("/api/v1/state")
    def state() -> Response:
        snapshot = views.snapshot()
        text = json.dumps({"epoch": snapshot.epoch, "seq": snapshot.seq, "views": snapshot.views})
        return Response(text, content_type="application/json", headers={"Cache-Control": "no-store"})

    return api
