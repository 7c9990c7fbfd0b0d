"""Coming in by a single-use link, and going out again."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from dashboard.access.guard import Access
from dashboard.access.sessions import ABSOLUTE_S
from dashboard.web.answers import is_htmx
from dashboard.web.visitor import visitor


def sign_in_pages(access: Access) -> Blueprint:
    """The blueprint of `/sign-in`, `/sign-out` and `/signed-out`."""
    pages = Blueprint("sign_in", __name__)

    @pages.get("/sign-in")
    def sign_in() -> Response:
        if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
            return Response("", 204)  # a preview must not use up the link
        opened = access.sign_in(request.args.get("token", ""))
        if opened is None:
            return make_response(render_template("sign_in/page.html", used=True), 403)
        _, secret = opened
        answer = make_response(redirect(url_for("stage.page"), 303))
        answer.set_cookie(access.cookie_name, secret, max_age=ABSOLUTE_S, httponly=True, samesite="Strict", path="/")
        return answer

    @pages.post("/sign-out")
    def sign_out() -> Response:
        access.sign_out(visitor())
        target = url_for("sign_in.signed_out")
        answer = Response("", 200, {"HX-Redirect": target}) if is_htmx() else make_response(redirect(target, 303))
        answer.delete_cookie(access.cookie_name, httponly=True, samesite="Strict", path="/")
        return answer

    @pages.get("/signed-out")
    def signed_out() -> Response:
        return make_response(render_template("sign_in/signed_out.html"))

    return pages
