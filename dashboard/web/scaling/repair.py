"""The page that mends the metrics pipeline: what is broken, the plan of the bundle metrics-server, its progress.

It only reads and plans; what it shows is applied as any bundle is, by the form of the Deploy page (web/operations.py).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from dashboard.access.capabilities import Capability
from dashboard.web import forms, presenting
from dashboard.web.actions import Actions, ViewsLike
from dashboard.web.deploy.plan_page import plan_page
from dashboard.web.deploy.progress import progress as progress_of
from dashboard.web.scaling import pipeline_page
from dashboard.web.scaling.pipeline_page import BUNDLE
from dashboard.web.visitor import visitor


def repair_pages(views: ViewsLike, actions: Actions) -> Blueprint:
    """The blueprint of `/scaling/repair`."""
    pages = Blueprint("repair", __name__)

    @pages.get("/scaling/repair")
    def page() -> Response:
        snapshot = views.snapshot()
        row = pipeline_page.repairable(snapshot.views)
        answer = make_response(
            render_template(
                "scaling/repair.html",
                frame=presenting.frame(snapshot),
                pipeline=row,
                way=pipeline_page.shown(row),
                plan=_plan(actions) if _is_wanted(snapshot.views, row) else None,
                progress=progress_of(presenting.one(snapshot.views, "deploy", "current")),
                deploying=pipeline_page.is_being_deployed(snapshot.views),
                card={"name": BUNDLE},
            )
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return pages


def _is_wanted(views: pipeline_page.Views, row: pipeline_page.Row) -> bool:
    """There is something to mend and nobody is at it; or somebody asks for the plan all the same."""
    if pipeline_page.is_being_deployed(views):
        return False
    return bool((row.get("repair") or {}).get("needed")) or "plan" in request.args or "options_of" in request.args


def _plan(actions: Actions) -> dict[str, Any]:
    take_over = frozenset(request.args.getlist("take_over"))
    options = forms.options_of(request.args, [BUNDLE])
    document = actions.plan([BUNDLE], take_over=take_over, options=options).document()
    return plan_page(
        document, bundles=[BUNDLE], take_over=take_over, may_apply=Capability.APPLY in visitor().capabilities
    )
