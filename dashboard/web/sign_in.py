"""Coming in, by a single-use link or by a token of the cluster, and going out again."""

from __future__ import annotations

import time

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from dashboard.access.door import NotLetIn
from dashboard.access.guard import Access
from dashboard.access.sessions import ABSOLUTE_S, Session
from dashboard.web.answers import is_htmx, problem, wants_json
from dashboard.web.visitor import visitor
from dashboard.web.welcome import local_path, welcome

USED = NotLetIn("Each sign-in link works once, and this one is not valid any more.", 403)
NO_FORM = NotLetIn("People do not sign in here.", 405)


def sign_in_pages(access: Access) -> Blueprint:
    """The blueprint of `/sign-in`, `/sign-out` and `/signed-out`."""
    pages = Blueprint("sign_in", __name__)

    @pages.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> Response:
        if request.method == "POST":
            return _by_token(access) if access.mode == "token" else _refused(access, NO_FORM)
        if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
            return Response("", 204)  # a preview must not use up the link
        if access.mode == "local":
            return _by_link(access)
        if access.mode == "proxy":
            return make_response(redirect(local_path(request.args.get("next", "/")), 303))
        return welcome(access, 200, way=request.args.get("next", "/"))

    @pages.post("/sign-out")
    def sign_out() -> Response:
        access.sign_out(visitor())
        target = url_for("sign_in.signed_out")
        answer = Response("", 200, {"HX-Redirect": target}) if is_htmx() else make_response(redirect(target, 303))
        cookie = access.cookie(request.environ)
        answer.delete_cookie(cookie.name, secure=cookie.secure, httponly=True, samesite="Strict", path="/")
        return answer

    @pages.get("/signed-out")
    def signed_out() -> Response:
        return make_response(render_template("sign_in/signed_out.html", mode=access.mode))

    return pages


def _by_link(access: Access) -> Response:
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        return Response("", 403)  # a picture on somebody's page, which is not to use up what may fail
    try:
        opened = access.sign_in(request.args.get("token", ""), request.environ)
    except NotLetIn as refusal:
        return _refused(access, refusal)
    if opened is None:
        return welcome(access, 403, refusal=USED)
    return _let_in(access, *opened, way="/")


def _by_token(access: Access) -> Response:
    """The token is in the body alone: an address is written to logs and histories."""
    assert access.door is not None  # noqa: S101 - there is one in this mode
    way = request.form.get("next", "/")
    before = access.session_of(request.environ)
    try:
        session, secret = access.door.by_token("".join(request.form.get("token", "").split()), request.environ)
    except NotLetIn as refusal:
        return _refused(access, refusal, way=way)
    if before is not None and before.share is None:
        access.sessions.close(before.id)  # its cookie is replaced, so nobody could end it any more
    return _let_in(access, session, secret, way=way)


def _let_in(access: Access, session: Session, secret: str, *, way: str) -> Response:
    cookie = access.cookie(request.environ)
    age = ABSOLUTE_S if session.expires_at is None else min(ABSOLUTE_S, int(session.expires_at - time.time()))
    answer = make_response(redirect(local_path(way), 303))
    answer.set_cookie(
        cookie.name, secret, max_age=age, secure=cookie.secure, httponly=True, samesite="Strict", path="/"
    )
    return answer


def _refused(access: Access, refusal: NotLetIn, *, way: str = "/") -> Response:
    if wants_json() or is_htmx():
        answer = problem("Not let in", refusal.sentence, refusal.status)
    else:
        answer = welcome(access, refusal.status, way=way, refusal=refusal)
    if refusal.retry_after:
        answer.headers["Retry-After"] = str(int(refusal.retry_after) + 1)
    return answer
