"""What somebody sees in the app's frame who may look at the app and not write to it: that, above the app as it is.

It must write nothing: the app is asked for its first page, in the same person's name.
"""

from __future__ import annotations

import re

from flask import Response, make_response, render_template, request

from dashboard.errors import Refused
from dashboard.web.actions import Actions, ProxyAnswer

FRAME = re.compile(r"/app/~[^/]+/")
TITLE = "Writing is not allowed for this account."
LONGEST = 1_000_000
"""A page that is longer is not shown beneath; the words and the way back are."""
HEAD = re.compile(rb"<head[^>]*>", re.IGNORECASE)
BODY = re.compile(rb"<body[^>]*>", re.IGNORECASE)


def not_written(actions: Actions, sentence: str, back: str) -> Response:
    """403, with the app's first page kept in view; `back`: its address."""
    app = _first_page(actions) if request.headers.get("Sec-Fetch-Dest") != "empty" else b""
    body = BODY.search(app)
    if body is None:
        page = render_template("frame/unreachable.html", title=TITLE, sentence=sentence, back=back)
        return make_response(page, 403)
    words = render_template("frame/not_written.html", title=TITLE, sentence=sentence, back=back).encode()
    whole = app[: body.end()] + words + app[body.end() :]
    # The address is the form's; what the page leads to is beside its own.
    whole = HEAD.sub(lambda found: found[0] + f'<base href="{back}">'.encode(), whole, count=1)
    return Response(whole, 403, content_type="text/html; charset=utf-8")


def frame_of(path: str) -> str | None:
    """The address of the app's first page, of a path within its frame."""
    found = FRAME.match(path)
    return found[0] if found else None


def not_taken(sentence: str, back: str) -> Response:
    """405 in the frame, where an error page of ours would lead nowhere; who asks is not known."""
    page = render_template("frame/unreachable.html", title="Nothing was written", sentence=sentence, back=back)
    return make_response(page, 405, {"Access-Control-Allow-Origin": "null"})  # the frame's own script may read it


def _first_page(actions: Actions) -> bytes:
    """Empty when there is none to show."""
    try:
        answer = actions.app_request("GET", "", "", [("Accept", "text/html")], b"")
    except Refused:
        return b""
    try:
        return _read(answer) if answer.status == 200 and _is_plain_page(answer) else b""
    finally:
        answer.close()


def _is_plain_page(answer: ProxyAnswer) -> bool:
    said = {name.lower(): value.lower() for name, value in answer.headers}
    return said.get("content-type", "").startswith("text/html") and "content-encoding" not in said


def _read(answer: ProxyAnswer) -> bytes:
    read = b""
    for piece in answer.body:
        read += piece
        if len(read) > LONGEST:
            return b""
    return read
