"""The page that leads somebody in, or says why not: for whoever came without a session, and back to where they went."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import Response, make_response, render_template, request, url_for

from dashboard.access.capabilities import Capability
from dashboard.access.door import NotLetIn
from dashboard.access.guard import Access
from dashboard.web.answers import is_htmx, problem, wants_json

LONGEST_WAY = 1000
NOT_A_WAY = ("/sign-in", "/sign-out", "/signed-out", "/app/", "/static/", "/api/")
SIGN_IN_AGAIN = "Your sign-in has ended. Sign in again; nothing you started was stopped."
LINK_OVER = "The share link that you came by has run out or was revoked."
NO_LINKS = "This dashboard is read-only: share links do not work here, those made before included."
LOCAL = "Open a sign-in link: `surgeboard url` prints one."


def local_path(text: str) -> str:
    """The page of ours that somebody wants to go to, or the Stage: never another site, nor a way in or out."""
    stage = url_for("stage.page")
    if not text.startswith("/") or len(text) > LONGEST_WAY or not text.isprintable() or "\\" in text:
        return stage
    try:
        parts = urlsplit(text)
    except ValueError:
        return stage
    if parts.scheme or parts.netloc or text.startswith("//") or parts.path.startswith(NOT_A_WAY):
        return stage
    return text


def lead_in(access: Access, capability: Capability) -> Response:
    """For a request without a session, to what needs one."""
    refusal = access.refusal_of(request.environ)
    if capability is Capability.FRAME:
        sentence = "This view of the app belongs to a session that has ended. Reload the page."
        return make_response(render_template("frame/unreachable.html", title="Signed out", sentence=sentence), 403)
    if wants_json() or is_htmx():
        return _in_short(access, refusal)
    if request.endpoint == "present.page" and access.came_by_share(request.environ):
        return make_response(render_template("share/over.html", sentence=link_over(access, LINK_OVER)), 401)
    if access.mode == "proxy":
        return _of_proxy(refusal)
    return welcome(access, 401, way=request.full_path.rstrip("?") if request.method == "GET" else "/")


def way_back(access: Access) -> str:
    """Where this page leads when its session has ended: to itself, by the door where one signs in at ours."""
    way = request.full_path.rstrip("?") if request.method == "GET" else url_for("stage.page")
    return url_for("sign_in.sign_in", ended=1, next=way) if access.mode == "token" else way


def link_over(access: Access, sentence: str) -> str:
    """Why a share link lets nobody in: the sentence, unless none does."""
    return NO_LINKS if access.shares is None else sentence


def welcome(access: Access, status: int, *, way: str = "/", refusal: NotLetIn | None = None) -> Response:
    """The page to sign in at; with a `refusal` it says why not."""
    if access.mode == "local":
        return make_response(render_template("sign_in/page.html", refusal=refusal), status)
    if access.mode == "proxy":
        return _of_proxy(refusal)
    page = render_template(
        "sign_in/token.html", refusal=refusal, way=local_path(way), ended=request.args.get("ended") == "1"
    )
    answer = make_response(page, status)
    # A page that somebody may type a credential into is kept by nobody.
    answer.headers["Cache-Control"] = "no-store"
    if refusal is not None and refusal.retry_after:
        answer.headers["Retry-After"] = str(int(refusal.retry_after) + 1)
    return answer


def _in_short(access: Access, refusal: NotLetIn | None) -> Response:
    """For a program, or for a page of ours that was open when the session ended."""
    if refusal is not None:
        return problem("Not let in", refusal.sentence, refusal.status)
    if access.mode == "local":
        return problem("Signed out", LOCAL, 401)
    answer = problem("Signed out", SIGN_IN_AGAIN, 401)
    if is_htmx() and access.mode == "token":
        where = urlsplit(request.headers.get("HX-Current-URL", ""))
        way = local_path(f"{where.path}?{where.query}" if where.query else where.path)
        answer.headers["HX-Redirect"] = f"{url_for('sign_in.sign_in')}?ended=1&next={quote(way, safe='')}"
    return answer


def _of_proxy(refusal: NotLetIn | None) -> Response:
    if refusal is None:
        sentence = "The proxy in front of this dashboard did not say who you are. Sign in there, then reload the page."
        refusal = NotLetIn(sentence, 401)
    answer = make_response(render_template("sign_in/proxy.html", refusal=refusal), refusal.status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
