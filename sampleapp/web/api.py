"""The guestbook as JSON, and how errors look to everybody who is not a browser's form."""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request

from sampleapp.entries import BadInput
from sampleapp.web.context import Context
from sampleapp.web.look import colour_of

RETRY_AFTER_S = 2
"""An election takes about that long."""

MOST_ENTRIES = 100


def blueprint(context: Context) -> Blueprint:
    """The routes of the API."""
    routes = Blueprint("api", __name__, url_prefix="/api")

    @routes.get("/entries")
    def newest() -> Response:
        limit = whole_number("limit", default=20, lowest=1, highest=MOST_ENTRIES)
        return jsonify(entries=[entry.as_json() for entry in context.guestbook.newest(limit=limit)])

    @routes.get("/status")
    def status() -> Response:
        now = context.board.current()
        return jsonify(
            pod=context.settings.pod,
            entries=now.entries,
            primary=now.primary,
            members=[{"name": member.name, "role": member.role} for member in now.members],
        )

    @routes.get("/page")
    def page() -> Response:
        """What changes on the page, in one answer: its script asks every two seconds."""
        limit = whole_number("limit", default=20, lowest=1, highest=MOST_ENTRIES)
        newest = context.guestbook.newest(limit=limit)
        now = context.board.current()
        pod = context.settings.pod
        return jsonify(
            pod=pod,
            colour=colour_of(pod),
            entries=now.entries,
            primary=now.primary,
            away=[member.name for member in now.members if not member.role],
            now=datetime.now(UTC).isoformat(timespec="milliseconds"),
            newest=[{**entry.as_json(), "colour": colour_of(entry.pod)} for entry in newest],
        )

    return routes


def whole_number(name: str, *, default: int, lowest: int, highest: int) -> int:
    """A number of the query string, refused when it is none or out of its bounds."""
    text = request.args.get(name)
    if text is None:
        return default
    # isdecimal alone would take other scripts' digits; int() would take thousands of digits and underscores.
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and lowest <= int(text) <= highest):
        raise BadInput(f"{name} must be a whole number from {lowest} to {highest}.")
    return int(text)
