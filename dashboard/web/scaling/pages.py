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
from dashboard.web.scaling import asking, choosing, decided, pipeline_page, telling, what_if
from dashboard.web.scaling.fields import fields_of

DECISIONS_ON_FIRST_PAINT = 60
RUNS_OFFERED = 20


def scaling_pages(views: ViewsLike, runs: Runs, *, now: Callable[[], float] = time.time) -> Blueprint:
    """The blueprint of `/scaling` and `/api/v1/scaling`."""
    pages = Blueprint("scaling", __name__)

    @pages.get("/scaling")
    def page() -> Response:
        snapshot = views.snapshot()
        content = content_of(snapshot, asked=_asked(), now=now())
        content |= _what_if(snapshot.views, runs, content["hpa"])
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


def _what_if(views: choosing.Views, runs: Runs, hpa: choosing.Row) -> dict[str, Any]:
    """The runs to choose from and, for a form that was sent without a script, the answer in its place.

    `only_said`: why there is nothing to ask; `is_live`: whether the last half hour can be asked about.
    """
    run = request.args.get("run", "")
    not_live = asking.not_live(hpa, views) if hpa else None
    content: dict[str, Any] = {
        "runs": _recorded(runs, hpa), "run": run, "told": None, "is_live": not_live is None,
        "only_said": asking.not_imagined(hpa) if hpa else None,
    }  # fmt: skip
    if not_live is not None and not run:
        content["complaint"] = not_live
    if "target" not in request.args or content["only_said"]:
        return content
    try:
        return {**content, "told": what_if.told(what_if.document_of(request.args, views, runs)), "complaint": None}
    except Refused as refusal:
        return {**content, "complaint": refusal.sentence}


def _recorded(runs: Runs, hpa: choosing.Row) -> list[dict[str, str]]:
    """The newest runs of this HPA, of all while none is chosen; that they cannot be read the pages about runs tell."""
    try:
        found = runs.all()
    except Refused:
        return []
    own = [each for each in found if not hpa or _is_of(each, hpa)][:RUNS_OFFERED]
    return [{"id": each["run_id"], "title": f"{title(each)} · {moment(each.get('started_at'))}"} for each in own]


def _is_of(run: choosing.Row, hpa: choosing.Row) -> bool:
    """Whether a run was of an HPA; of one that keeps none, that is said when it is asked about."""
    then = (run.get("scaled") or {}).get("hpa") or hpa
    return bool(choosing.key_of(then) == choosing.key_of(hpa))


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
