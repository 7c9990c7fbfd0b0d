"""The sample app behind `/app/`, for the sandboxed frame of the Stage page.

The frame has an origin of its own and so sends no cookie; the key in its address stands for the session and opens
this route only. The app's own cookies, policies and hop-by-hop headers stay behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from dashboard.errors import Refused
from dashboard.web.actions import Actions, Headers, ProxyAnswer
from dashboard.web.app_refusal import not_written
from dashboard.web.visitor import visitor

ON_THE_WAY = frozenset({"accept", "accept-language", "content-type", "x-requested-with"})
"""What of the browser's headers the app gets. An allow-list, so that no cookie or credential can slip through."""
ON_THE_WAY_BACK = frozenset(
    {"content-type", "content-language", "content-disposition", "cache-control", "etag", "last-modified",
     "location", "retry-after", "vary"}
)  # fmt: skip
API_PROXY = re.compile(r"^/api/v1/namespaces/[^/]+/(?:services|pods)/[^/]+/proxy(?=/|$)")
"""A real API server rewrites the app's redirects to its own proxy path."""
METHODS = ("GET", "POST", "OPTIONS")


def app_frame(actions: Actions) -> Blueprint:
    """The blueprint of `/app/…`."""
    pages = Blueprint("app_frame", __name__)

    @pages.get("/app/")
    def enter() -> Response:
        return make_response(redirect(url_for("app_frame.relay", key=visitor().frame_key, path=""), 303))

    @pages.route("/app/~<key>/", defaults={"path": ""}, methods=METHODS, provide_automatic_options=False)
    @pages.route("/app/~<key>/<path:path>", methods=METHODS, provide_automatic_options=False)
    def relay(key: str, path: str) -> Response:
        if request.method == "OPTIONS":
            return _allow_own_frame(Response("", 204, {"Access-Control-Allow-Headers": "content-type"}))
        query = request.query_string.decode("latin-1")
        try:
            answer = actions.app_request(request.method, path, query, _outgoing(), request.get_data())
        except Refused as refusal:
            if refusal.status != 403:
                return _unreachable(refusal.sentence)
            if request.method == "GET":
                return _denied(refusal.sentence)
            return _allow_own_frame(
                not_written(actions, refusal.sentence, url_for("app_frame.relay", key=key, path=""))
            )
        return _incoming(answer, url_for("app_frame.relay", key=key, path=""))

    return pages


def _outgoing() -> Headers:
    return [(name, value) for name, value in request.headers.items() if name.lower() in ON_THE_WAY]


def _incoming(answer: ProxyAnswer, prefix: str) -> Response:
    if answer.status in (502, 503, 504) and not _is_page(answer) and _wants_page():
        reason = b"".join(answer.body).decode("utf-8", "replace")[:300]
        answer.close()
        return _unreachable(f"The app is not answering ({answer.status}). {_plain(reason)}".strip())
    headers = [(name, value) for name, value in answer.headers if name.lower() in ON_THE_WAY_BACK]
    moved = [(name, relocated(value, prefix) if name.lower() == "location" else value) for name, value in headers]
    return _allow_own_frame(Response(_streamed(answer), answer.status, moved, direct_passthrough=True))


def _is_page(answer: ProxyAnswer) -> bool:
    kinds = [value for name, value in answer.headers if name.lower() == "content-type"]
    return any(kind.startswith("text/html") for kind in kinds)


def _wants_page() -> bool:
    """Whether a person will see the answer. The app's own script is given what the app said, as it said it."""
    return request.headers.get("Sec-Fetch-Dest") != "empty"


def _plain(reason: str) -> str:
    """The API server's own refusals are Status documents; its message is the part for people."""
    found = re.search(r'"message":\s*"([^"]*)"', reason)
    return found.group(1) if found else ""


def _streamed(answer: ProxyAnswer) -> Iterator[bytes]:
    try:
        yield from answer.body
    finally:
        answer.close()


def _allow_own_frame(response: Response) -> Response:
    """The sandboxed frame's origin is called "null"; who knows the key in the address is that frame."""
    response.headers["Access-Control-Allow-Origin"] = "null"
    return response


def _denied(sentence: str) -> Response:
    page = render_template("frame/unreachable.html", title="The app may not be seen", sentence=sentence)
    return _allow_own_frame(make_response(page, 403))


def _unreachable(sentence: str) -> Response:
    page = render_template("frame/unreachable.html", title="The app is not there yet", sentence=sentence)
    answer = make_response(page, 503)
    answer.headers["Retry-After"] = "3"
    return _allow_own_frame(answer)


def relocated(location: str, prefix: str) -> str:
    """A redirect of the app, kept inside the frame: host and API path dropped, absolute paths put below `prefix`."""
    parts = urlsplit(location)
    path = API_PROXY.sub("", parts.path)
    if path.startswith("/") or parts.netloc:
        path = prefix + path.lstrip("/")
    return path + (f"?{parts.query}" if parts.query else "")
