"""The Load page and the picture of a profile, each whole on a plain GET. Changes are in web/operations.py."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from dashboard.errors import Refused
from dashboard.load import request as ceilings
from dashboard.load.request import SwarmRequest
from dashboard.settings import Target
from dashboard.web import forms, presenting
from dashboard.web.actions import Actions, ViewsLike
from dashboard.web.load.ceiling import ceiling
from dashboard.web.load.drawing import drawing, minis
from dashboard.web.load.kept_run import kept_run
from dashboard.web.load.now import now_of
from dashboard.web.load.obstacles import obstacle
from dashboard.web.load.tables import tables

Values = dict[str, str]
DEFAULTS = SwarmRequest()


def _no_run(_swarm_id: str) -> None:
    """For a dashboard that keeps no runs."""


def load_pages(
    views: ViewsLike,
    actions: Actions,
    *,
    find_run: Callable[[str], Mapping[str, Any] | None] = _no_run,
    now: Callable[[], float] = time.time,
) -> Blueprint:
    """The blueprint of `/load`. `find_run`: the run of a swarm, by its id."""
    pages = Blueprint("load", __name__)

    @pages.get("/load")
    def page() -> Response:
        snapshot, choices = views.snapshot(), actions.load_choices()
        values = values_of(request.args)
        swarm = snapshot.views.get("swarm", {}).get("current", {})
        aimed = _target(choices.targets, str(swarm.get("target") or ""))
        return _fresh(
            "load/page.html",
            frame=presenting.frame(snapshot),
            stage={"figures": presenting.figures(snapshot.views)},
            now=now_of(snapshot.views, now=now()),
            tables=tables(
                snapshot.views,
                namespace=aimed.namespace if aimed else "",
                service=aimed.service if aimed else "",
                now=now(),
            ),
            search=ceiling(swarm, snapshot.views.get("samples", {})),
            obstacle=obstacle(snapshot.views, _target(choices.targets, values["target"])),
            choices=choices,
            values=values,
            minis=minis(),
            run=_run(swarm, find_run),
            ceilings=ceilings,
            **_picture(request.args),
        )

    @pages.get("/load/preview")
    def preview() -> Response:
        return _fresh("load/preview.html", **_picture(request.args))

    @pages.get("/load/run")
    def run() -> Response:
        swarm = views.snapshot().views.get("swarm", {}).get("current", {})
        return _fresh("load/run.html", run=_run(swarm, find_run))

    return pages


def values_of(args: Mapping[str, str]) -> Values:
    """What the form holds: what the address says, else what a swarm is unless one says otherwise."""
    fallback = {name: str(getattr(DEFAULTS, name)) for name in DEFAULTS.__dataclass_fields__}
    fallback["keep_alive"] = "true"
    return {name: args.get(name) or value for name, value in fallback.items()}


def _fresh(template: str, **values: Any) -> Response:
    answer = make_response(render_template(template, **values))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _picture(args: MultiDict[str, str]) -> dict[str, Any]:
    """The drawing of what the form holds, and what is wrong with it."""
    try:
        return {"drawing": drawing(forms.swarm_of(MultiDict(values_of(args)))), "complaint": ""}
    except Refused as refusal:
        return {"drawing": None, "complaint": refusal.sentence}


def _run(swarm: Mapping[str, Any], find: Callable[[str], Mapping[str, Any] | None]) -> dict[str, Any] | None:
    """The run of the last swarm; that it cannot be read is told by the pages about runs."""
    try:
        return kept_run(find(str(swarm["id"]))) if swarm.get("id") else None
    except Refused:
        return None


def _target(targets: Any, name: str) -> Target | None:
    found: Target | None = next((each for each in targets if each.id == name), None)
    return found
