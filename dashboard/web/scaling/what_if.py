"""What would have been with other settings, as a fragment and as a document. Nothing is written, here or anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from dashboard.errors import Refused
from dashboard.runs.wording import UNKNOWN, number
from dashboard.scaling.algorithm import Settings
from dashboard.scaling.what_if import Point, what_if
from dashboard.store.times import iso
from dashboard.web import answers
from dashboard.web.actions import ViewsLike
from dashboard.web.presenting import clock
from dashboard.web.runs.kept import Runs
from dashboard.web.scaling.asking import Args, Views, asked_of

Row = Mapping[str, Any]


def what_if_page(views: ViewsLike, runs: Runs) -> Blueprint:
    """The blueprint of `/scaling/what-if`."""
    pages = Blueprint("what_if", __name__)

    @pages.get("/scaling/what-if")
    def answer() -> Response:
        document = document_of(request.args, views.snapshot().views, runs)
        if answers.wants_json():
            return _json(document)
        return _fragment("scaling/what_if.html", told=told(document))

    @pages.errorhandler(Refused)
    def on_refused(refusal: Refused) -> Response:
        if answers.wants_json():
            return answers.problem("That cannot be worked out", refusal.sentence, refusal.status)
        return _fragment("scaling/what_if.html", status=refusal.status, told=None, complaint=refusal.sentence)

    return pages


def document_of(args: Args, views: Views, runs: Runs) -> dict[str, Any]:
    """The whole answer. Raises Refused with a sentence about the field that is wrong."""
    asked = asked_of(args, views, runs)
    found = what_if(asked.samples, asked.settings, limit_percent=asked.limit_percent, before=asked.before)
    return {
        "hpa": {name: asked.hpa.get(name) for name in ("namespace", "name", "uid")},
        "run": asked.run_id,
        "settings": _plain(asked.settings),
        "before": _plain(asked.before),
        "sentence": found.sentence,
        "caveats": [*found.caveats, *asked.notes],
        "points": [asdict(point) for point in found.points],
    }


def told(document: Row) -> dict[str, Any]:
    """The document as the fragment shows it: of points that are alike only the first and the last."""
    points = document["points"]
    kept = [
        point for i, point in enumerate(points)
        if i in (0, len(points) - 1) or not (_alike(point, points[i - 1]) and _alike(point, points[i + 1]))
    ]  # fmt: skip
    return {**document, "points": kept, "table": _table(kept)}


def _table(points: Sequence[Row]) -> list[dict[str, str]]:
    """A row for each change of the replicas, as they were or would have been."""
    rows, before = [], None
    for point in points:
        replicas = (point["was"], point["would"])
        if replicas != before:
            at = iso(point["t"] / 1000)
            percent = UNKNOWN if point["cpu_would"] is None else f"{number(point['cpu_would'])} %"
            rows.append({"at": at, "clock": clock(at), "was": number(point["was"]), "would": number(point["would"]),
                         "cpu": percent})  # fmt: skip
        before = replicas
    return rows


def _plain(settings: Settings) -> dict[str, Any]:
    return {
        "target": settings.target_percent, "min": settings.min, "max": settings.max,
        "window": settings.behavior.down.stabilization_s,
    }  # fmt: skip


def _alike(one: Row, other: Row) -> bool:
    """But for their time."""
    return all(one[name] == other[name] for name in Point.__dataclass_fields__ if name != "t")


def _json(document: Row) -> Response:
    return Response(json.dumps(document), content_type="application/json", headers={"Cache-Control": "no-store"})


def _fragment(template: str, *, status: int = 200, **content: Any) -> Response:
    answer = make_response(render_template(template, **content), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
