"""Error pages for people. What went wrong inside goes to the log, never to the browser."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from dashboard.access.origins import SAFE_METHODS
from dashboard.access.rights import READ_ONLY
from dashboard.errors import Refused
from dashboard.kube.errors import SignInAgain
from dashboard.web.answers import problem, refused
from dashboard.web.app_refusal import frame_of, not_taken

log = logging.getLogger(__name__)

SENTENCES = {
    400: ("That was not understood", "The request was malformed. Reload the page and try again."),
    403: ("Not allowed", "You may not do this."),
    404: ("There is no such page", "The Stage has everything there is so far."),
    405: ("Not this way", "This address does not take that kind of request."),
    413: ("Too much", "The request is larger than anything this page takes."),
}


def handle_errors(app: Flask, *, read_only: bool = False) -> None:
    """Give `app` its error pages. With `read_only` there is no route for a change, and that is the reason to tell."""

    @app.errorhandler(Refused)
    def on_refused(refusal: Refused) -> Response:
        return refused(refusal.sentence, refusal.status)

    @app.errorhandler(SignInAgain)
    def on_signed_out(error: SignInAgain) -> Response:
        return refused(error.message, 401)

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response:
        status = error.code or 500
        if read_only and status in (404, 405) and request.method not in SAFE_METHODS:
            frame = frame_of(request.path)
            return not_taken(READ_ONLY, frame) if frame else problem("Nothing was changed", READ_ONLY, 405)
        title, sentence = SENTENCES.get(status, ("That did not work", error.name + "."))
        return problem(title, sentence, status)

    @app.errorhandler(Exception)
    def on_bug(error: Exception) -> Response:
        log.error("a route failed: %s %s", request.method, request.path, exc_info=error)
        return problem("Something broke here", "It is our fault, and it is in the log. Reload the page.", 500)
