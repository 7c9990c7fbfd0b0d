"""/work and /leak: load on purpose, only where the ConfigMap allows it."""

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import Forbidden

from sampleapp.burden import LEAK_MB, WORK_MS, burn
from sampleapp.entries import BadInput
from sampleapp.web.api import whole_number
from sampleapp.web.context import Context


def blueprint(context: Context) -> Blueprint:
    """The two routes. Both answer 403 unless their setting is on."""
    routes = Blueprint("burdens", __name__)
    pod = context.settings.pod

    @routes.route("/work", methods=["GET", "POST"])
    def work() -> Response:
        _allowed(context.settings.allow_work, route="/work", setting="ALLOW_WORK")
        milliseconds = whole_number("ms", default=100, lowest=0, highest=WORK_MS)
        return jsonify(pod=pod, ms=milliseconds, steps=burn(milliseconds))

    @routes.route("/leak", methods=["GET", "POST"])
    def leak() -> Response:
        _allowed(context.settings.allow_leak, route="/leak", setting="ALLOW_LEAK")
        megabytes = whole_number("mb", default=0, lowest=0, highest=LEAK_MB)
        if not context.hoard.hold(megabytes):
            held = context.hoard.held_mb()
            raise BadInput(f"This pod already holds {held} MB. At most {LEAK_MB} MB can be held in all.")
        return jsonify(pod=pod, held_mb=context.hoard.held_mb())

    return routes


def _allowed(allowed: bool, /, *, route: str, setting: str) -> None:
    if not allowed:
        raise Forbidden(f'{route} is switched off. Set {setting}: "true" in the ConfigMap guestbook and restart.')
