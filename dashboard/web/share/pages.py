"""The share links' page, and the way in by one. A link is shown once, on the page after the form that made it."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from dashboard.access.capabilities import Capability
from dashboard.access.door import NotLetIn
from dashboard.access.guard import Access
from dashboard.access.share_links import HOURS, ShareLinks
from dashboard.errors import Refused
from dashboard.web import presenting
from dashboard.web.actions import ViewsLike
from dashboard.web.share import telling
from dashboard.web.share.fresh import Fresh, Made
from dashboard.web.visitor import visitor
from dashboard.web.welcome import link_over

NO_LINKS = Refused("This dashboard has no share links.", status=404)


def share_pages(views: ViewsLike, access: Access, *, now: Callable[[], float] = time.time) -> Blueprint:
    """The blueprint of `/share` and `/s/…`."""
    pages = Blueprint("share", __name__)
    fresh = Fresh()

    def page(status: int = 200, *, made: Made | None = None, refused: str = "") -> Response:
        shares = _of(access)
        content = {
            "links": telling.listed(shares, now=now()), "made": made, "refused": refused, "trouble": shares.trouble,
            "choices": telling.choices(), "label": request.form.get("label", "") if refused else "",
        }  # fmt: skip
        frame = presenting.frame(views.snapshot())
        return _unkept(make_response(render_template("share/page.html", frame=frame, **content), status))

    @pages.get("/share")
    def listing() -> Response:
        return page(made=None if _is_no_look() else fresh.take(visitor().id))

    @pages.post("/share")
    def make() -> Response:
        hours = request.form.get("hours", str(HOURS))
        try:
            wanted = int(hours) if hours.isdecimal() and len(hours) < 5 else 0
            link, token = _of(access).make(label=request.form.get("label", ""), hours=wanted, by=visitor().by)
        except Refused as refusal:
            return page(refusal.status, refused=refusal.sentence)
        base = _address(access)
        url = f"{base}{url_for('share.enter', token=token)}"
        fresh.put(visitor().id, Made(url, link.label, _is_here(base)))
        # Whoever reloads the page that follows makes no second link.
        return _unkept(make_response(redirect(url_for("share.listing"), 303)))

    @pages.post("/share/<link_id>/revoke")
    def revoke(link_id: str) -> Response:
        try:
            _of(access).revoke(link_id, by=visitor().by)
        except Refused as refusal:
            return page(refusal.status, refused=refusal.sentence)
        return make_response(redirect(url_for("share.listing"), 303))

    @pages.get("/s/<token>")
    def enter(token: str) -> Response:
        return _unkept(_enter(access, token))

    return pages


def _enter(access: Access, token: str) -> Response:
    if _is_no_look():
        return Response("", 204)  # a preview sees nothing
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        return Response("", 403)  # a picture on somebody's page, which is not to use up what may fail
    to_page = make_response(redirect(url_for("present.page"), 303))
    if access.allows(access.session_of(request.environ), Capability.VIEW):
        return to_page  # whoever may see more keeps that
    try:
        secret = access.enter_by_link(token, request.environ)
    except NotLetIn as refusal:
        answer = _over(refusal.sentence, refusal.status)
        if refusal.retry_after:
            answer.headers["Retry-After"] = str(int(refusal.retry_after) + 1)
        return answer
    session = access.shares.session_of(secret) if secret and access.shares is not None else None
    if secret is None or session is None or session.expires_at is None:
        sentence = "It has run out, was revoked, or was not copied as a whole."
        return _over(link_over(access, sentence), 404)
    cookie = access.share_cookie(request.environ)
    # Lax, for a link is opened from a mail or a chat: a strict cookie would not be there after the redirection.
    to_page.set_cookie(
        cookie.name, secret, max_age=max(1, int(session.expires_at - session.seen_at)), secure=cookie.secure,
        httponly=True, samesite="Lax", path="/",
    )  # fmt: skip
    return to_page


def _is_no_look() -> bool:
    """Whether nobody sees the answer: a browser or a chat looks ahead."""
    return request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", "")


def _over(sentence: str, status: int) -> Response:
    return make_response(render_template("share/over.html", sentence=sentence), status)


def _address(access: Access) -> str:
    """The address that others can reach: the one in use, unless that is this machine's and there is another."""
    own = access.origins.own(request.environ)
    others = [each for each in sorted(access.origins.origins, key=_secure_first) if not _is_here(each)]
    if own is None or (_is_here(own) and others):
        return others[0] if others else min(access.origins.origins)
    return own


def _secure_first(address: str) -> tuple[bool, str]:
    return not address.startswith("https:"), address


def _is_here(address: str) -> bool:
    return urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")


def _of(access: Access) -> ShareLinks:
    if access.shares is None:
        raise NO_LINKS
    return access.shares


def _unkept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
