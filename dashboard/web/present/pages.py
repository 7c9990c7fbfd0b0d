"""The page of Present mode, whole on a plain GET; the socket goes on from the snapshot it was made of."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Blueprint, Response, make_response, render_template

from dashboard.web.actions import ViewsLike
from dashboard.web.present import showing
from dashboard.web.visitor import visitor

ENDED = "This link has ended. Ask whoever gave it to you for a new one; what you see is as it was."


def present_page(views: ViewsLike, *, now: Callable[[], float] = time.time) -> Blueprint:
    """The blueprint of `/present`."""
    pages = Blueprint("present", __name__)

    @pages.get("/present")
    def page() -> Response:
        session = visitor()
        shown = showing.shown(views.snapshot(), now=now())
        by_link = session.share is not None
        answer = make_response(
            render_template("present/page.html", shown=shown, by_link=by_link, ended=ENDED if by_link else "")
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return pages
