"""Hosts, origins and the cookie follow from the configured addresses; probes answer by any name, nothing else does."""

from __future__ import annotations

import io
from typing import Any

import pytest

from dashboard.access.forwarded import Proxies
from dashboard.access.gate import FOR_ANY_HOST, Gate
from dashboard.access.guard import Access
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.sessions import Sessions

OURS = Origins.of(["http://localhost:8080", "https://Surgeboard.example.com/", "https://[2001:db8::1]:8443"])


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8080", "http://localhost:8080"),
        ("surgeboard.example.com", "https://surgeboard.example.com"),
        ("surgeboard.example.com:443", "https://surgeboard.example.com"),
        ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_each_address_is_ours(host: str, origin: str) -> None:
    assert OURS.host_allowed({"HTTP_HOST": host})
    assert OURS.socket_allowed({"HTTP_ORIGIN": origin})


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost", "http://localhost"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("surgeboard.example.com:80", "http://surgeboard.example.com"),
        ("evil.example.com", "https://evil.example.com"),
        ("surgeboard.example.com.evil.test", "https://surgeboard.example.com.evil.test"),
        ("", "null"),
    ],
)
def test_no_other_is(host: str, origin: str) -> None:
    assert not OURS.host_allowed({"HTTP_HOST": host})
    assert not OURS.socket_allowed({"HTTP_ORIGIN": origin})


def through(host: str, path: str = "/", **environ: Any) -> tuple[int, dict[str, str]]:
    seen: list[Any] = []

    def app(_environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [])
        return [b""]

    gate = Gate(app, OURS, proxies=Proxies(), any_host=FOR_ANY_HOST)
    base = {"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO(), "HTTP_HOST": host, "PATH_INFO": path, **environ}
    gate(base, lambda status, headers, *_: seen.extend([int(status[:3]), dict(headers)]))
    return seen[0], seen[1]


@pytest.mark.parametrize("path", sorted(FOR_ANY_HOST))
def test_probes_answer_by_any_name(path: str) -> None:
    assert through("10.0.0.7:8080", path)[0] == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/state", "/sign-in", "/healthz/x", "/metrics/", "/socket.io/"])
def test_nothing_else_does(path: str) -> None:
    assert through("10.0.0.7:8080", path)[0] == 421


def test_a_socket_is_no_probe() -> None:
    assert through("10.0.0.7:8080", "/healthz", HTTP_UPGRADE="websocket")[0] == 421


def test_https_is_insisted_on_where_it_is_used() -> None:
    assert "max-age=" in through("surgeboard.example.com")[1]["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in through("localhost:8080")[1]


def test_the_cookie_is_bound_to_the_host_by_https(tmp_path: Any) -> None:
    access = Access(sessions=Sessions(lambda: 0.0), links=SignInLinks("x", tmp_path), origins=OURS, port=8080)
    secure = access.cookie({"HTTP_HOST": "surgeboard.example.com"})
    assert (secure.name, secure.secure) == ("__Host-surgeboard", True)
    plain = access.cookie({"HTTP_HOST": "localhost:8080"})
    assert (plain.name, plain.secure) == ("surgeboard-8080", False)


def test_a_name_that_both_schemes_share_is_told_as_the_safe_one() -> None:
    both = Origins.of(["http://board.example:443", "https://board.example"])
    assert both.own({"HTTP_HOST": "board.example:443"}) == "https://board.example"
    assert both.own({"HTTP_HOST": "evil.example"}) is None


FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
OWN = {"HTTP_ORIGIN": "http://localhost:8080"}


def test_by_plain_http_the_origin_tells_of_a_form_of_ours() -> None:
    assert OURS.form_allowed(FORM | OWN)


@pytest.mark.parametrize(
    "told",
    [
        FORM,
        FORM | {"HTTP_ORIGIN": "null"},
        FORM | {"HTTP_ORIGIN": "http://evil.example"},
        FORM | OWN | {"HTTP_SEC_FETCH_SITE": "same-site", "HTTP_SEC_FETCH_MODE": "navigate"},
        FORM | OWN | {"HTTP_SEC_FETCH_SITE": "cross-site"},
        OWN | {"CONTENT_TYPE": "text/plain"},
    ],
)
def test_nothing_less_does(told: dict[str, str]) -> None:
    assert not OURS.form_allowed(told)
