"""The Scaling page, whole on a plain GET, and the same for programs. Nothing here changes anything."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from dashboard.errors import Refused
from dashboard.runs.wording import moment, title
from dashboard.web import presenting
from dashboard.web.actions import SnapshotLike, ViewsLike
from dashboard.web.runs.kept import Runs
from dashboard.web.scaling import choosing, decided, pipeline_page, telling, what_if
from dashboard.web.scaling.fields import fields_of

DECISIONS_ON_FIRST_PAINT = 60
RUNS_OFFERED = 20


def scaling_pages(views: ViewsLike, runs: Runs, *, now: Callable[[], float] = time.time) -> Blueprint:
    """The blueprint of `/scaling` and `/api/v1/scaling`."""
    pages = Blueprint("scaling", __name__)

    @pages.get("/scaling")
    def page() -> Response:
        snapshot = views.snapshot()
        content = content_of(snapshot, asked=_asked(), now=now()) | _what_if(snapshot.views, runs)
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


def _what_if(views: choosing.Views, runs: Runs) -> dict[str, Any]:
    """The runs to choose from and, for a form that was sent without a script, the answer in its place."""
    content: dict[str, Any] = {"runs": _recorded(runs), "run": request.args.get("run", ""), "told": None}
    if "target" not in request.args:
        return content
    try:
        return {**content, "told": what_if.told(what_if.document_of(request.args, views, runs))}
    except Refused as refusal:
        return {**content, "complaint": refusal.sentence}


def _recorded(runs: Runs) -> list[dict[str, str]]:
    """The newest runs; that they cannot be read is told by the pages about runs."""
    try:
        found = runs.all()[:RUNS_OFFERED]
    except Refused:
        return []
    return [{"id": each["run_id"], "title": f"{title(each)} · {moment(each.get('started_at'))}"} for each in found]


def content_of(snapshot: SnapshotLike, *, asked: str, now: float) -> dict[str, Any]:
    """Everything the template of the page needs."""
    views = snapshot.views
    hpa = choosing.chosen(views, asked)
    why = views.get("why", {}).get(str(hpa.get("uid", "")), {})
    decisions = decided.decisions(views.get("decisions", {}).values(), of=hpa, now=now) if hpa else []
    return {
        "asked": asked,
        "hpa": hpa,
        "about": choosing.about(hpa),
        "all": choosing.listed(views, hpa),
        "absence": choosing.absence(views, hpa, asked),
        "why": telling.explained(why, now=now),
        "decisions": decisions[:DECISIONS_ON_FIRST_PAINT],
        "fields": fields_of(hpa, request.args),
        "way": pipeline_page.shown(pipeline_page.row_of(views, hpa)),
        "stage": {"figures": presenting.figures(views)},
    }


def document(snapshot: SnapshotLike, *, asked: str) -> dict[str, Any]:
    """The rows themselves, of all HPAs or of the one asked for."""
    views = snapshot.views
    rows = views.get("hpas", {})
    wanted = {uid: row for uid, row in rows.items() if not asked or choosing.key_of(row) == asked}
    decisions = views.get("decisions", {}).values()
    return {
        "hpas": [{**row, "why": views.get("why", {}).get(uid)} for uid, row in wanted.items()],
        "decisions": sorted(
            (each for each in decisions if any(decided.is_of(each, row) for row in wanted.values())),
            key=lambda each: str(each.get("t")),
            reverse=True,
        ),
        "pipeline": views.get("pipeline", {}),
    }
