"""Runs for programs: the same documents as the pages are made of."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request

from dashboard.runs import compare
from dashboard.web.runs.kept import Runs


def runs_api(runs: Runs) -> Blueprint:
    """The blueprint of `/api/v1/runs…`."""
    api = Blueprint("runs_api", __name__)

    @api.get("/api/v1/runs")
    def listing() -> Response:
        found = runs.all(text=request.args.get("text", ""), tag=request.args.get("tag", ""))
        return _json({"runs": found, "kept": {"max_count": runs.max_count, "max_days": runs.max_days}})

    @api.get("/api/v1/runs/compare")
    def comparison() -> Response:
        ids = dict.fromkeys(request.args.getlist("run"))
        return _json(compare.compared([runs.document(each) for each in ids]))

    @api.get("/api/v1/runs/<run_id>")
    def run(run_id: str) -> Response:
        return _json(runs.document(run_id))

    return api


def _json(document: Any) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(json.dumps(document), content_type="application/json", headers=headers)
