"""Error pages for people. What went wrong inside goes to the log, never to the browser."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from dashboard.errors import Refused
from dashboard.kube.errors import SignInAgain
from dashboard.web.answers import problem, refused

log = logging.getLogger(__name__)

SENTENCES = {
    400: ("That was not understood", "The request was malformed. Reload the page and try again."),
    403: ("Not allowed", "You may not do this."),
    404: ("There is no such page", "The Stage has everything there is so far."),
    405: ("Not this way", "This address does not take that kind of request."),
    413: ("Too much", "The request is larger than anything this page takes."),
}


def handle_errors(app: Flask) -> None:
    """Give `app` its error pages."""

    @app.errorhandler(Refused)
    def on_refused(refusal: Refused) -> Response:
        return refused(refusal.sentence, refusal.status)

    @app.errorhandler(SignInAgain)
    def on_signed_out(error: SignInAgain) -> Response:
        return refused(error.message, 401)

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response:
        status = error.code or 500
        title, sentence = SENTENCES.get(status, ("That did not work", error.name + "."))
        return problem(title, sentence, status)

    @app.errorhandler(Exception)
    def on_bug(error: Exception) -> Response:
        log.error("a route failed: %s %s", request.method, request.path, exc_info=error)
        return problem("Something broke here", "It is our fault, and it is in the log. Reload the page.", 500)
