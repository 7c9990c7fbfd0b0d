"""The shapes of answers: a fragment or nothing for htmx, a page for a plain request, a toast by a header."""

from __future__ import annotations

import json
from typing import cast

import htmx_flask
from flask import Response, make_response, render_template, request, url_for


def is_htmx() -> bool:
    """Whether htmx sent the request and so a fragment is wanted."""
    return bool(cast("htmx_flask.requests.HtmxAwareRequest", request).htmx)


def wants_json() -> bool:
    """Whether a program rather than a person asks."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/api/") or best == "application/json"


def is_plain_form() -> bool:
    """Whether a browser sends a form of its own accord, without any script."""
    return not is_htmx() and request.headers.get("Sec-Fetch-Mode") == "navigate"


def done(sentence: str, *, event: str) -> Response:
    """The action has begun: a toast says so, and `event` tells the page's modules (they close their dialog).

    A browser without script is led back to the Stage, which shows what has become of it.
    """
    if is_plain_form():
        return Response("", 303, {"Location": url_for("stage.page")})
    if not is_htmx():
        return Response(json.dumps({"message": sentence}), 202, content_type="application/json")
    answer = Response("", 200)
    answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": sentence, "tone": "good"}, event: {}})
    return answer


def refused(sentence: str, status: int) -> Response:
    """The action was refused: the sentence goes into the form, or into a toast for a button without one."""
    if request.headers.get("HX-Target", "").endswith("-refusal"):
        return make_response(render_template("parts/refusal.html", sentence=sentence), status)
    return problem("That cannot be done", sentence, status)


def problem(title: str, sentence: str, status: int) -> Response:
    """An error for a person, or for a program that asked for JSON. Never any internals."""
    if wants_json():
        return Response(json.dumps({"error": title, "message": sentence}), status, content_type="application/json")
    if is_htmx():
        answer = Response("", status)
        answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": f"{title}. {sentence}", "tone": "bad"}})
        answer.headers["HX-Reswap"] = "none"
        return answer
    return make_response(render_template("error/page.html", title=title, sentence=sentence, status=status), status)
