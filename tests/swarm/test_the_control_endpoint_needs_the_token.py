"""Token, routes and refusals of the control endpoint, and the whole document."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from swarm.control import ControlEndpoint
from swarm.tallies import Failure

TOKEN = "a-token-of-enough-characters"


@pytest.fixture
def ask(running: Any, clock: Any) -> Any:
    """Asks the endpoint of a running swarm; returns status line and document."""
    endpoint = ControlEndpoint(running, token=TOKEN, now=clock)

    def call(method: str, path: str, *, body: bytes = b"", **headers: str) -> tuple[str, Any]:
        lines: list[str] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            **headers,
        }
        content = b"".join(endpoint(environ, lambda status, _: lines.append(status)))
        return lines[0], json.loads(content)

    return call


GOOD = {"HTTP_X_SWARM_TOKEN": TOKEN}


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"HTTP_X_SWARM_TOKEN": "wrong"}, {"HTTP_AUTHORIZATION": f"Basic {TOKEN}"},
        {"HTTP_AUTHORIZATION": "Bearer "}, {"HTTP_X_SWARM_TOKEN": TOKEN[:-1]}, {"HTTP_X_SWARM_TOKEN": "\xe9"},
    ],
)  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [("GET", "/state"), ("POST", "/stop"), ("PUT", "/users"), ("GET", "/x")])
def test_without_it_nothing_is_told_or_done(
    ask: Any, running: Any, method: str, path: str, headers: dict[str, str]
) -> None:
    status, document = ask(method, path, **headers)
    assert status.startswith("401")
    assert set(document) == {"error"}
    assert running.state == "running"


@pytest.mark.parametrize("headers", [GOOD, {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}])
def test_the_state_is_the_whole_document(
    ask: Any, running: Any, make_report: Any, tell: Any, headers: dict[str, str]
) -> None:
    running.reported(
        tell(make_report(30, ms=7), pods={"guestbook-a": 30}, failures=[Failure("GET", "/", "refused", 2)])
    )
    status, document = ask("GET", "/state", **headers)
    assert status == "200 OK"
    worker = {
        "state": "ready", "users": 30, "cpu_percent": 5.0, "pod": None, "node": None, "late_ms": None,
        "saturated": False, "lost_at": None,
    }  # fmt: skip
    percentiles = {"p50_ms": 7, "p95_ms": 7, "p99_ms": 7}
    assert document == {
        "state": "running",
        "users": 60,
        "target_users": 60,
        "spawn_rate": 10.0,
        "rps": 30.0,
        "failures_per_s": 0.0,
        **percentiles,
        "requests": 30,
        "failures": 0,
        "failed_percent": 0.0,
        "workers": [{"id": "one", **worker}, {"id": "two", **worker}],
        "saturated": False,
        "saturated_why": None,
        "limited": False,
        "limited_why": None,
        "started_at": "2026-11-23T10:33:20.000Z",
        "ends_at": "2026-11-23T10:35:20.000Z",
        "endpoints": [
            {"method": "GET", "name": "/", "requests": 30, "failures": 0, **percentiles, "rps": 30.0,
             "whole": percentiles},
        ],
        "failures_by": [
            {"method": "GET", "name": "/", "error": "refused", "occurrences": 2,
             "first_at": "2026-11-23T10:33:20.000Z", "last_at": "2026-11-23T10:33:20.000Z"},
        ],
        "pods": [{"pod": "guestbook-a", "requests": 30, "rps": 10.0, "share_percent": 100.0}],
        "ceiling": None,
        "totals": {"requests": 30, "failures": 0, "failed_percent": 0.0, **percentiles, "max_ms": 7,
                   "exact": False, "cut_off": 0, "workers_lost": 0},
        "reason": None,
    }  # fmt: skip


def test_only_the_state_counts_as_watching(ask: Any, running: Any, clock: Any) -> None:
    """A probe or a refused question must not keep a forgotten swarm alive."""
    clock.advance(20)
    ask("GET", "/healthz")
    ask("GET", "/state")
    clock.advance(6)
    running.tick()
    assert running.state == "stopping"


def test_a_stop_answers_with_the_document(ask: Any) -> None:
    status, document = ask("POST", "/stop", **GOOD)
    assert (status, document["state"], document["target_users"]) == ("200 OK", "stopping", 0)


def test_users_can_be_set_within_the_ceilings(ask: Any, running: Any, fleet: Any) -> None:
    assert ask("PUT", "/users", body=b'{"users": 100, "spawn_rate": 20}', **GOOD)[0] == "200 OK"
    running.tick()
    assert fleet.spreads[-1] == (100, 20.0)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"nonsense", b'{"users": 501, "spawn_rate": 1}', b'{"users": 10, "spawn_rate": 51}',
        b'{"users": "10", "spawn_rate": 1}', b'{"users": true, "spawn_rate": 1}', b'{"users": NaN, "spawn_rate": 1}',
        b'{"users": 10}', b'{"users": 10, "spawn_rate": 1, "host": "http://example.com"}', b" " * 2000,
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(ask: Any, fleet: Any, running: Any, body: bytes) -> None:
    status, document = ask("PUT", "/users", body=body, **GOOD)
    assert status.startswith("400")
    assert document["error"]
    running.tick()
    assert fleet.spreads == [(60, 10.0)]


def test_wrong_methods_and_paths_are_told_apart(ask: Any) -> None:
    assert ask("GET", "/stop", **GOOD)[0].startswith("405")
    assert ask("GET", "/stats", **GOOD)[0].startswith("404")


def test_health_needs_no_token_and_tells_nothing(ask: Any) -> None:
    assert ask("GET", "/healthz") == ("200 OK", {"state": "ok"})
