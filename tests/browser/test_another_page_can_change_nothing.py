"""A page on another port of this machine, with which the browser sends our cookie: it can change and read nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

pytestmark = pytest.mark.browser

CHANGES = (
    "/swarm/stop", "/deploy", "/teardown", "/deploy/cancel", "/limits/blast/stop", "/sign-out", "/data/kill-primary",
)  # fmt: skip
KINDS = ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data")

FORM = """([url, kind]) => {
  const frame = document.createElement("iframe");
  frame.name = `answer-${document.forms.length}`;
  const form = document.createElement("form");
  Object.assign(form, {action: url, method: "post", enctype: kind, target: frame.name});
  const field = document.createElement("input");
  Object.assign(field, {name: "bundle", value: "flask"});
  form.append(field);
  document.body.append(frame, form);
  form.submit();
}"""
FETCH = """([url, options]) => fetch(url, {credentials: "include", ...options})
  .then((answer) => answer.type, (error) => error.name)"""
LOAD = """([url, tag, name]) => new Promise((done) => {
  const element = document.createElement(tag);
  element.onload = () => done("loaded");
  element.onerror = () => done("refused");
  element[name] = url;
  document.body.append(element);
  setTimeout(() => done("nothing"), 2000);
})"""
SOCKET = """(url) => new Promise((done) => {
  const socket = new WebSocket(url);
  socket.onopen = () => done("open");
  socket.onerror = () => done("refused");
})"""


class Quiet(BaseHTTPRequestHandler):
    """An empty page for every address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Referrer-Policy", "unsafe-url")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><body>")

    def log_message(self, *_: Any) -> None:
        """Nothing: a test's output is its own."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a page of somebody else, on this machine: for the browser the same site as ours."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def attacker(stand: Any, open_page: Any, elsewhere: str) -> Any:
    """That page, in the browser of somebody who is signed in here; `answers` are ours to what it tried."""
    stand.script.everything()
    page = open_page().context.new_page()
    page.answers = []
    page.on(
        "response", lambda got: page.answers.append((got.request.method, got.status)) if stand.url in got.url else None
    )
    page.goto(elsewhere)
    return page


def test_no_form_of_theirs_is_taken(stand: Any, attacker: Any) -> None:
    for path in CHANGES:
        for kind in KINDS:
            attacker.evaluate(FORM, [stand.url + path, kind])
    end = time.monotonic() + 60
    while len(attacker.answers) < len(CHANGES) * len(KINDS):
        assert time.monotonic() < end, attacker.answers
        attacker.wait_for_timeout(50)
    # 401 would mean that the cookie was not there, and nothing was tried.
    assert set(attacker.answers) == {("POST", 403)}
    _nothing_happened(stand, attacker)


@pytest.mark.parametrize(
    "options",
    [
        {"method": "POST", "mode": "no-cors"},
        {"method": "POST", "mode": "no-cors", "headers": {"Content-Type": "text/plain"}, "body": '{"bundle": "flask"}'},
        {"method": "POST", "mode": "no-cors", "headers": {"HX-Request": "true"}, "body": "bundle=flask"},
        {"method": "POST", "mode": "cors", "headers": {"HX-Request": "true"}, "body": "bundle=flask"},
        {"method": "POST", "mode": "cors", "headers": {"Content-Type": "application/json"}, "body": "{}"},
        {"method": "DELETE", "mode": "cors"},
    ],
)
def test_no_request_of_their_script_is_taken(stand: Any, attacker: Any, options: dict[str, Any]) -> None:
    told = [attacker.evaluate(FETCH, [stand.url + path, options]) for path in CHANGES]
    assert set(told) <= {"opaque", "TypeError"}
    _nothing_happened(stand, attacker)


def test_nothing_of_ours_can_be_read_there(stand: Any, attacker: Any) -> None:
    for path in ("/", "/api/v1/state", "/story.json", "/healthz"):
        assert attacker.evaluate(FETCH, [stand.url + path, {"mode": "cors"}]) == "TypeError"
        # Cross-Origin-Resource-Policy: not even opaquely.
        assert attacker.evaluate(FETCH, [stand.url + path, {"mode": "no-cors"}]) == "TypeError"


def test_pictures_scripts_and_frames_of_our_addresses_do_nothing(stand: Any, attacker: Any) -> None:
    for path in CHANGES:
        assert attacker.evaluate(LOAD, [stand.url + path, "img", "src"]) == "refused"
    assert attacker.evaluate(LOAD, [f"{stand.url}/api/v1/state", "script", "src"]) == "refused"
    attacker.evaluate(LOAD, [stand.url, "iframe", "src"])
    assert not [frame for frame in attacker.frames if stand.url in frame.url], "our page is framed"
    _nothing_happened(stand, attacker)


def test_a_window_of_ours_is_out_of_their_reach(stand: Any, attacker: Any) -> None:
    with attacker.context.expect_page() as opened:
        attacker.evaluate("(url) => { window.other = window.open(url); }", stand.url)
    opened.value.wait_for_load_state()
    assert attacker.evaluate("window.other.closed"), "Cross-Origin-Opener-Policy takes the handle away"
    assert opened.value.evaluate("window.opener") is None


def test_no_socket_opens_there(stand: Any, attacker: Any) -> None:
    url = f"{stand.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
    assert attacker.evaluate(SOCKET, url) == "refused"


def test_the_same_change_from_our_own_page_is_taken(stand: Any, open_page: Any) -> None:
    stand.script.everything()
    page = open_page()
    page.evaluate(FETCH, [f"{stand.url}/swarm/stop", {"method": "POST", "headers": {"HX-Request": "true"}}])
    assert changes(stand) == ["stop_swarm"]


def changes(stand: Any) -> list[str]:
    """What was done; the Stage's own frame asks for the app."""
    return [name for name, _ in stand.actions.asked if name != "app"]


def _nothing_happened(stand: Any, attacker: Any) -> None:
    assert changes(stand) == []
    own = attacker.context.pages[0]
    assert own.evaluate("fetch('/api/v1/state').then((answer) => answer.status)") == 200, "signed out"
