"""The Scaling page, whole on a plain GET, and the same for programs. Nothing here changes anything."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from dashboard.web import presenting
from dashboard.web.actions import SnapshotLike, ViewsLike
from dashboard.web.scaling import choosing, pipeline_page, telling
from dashboard.web.scaling.fields import fields_of

DECISIONS_ON_FIRST_PAINT = 60


def scaling_pages(views: ViewsLike, *, now: Callable[[], float] = time.time) -> Blueprint:
    """The blueprint of `/scaling` and `/api/v1/scaling`."""
    pages = Blueprint("scaling", __name__)

    @pages.get("/scaling")
    def page() -> Response:
        snapshot = views.snapshot()
        content = content_of(snapshot, asked=_asked(), now=now())
        answer = make_response(render_template("scaling/page.html", frame=presenting.frame(snapshot), **content))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @pages.get("/api/v1/scaling")
    def api() -> Response:
        text = json.dumps(document(views.snapshot(), asked=_asked()))
        return Response(text, content_type="application/json", headers={"Cache-Control": "no-store"})

    return pages


def _asked() -> str:
    return request.args.get("hpa", "").strip()


def content_of(snapshot: SnapshotLike, *, asked: str, now: float) -> dict[str, Any]:
    """Everything the template of the page needs."""
    views = snapshot.views
    hpa = choosing.chosen(views, asked)
    why = views.get("why", {}).get(str(hpa.get("uid", "")), {})
    decided = telling.decisions(views.get("decisions", {}).values(), of=hpa, now=now) if hpa else []
    return {
        "asked": asked,
        "hpa": hpa,
        "about": choosing.about(hpa),
        "all": choosing.listed(views, hpa),
        "absence": choosing.absence(views, hpa, asked),
        "why": telling.explained(why, now=now),
        "decisions": decided[:DECISIONS_ON_FIRST_PAINT],
        "fields": fields_of(hpa, request.args),
        "way": pipeline_page.shown(pipeline_page.row_of(views, hpa)),
        "stage": {"figures": presenting.figures(views)},
    }


def document(snapshot: SnapshotLike, *, asked: str) -> dict[str, Any]:
    """The rows themselves, of all HPAs or of the one asked for."""
    views = snapshot.views
    rows = views.get("hpas", {})
    wanted = {uid: row for uid, row in rows.items() if not asked or choosing.key_of(row) == asked}
    decided = views.get("decisions", {}).values()
    return {
        "hpas": [{**row, "why": views.get("why", {}).get(uid)} for uid, row in wanted.items()],
        "decisions": sorted(
            (each for each in decided if any(telling.is_of(each, row) for row in wanted.values())),
            key=lambda each: str(each.get("t")),
            reverse=True,
        ),
        "pipeline": views.get("pipeline", {}),
    }
