"""Builds the Flask application from its parts. Starts nothing and opens nothing."""

import threading
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from sampleapp.burden import Hoard
from sampleapp.database import Guestbook, Unavailable, connect
from sampleapp.entries import BadInput
from sampleapp.settings import Settings
from sampleapp.status import StatusBoard
from sampleapp.web import api, burdens, marking, pages, probes
from sampleapp.web.context import Context
from sampleapp.web.metrics import Metrics

LONGEST_BODY = 16 * 1024
"""An entry at its longest, percent-encoded, with room to spare."""

_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_app(
    settings: Settings, *, guestbook: Guestbook | None = None, draining: threading.Event | None = None
) -> Flask:
    """The application. `draining` is set by the server when the pod is told to stop."""
    root = Path(__file__).parent.parent
    app = Flask("sampleapp", template_folder=str(root / "templates"), static_folder=str(root / "static"))
    app.config.update(MAX_CONTENT_LENGTH=LONGEST_BODY, SEND_FILE_MAX_AGE_DEFAULT=300)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    book = guestbook or Guestbook(connect(settings), database=settings.database)
    context = Context(
        settings=settings,
        guestbook=book,
        board=StatusBoard(book),
        hoard=Hoard(),
        draining=draining or threading.Event(),
    )
    for part in (pages, api, burdens, marking, probes):
        app.register_blueprint(part.blueprint(context))
    Metrics(context).attach(app)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(BadInput, _bad_input)
    app.register_error_handler(Unavailable, _unavailable)
    app.after_request(_secured)
    app.after_request(_named(settings.pod))
    return app


def _named(pod: str) -> Callable[[Response], Response]:
    """Every answer tells which pod gave it, so that a load generator can see how its requests are shared."""

    def name(response: Response) -> Response:
        response.headers["X-Pod"] = pod
        return response

    return name


def _secured(response: Response) -> Response:
    for name, value in _SECURITY.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refused(error: HTTPException) -> tuple[Response, int] | Response:
    if error.code is None or error.response is not None or error.code < 400:
        return Response(status=error.code or 500)
    answer = jsonify(error=error.description)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            answer.headers[name] = value
    return answer, error.code


def _bad_input(error: BadInput) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400


def _unavailable(error: Unavailable) -> tuple[Response, int, dict[str, str]]:
    return jsonify(error=str(error)), 503, {"Retry-After": str(api.RETRY_AFTER_S)}
