"""Markers over HTTP: writing one, and which of a series are stored. For whoever measures whether writing works."""

from flask import Blueprint, Response, jsonify, make_response, request

from sampleapp import markers
from sampleapp.database import Unavailable
from sampleapp.web.context import Context


def blueprint(context: Context) -> Blueprint:
    """The two routes."""
    routes = Blueprint("marking", __name__)
    pod = context.settings.pod

    @routes.post("/markers")
    def mark() -> Response:
        marker = markers.from_json(request.get_data())
        try:
            context.guestbook.mark(marker)
        except Unavailable as error:
            # Refused: it was never sent to a member, so it is not there. Unknown: it may be there all the same.
            outcome = "unknown" if error.sent else "refused"
            return make_response(jsonify(outcome=outcome, error=str(error), pod=pod), 503)
        return make_response(jsonify(outcome="confirmed", number=marker.number, pod=pod), 201)

    @routes.get("/api/markers/<series>")
    def marked(series: str) -> Response:
        numbers = context.guestbook.marked(markers.checked(series))
        return jsonify(series=series, numbers=numbers, pod=pod)

    return routes
