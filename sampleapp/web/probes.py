"""/healthz says that the process turns, /readyz that it may be sent requests."""

from flask import Blueprint, Response

from sampleapp.database import Unavailable
from sampleapp.web.context import Context


def blueprint(context: Context) -> Blueprint:
    """The routes of the probes. Plain text, because people read them in `kubectl describe`."""
    routes = Blueprint("probes", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return _text("ok")

    @routes.get("/readyz")
    def readyz() -> Response:
        if context.draining.is_set():
            return _text("This pod is stopping.", status=503)
        try:
            context.guestbook.ping()
        except Unavailable as error:
            return _text(str(error), status=503)
        return _text("ok")

    return routes


def _text(sentence: str, *, status: int = 200) -> Response:
    return Response(sentence + "\n", status=status, mimetype="text/plain")
