"""Before any route: the Host is ours, a socket's Origin is ours, the body is small, every answer has its headers."""

from __future__ import annotations

import io
from typing import Any

import pytest

from dashboard.access.gate import BODY_MAX, Gate
from dashboard.access.origins import Origins

ORIGINS = Origins.loopback(8080)
OURS = "http://127.0.0.1:8080"


class Call:
    """One request through a gate, before an app that says "through"."""

    def __init__(self, **environ: Any) -> None:
        self.seen: dict[str, Any] = {}
        base = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "127.0.0.1:8080", "wsgi.input": io.BytesIO()}
        self.body = b"".join(Gate(self._app, ORIGINS)({**base, **environ}, self._start))

    def _app(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.seen = environ
        start_response("200 OK", [("X-Frame-Options", "ALLOWALL"), ("X-Own", "1")])
        return [b"through"]

    def _start(self, status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        self.status = int(status.split()[0])
        self.headers = dict(headers)
        assert len(self.headers) == len(headers), "a header is doubled"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080"])
def test_it_knows_the_names_of_this_machine(host: str) -> None:
    assert Call(HTTP_HOST=host).status == 200


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1", "127.0.0.1:9090", "evil.example:8080", "127.0.0.1:8080.evil.example"]
)
def test_it_refuses_a_host_that_is_not_ours(host: str) -> None:
    assert Call(HTTP_HOST=host).status == 421


@pytest.mark.parametrize(
    ("host", "origin", "more", "status"),
    [
        ("127.0.0.1:8080", OURS, {}, 200),
        ("127.0.0.1:8080", "http://evil.example", {}, 403),
        ("127.0.0.1:8080", None, {}, 403),
        ("127.0.0.1:8080", "null", {}, 403),
        ("127.0.0.1:8080", "http://127.0.0.1:9090", {}, 403),
        ("127.0.0.1:8080", "https://127.0.0.1:8080", {}, 403),
        ("evil.example", "http://evil.example", {}, 421),
        ("127.0.0.1:8080", "http://evil.example", {"HTTP_X_FORWARDED_HOST": "evil.example"}, 403),
    ],
)
def test_it_lets_one_socket_in_of_eight(host: str, origin: str | None, more: dict[str, str], status: int) -> None:
    given = {} if origin is None else {"HTTP_ORIGIN": origin}
    call = Call(PATH_INFO="/socket.io/", HTTP_UPGRADE="websocket", HTTP_HOST=host, **given, **more)
    assert call.status == status


def test_it_believes_nobody_about_forwarding() -> None:
    call = Call(HTTP_X_FORWARDED_FOR="10.0.0.1", HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_HOST="x")
    assert not [name for name in call.seen if "FORWARDED" in name]


@pytest.mark.parametrize(
    ("length", "status"), [("10", 200), (str(BODY_MAX), 200), (str(BODY_MAX + 1), 413), ("-1", 413), ("many", 413)]
)
def test_it_takes_small_bodies_only(length: str, status: int) -> None:
    body = io.BytesIO(bytes(BODY_MAX + 1))
    assert Call(**{"REQUEST_METHOD": "POST", "CONTENT_LENGTH": length, "wsgi.input": body}).status == status


def test_it_takes_no_body_that_ends_early() -> None:
    assert (
        Call(**{"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "10", "wsgi.input": io.BytesIO(b"nine byte")}).status == 400
    )


def test_it_wants_to_know_the_length_of_a_body() -> None:
    assert Call(REQUEST_METHOD="POST", HTTP_TRANSFER_ENCODING="chunked").status == 411


@pytest.mark.parametrize("path", ["/", "/static/js/main.js", "/api/v1/state", "/nothing"])
def test_it_gives_every_answer_its_headers(path: str) -> None:
    headers = Call(PATH_INFO=path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Own"] == "1"


def test_it_sandboxes_the_framed_app_and_lets_only_us_frame_it() -> None:
    headers = Call(PATH_INFO="/app/~key/").headers
    assert headers["Content-Security-Policy"].startswith("sandbox allow-forms allow-scripts;")
    assert "allow-same-origin" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]


def policy(path: str) -> dict[str, str]:
    text = Call(PATH_INFO=path).headers["Content-Security-Policy"]
    return {name: rest for name, _, rest in (each.strip().partition(" ") for each in text.split(";"))}


def test_a_page_loads_sends_and_is_framed_as_is_said_here_and_not_otherwise() -> None:
    assert policy("/") == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
        "font-src": "'self'", "connect-src": "'self'", "frame-src": "'self'", "form-action": "'self'",
        "frame-ancestors": "'none'", "base-uri": "'none'", "object-src": "'none'",
        "require-trusted-types-for": "'script'", "trusted-types": "default",
    }  # fmt: skip


def test_the_framed_app_reaches_nobody_but_us() -> None:
    assert policy("/app/~key/") == {
        "sandbox": "allow-forms allow-scripts", "default-src": "'self' 'unsafe-inline' data:", "object-src": "'none'",
        "form-action": "'self'", "frame-ancestors": "'self'",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "who"), [("/", "same-origin"), ("/appendix", "same-origin"), ("/app/~k/", "cross-origin")]
)
def test_no_other_origin_holds_our_pages_or_their_windows(path: str, who: str) -> None:
    headers = Call(PATH_INFO=path).headers
    assert headers["Cross-Origin-Resource-Policy"] == who
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"


def test_it_gives_its_own_refusals_the_headers_too() -> None:
    assert Call(HTTP_HOST="evil.example").headers["X-Content-Type-Options"] == "nosniff"


UPGRADE = {"HTTP_UPGRADE": "websocket", "HTTP_ORIGIN": OURS}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/sign-in"), ("POST", "/socket.io/"), ("PUT", "/socket.io"), ("POST", "/socket.iox"), ("DELETE", "/")],
)
def test_a_body_that_calls_itself_a_websocket_is_a_body_like_any(method: str, path: str) -> None:
    what = {"REQUEST_METHOD": method, "PATH_INFO": path, **UPGRADE}
    assert Call(CONTENT_LENGTH=str(BODY_MAX + 1), **what).status == 413
    assert Call(HTTP_TRANSFER_ENCODING="chunked", **what).status == 411
    taken = Call(**{"CONTENT_LENGTH": "3", "wsgi.input": io.BytesIO(b"abcdef"), **what})
    assert (taken.status, taken.seen["wsgi.input"].read()) == (200, b"abc")


def test_a_page_is_a_page_whatever_it_wants_to_become() -> None:
    assert Call(PATH_INFO="/", HTTP_UPGRADE="websocket", HTTP_ORIGIN="http://evil.example").status == 200
