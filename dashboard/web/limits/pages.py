"""The Limits page, its rows for programs, and the experiment's plan, start and stop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from dashboard.limits.blast.variants import VARIANTS
from dashboard.limits.board import VIEWS
from dashboard.web import forms, presenting
from dashboard.web.actions import Actions, ViewsLike
from dashboard.web.answers import done, is_htmx, is_plain_form, wants_json
from dashboard.web.limits import showing
from dashboard.web.visitor import visitor


def limits_pages(views: ViewsLike, actions: Actions) -> Blueprint:
    """The blueprint of `/limits`."""
    pages = Blueprint("limits", __name__)

    @pages.get("/limits")
    def page() -> Response:
        snapshot = views.snapshot()
        return _fresh(
            "limits/page.html",
            frame=presenting.frame(snapshot),
            limits=showing.page(snapshot.views),
            variants=VARIANTS.values(),
        )

    @pages.get("/api/v1/limits")
    def api() -> Response:
        snapshot = views.snapshot()
        told = {view: snapshot.views.get(view, {}) for view in (*VIEWS, "blast")}
        told["memory"] = showing.measured(snapshot.views)
        return _unkept(Response(json.dumps(told), content_type="application/json"))

    @pages.post("/limits/blast/plan")
    def plan_blast() -> Response:
        forms.only(request.form, frozenset({"variant"}))
        plan = actions.plan_blast(request.form.get("variant", ""), visitor().by, visitor().id)
        return _unkept(_plan(plan.document(), views))

    @pages.post("/limits/blast/start")
    def start_blast() -> Response:
        actions.start_blast(forms.nonce_of(request.form), visitor().by, visitor().id)
        return _begun("The experiment begins.", event="blast-started")

    @pages.post("/limits/blast/stop")
    def stop_blast() -> Response:
        actions.stop_blast(visitor().by)
        return _begun("Stopping the experiment.", event="blast-stopping")

    return pages


def _plan(document: Mapping[str, Any], views: ViewsLike) -> Response:
    """A fragment into the page, a page of its own without script, a document for a program."""
    if is_htmx():
        return make_response(render_template("limits/plan_part.html", plan=document))
    if wants_json():
        return Response(json.dumps(document), content_type="application/json")
    frame = presenting.frame(views.snapshot())
    return make_response(render_template("limits/plan.html", plan=document, frame=frame))


def _begun(sentence: str, *, event: str) -> Response:
    """A browser without script is led back to the page."""
    if is_plain_form():
        return Response("", 303, {"Location": f"{url_for('limits.page')}#blast"})
    return done(sentence, event=event)


def _fresh(template: str, **values: Any) -> Response:
    return _unkept(make_response(render_template(template, **values)))


def _unkept(answer: Response) -> Response:
    """What carries a nonce, or is of this moment, stays in no cache."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
