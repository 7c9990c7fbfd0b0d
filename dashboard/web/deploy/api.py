"""The Deploy page's content for programs: the same documents as JSON."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request

from dashboard.errors import Refused
from dashboard.web import forms
from dashboard.web.actions import Actions, ViewsLike


def deploy_api(views: ViewsLike, actions: Actions) -> Blueprint:
    """The blueprint of `/api/v1/bundles…` and `/api/v1/deploy`."""
    api = Blueprint("deploy_api", __name__)

    def known(bundle: str) -> str:
        names = [each.name for each in actions.bundles()]
        if bundle not in names:
            raise Refused(f"There is no bundle {bundle!r}; there are {', '.join(names) or 'none'}.", status=404)
        return bundle

    @api.get("/api/v1/bundles")
    def bundles() -> Response:
        rows = views.snapshot().views.get("bundles", {})
        found = [
            {"name": each.name, "title": each.title or each.name, "text": each.text, "own": each.own,
             "folder_revision": each.revision, "state": "unknown", **rows.get(each.name, {})}
            for each in actions.bundles()
        ]  # fmt: skip
        return _json({"bundles": found, "problems": dict(actions.bundle_problems())})

    @api.get("/api/v1/bundles/<bundle>/plan")
    def plan(bundle: str) -> Response:
        take_over = frozenset(request.args.getlist("take_over"))
        options = forms.options_of(request.args, [known(bundle)])
        return _json(actions.plan([bundle], take_over=take_over, options=options).document())

    @api.get("/api/v1/bundles/<bundle>/drift")
    def drift(bundle: str) -> Response:
        return _json(actions.drift(known(bundle)).document())

    @api.get("/api/v1/bundles/<bundle>/history")
    def history(bundle: str) -> Response:
        return _json({"bundle": known(bundle), "revisions": list(actions.history(bundle))})

    @api.get("/api/v1/deploy")
    def deploy() -> Response:
        return _json(views.snapshot().views.get("deploy", {}).get("current", {"state": "idle"}))

    return api


def _json(document: Any) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(json.dumps(document), content_type="application/json", headers=headers)
