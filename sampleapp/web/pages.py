"""The guestbook's page and the form on it. It works without its script, which only keeps it fresh.

Every address in the page is relative, because it is also shown below a proxy's path such as /app/.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sampleapp import entries
from sampleapp.database import Unavailable
from sampleapp.web.ago import ago
from sampleapp.web.api import RETRY_AFTER_S
from sampleapp.web.context import Context
from sampleapp.web.look import colour_of

SHOWN = 20
PHRASES = ("Hello there", "Bravo", "More load!", "Still here")
"""One click, one entry. Words, because a machine may have no font with pictures."""


def blueprint(context: Context) -> Blueprint:
    """The routes of the page."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    def page() -> Response:
        return _page(context)

    @routes.get("/entries")
    def form_reloaded() -> AnyResponse:
        return redirect("./", code=303)

    @routes.post("/entries")
    def sign() -> AnyResponse:
        if request.mimetype == "application/json":
            entry = context.guestbook.add(entries.from_json(request.get_data()), pod=context.settings.pod)
            context.board.forget()
            return make_response(jsonify(entry.as_json()), 201)
        return _signed_by_form(context)

    return routes


def _signed_by_form(context: Context) -> AnyResponse:
    try:
        context.guestbook.add(entries.from_fields(request.form), pod=context.settings.pod)
    except (entries.BadInput, Unavailable) as error:
        if not request.accept_mimetypes.accept_html:
            raise
        return _page(context, refused=str(error), status=400 if isinstance(error, entries.BadInput) else 503)
    context.board.forget()
    return redirect("./", code=303)


def _page(context: Context, *, refused: str | None = None, status: int = 200) -> Response:
    away = None
    newest: list[entries.Entry] = []
    try:
        newest = context.guestbook.newest(limit=SHOWN)
    except Unavailable as error:
        away, status = str(error), 503
    html = render_template(
        "guestbook.html",
        pod=context.settings.pod,
        status=context.board.current(),
        newest=newest,
        away=away,
        refused=refused if refused != away else None,
        typed=request.form if refused else {},
        phrases=PHRASES,
        longest_text=entries.TEXT_LENGTH,
        longest_name=entries.NAME_LENGTH,
        colour_of=colour_of,
        now=datetime.now(UTC),
        ago=ago,
    )
    response = make_response(html, status)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
