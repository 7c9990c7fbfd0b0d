"""Who the browser is signed in as, for a page that was opened a while ago: rights can change while it is looked at."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from dashboard.web.person import May
from dashboard.web.visitor import visitor


def me_api(*, read_only: bool) -> Blueprint:
    """The blueprint of `/api/v1/me`."""
    api = Blueprint("me", __name__)

    @api.get("/api/v1/me")
    def me() -> Response:
        document = May.of(visitor(), read_only=read_only).document()
        return Response(json.dumps(document), content_type="application/json", headers={"Cache-Control": "no-store"})

    return api
