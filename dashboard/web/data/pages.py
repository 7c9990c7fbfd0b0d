"""The Data page, whole on a plain GET, the same for programs, and killing the primary in two steps."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from dashboard.web import forms, presenting
from dashboard.web.actions import Actions, SnapshotLike, ViewsLike
from dashboard.web.answers import done, is_htmx, is_plain_form, wants_json
from dashboard.web.data import telling
from dashboard.web.visitor import visitor


def data_pages(views: ViewsLike, actions: Actions) -> Blueprint:
    """The blueprint of `/data`."""
    pages = Blueprint("data", __name__)

    @pages.get("/data")
    def page() -> Response:
        snapshot = views.snapshot()
        content = telling.content(snapshot.views)
        return _fresh(render_template("data/page.html", frame=presenting.frame(snapshot), **content))

    @pages.get("/api/v1/data")
    def api() -> Response:
        answer = _fresh(json.dumps(document(views.snapshot())))
        answer.content_type = "application/json"
        return answer

    @pages.post("/data/kill-primary/plan")
    def plan_kill() -> Response:
        forms.only(request.form, frozenset())
        plan = actions.plan_kill(visitor().by, visitor().id).document()
        if is_htmx():
            return _fresh(render_template("data/plan_part.html", plan=plan))
        if wants_json():
            return _fresh(make_response(plan))
        return _fresh(render_template("data/plan.html", plan=plan, frame=presenting.frame(views.snapshot())))

    @pages.post("/data/kill-primary")
    def kill_primary() -> Response:
        plan = actions.kill_primary(forms.nonce_of(request.form), visitor().by, visitor().id).document()
        if is_plain_form():
            return make_response(redirect(url_for("data.page"), 303))
        return done(f"Test writes begin, then {plan['pod']} is killed.", event="kill-started")

    return pages


def document(snapshot: SnapshotLike) -> dict[str, Any]:
    """The rows themselves."""
    rows, members = snapshot.views.get("data", {}), snapshot.views.get("members", {})
    ordered = sorted(members.values(), key=lambda row: (row.get("ordinal", 0), str(row.get("name"))))
    return {"members": ordered, **{name: rows.get(name) for name in ("set", "elections", "names", "volumes", "kill")}}


def _fresh(content: Any) -> Response:
    """What carries a nonce, or what is true now, stays in no cache."""
    answer = make_response(content)
    answer.headers["Cache-Control"] = "no-store"
    return answer
