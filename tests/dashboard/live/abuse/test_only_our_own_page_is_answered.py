"""Host, Origin and what proxies claim, by HTTP and by websocket, with every way to sign in: one combination passes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

EVIL = "http://evil.example"
MODES: dict[str, dict[str, str]] = {
    "local": {},
    "token": {"AUTH": "token", "URLS": "http://board.example:8080,https://board.example"},
    "a proxy that is trusted": {
        "AUTH": "proxy", "URLS": "http://board.example:8080", "TRUSTED_PROXIES": "127.0.0.0/8",
    },
    "a proxy that is not": {"AUTH": "proxy", "URLS": "http://board.example:8080", "TRUSTED_PROXIES": "10.9.8.7/32"},
}  # fmt: skip
UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
}  # fmt: skip
SOCKET = "/socket.io/?EIO=4&transport=websocket"
CLAIMS = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
UNDERSCORED = {"X_Forwarded_Host": "evil.example", "SCRIPT_NAME": "/evil"}

# what is said: Host, Origin, more headers; status of a page, of a socket
ROWS: dict[str, tuple[str, str | None, dict[str, str], int, int]] = {
    "our own page": ("{host}", "{origin}", {}, 200, 101),
    "our own page, whatever a proxy claims": ("{host}", "{origin}", CLAIMS, 200, 101),
    "our own page, and headers that look like ours": ("{host}", "{origin}", UNDERSCORED, 200, 101),
    "another page": ("{host}", EVIL, {}, 200, 403),
    "another page with our name within its own": ("{host}", "{origin}.evil.example", {}, 200, 403),
    "nobody's page": ("{host}", "null", {}, 200, 403),
    "no page at all": ("{host}", None, {}, 200, 403),
    "rebinding": ("evil.example", EVIL, {}, 421, 421),
    "rebinding, and our page's name": ("evil.example", "{origin}", {}, 421, 421),
    "another port of this machine": ("{host}", "http://127.0.0.1:9", {}, 200, 403),
    "another scheme": ("{host}", "ftp://{host}", {}, 200, 403),
    "a proxy's claim of another host": ("{host}", EVIL, CLAIMS, 200, 403),
    "a proxy's claim of our host": ("evil.example", EVIL, {"X-Forwarded-Host": "{host}"}, 421, 421),
    "two names": ("{host}, evil.example", "{origin}", {}, 421, 421),
    "no name": ("", "{origin}", {}, 421, 421),
}


@pytest.fixture(scope="module", params=list(MODES))
def mode(
    request: pytest.FixtureRequest, start: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    running = start(tmp_path_factory.mktemp("mode"), **MODES[request.param])
    running.host = f"127.0.0.1:{running.port}" if request.param == "local" else "board.example:8080"
    yield running
    running.end()


def headers_of(mode: Any, row: str) -> dict[str, str]:
    host, origin, more, _, _ = ROWS[row]
    known = {"host": mode.host, "origin": f"http://{mode.host}"}
    told = {"Host": host, **more} | ({} if origin is None else {"Origin": origin})
    return {name: text.format(**known) for name, text in told.items()} | {"Cookie": mode.cookie}


@pytest.mark.parametrize("row", list(ROWS))
def test_a_page_is_for_whoever_knows_us_by_our_name(mode: Any, row: str) -> None:
    status, headers, _ = mode.ask("GET", "/signed-out", headers_of(mode, row))
    assert status == ROWS[row][3]
    assert not [name for name in headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("row", list(ROWS))
def test_a_socket_is_for_our_own_page_alone(mode: Any, row: str) -> None:
    status, _, _ = handshake(mode, headers_of(mode, row))
    passes = 101 if mode.cookie else 401  # our own page too is to be signed in
    assert status == {101: passes}.get(ROWS[row][4], ROWS[row][4])


@pytest.mark.parametrize("query", ["transport=polling", "transport=polling&j=0", "transport=polling&sid=x", ""])
def test_there_is_no_other_way_to_what_a_socket_says(mode: Any, query: str) -> None:
    told = headers_of(mode, "our own page")
    status, headers, body = mode.ask("GET", f"/socket.io/?EIO=4&{query}", told)
    assert status == (400 if mode.cookie else 401)
    assert b"sid" not in body
    assert not [name for name in headers if name.lower().startswith("access-control-")]


# With the other ways nobody can sign in without a cluster: tests/dashboard/access does, with one of its own.
@pytest.mark.parametrize("mode", ["local"], indirect=True)
@pytest.mark.parametrize("row", list(ROWS))
def test_a_change_comes_from_our_own_page_alone(mode: Any, row: str) -> None:
    told = headers_of(mode, row) | {"HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded"}
    status, _, _ = mode.ask("POST", "/limits/blast/stop", told)
    passes = ROWS[row][4] == 101
    assert (status not in {403, 421}) == passes, status


def handshake(mode: Any, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    """The status of an upgrade; http.client leaves a 101 alone."""
    with mode.connect() as peer:
        lines = [f"{name}: {text}" for name, text in {**headers, **UPGRADE}.items()]
        peer.sendall(("\r\n".join([f"GET {SOCKET} HTTP/1.1", *lines]) + "\r\n\r\n").encode())
        said = b""
        while b"\r\n" not in said and (data := peer.recv(4096)):
            said += data
    return int(said.split()[1]), {}, b""
