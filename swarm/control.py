"""The control endpoint as a WSGI application: state, stop, users; every route but /healthz needs the token.

The token comes as `Authorization: Bearer …` or, through an API server's proxy that strips it, as `X-Swarm-Token`.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from swarm import ceilings
from swarm.ceilings import Refused
from swarm.conductor import Conductor
from swarm.document import control_document

MAX_BODY = 1024
"""Bytes; the only body there is holds two numbers."""
StartResponse = Callable[[str, list[tuple[str, str]]], object]
_STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
}


class ControlEndpoint:
    """Serves one conductor."""

    def __init__(self, conductor: Conductor, *, token: str, now: Callable[[], float]) -> None:
        self._conductor = conductor
        self._token = token.encode()
        self._now = now
        self._routes: dict[tuple[str, str], Callable[[Mapping[str, Any]], None]] = {
            ("GET", "/state"): lambda _: None,
            ("POST", "/stop"): lambda _: self._conductor.stop("stopped on request"),
            ("PUT", "/users"): self._set_users,
        }

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        code, body = self._answer(environ)
        content = json.dumps(body).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        start_response(_STATUS[code], [*headers, ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")])
        return [content]

    def _answer(self, environ: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        if path == "/healthz":
            return 200, {"state": "ok"}
        if not self._allowed(environ):
            return 401, {"error": "the token of this swarm is missing or wrong"}
        action = self._routes.get((method, path))
        if action is None:
            known = any(path == one for _, one in self._routes)
            return (405, {"error": f"{method} is not offered here"}) if known else (404, {"error": "no such path"})
        try:
            action(environ)
        except Refused as error:
            return 400, {"error": str(error)}
        if method == "GET":
            self._conductor.asked()
        return 200, control_document(self._conductor, now=self._now())

    def _allowed(self, environ: Mapping[str, Any]) -> bool:
        scheme, _, bearer = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        given = [environ.get("HTTP_X_SWARM_TOKEN", ""), bearer if scheme.lower() == "bearer" else ""]
        # Both are always compared, in constant time: how long it takes must not tell how much was right.
        matches = [hmac.compare_digest(one.encode("latin-1", "replace"), self._token) for one in given]
        return any(matches)

    def _set_users(self, environ: Mapping[str, Any]) -> None:
        body = _body(environ)
        unknown = sorted(set(body) - {"users", "spawn_rate"})
        if unknown:
            raise Refused(f"unknown field {unknown[0]!r}: give users and spawn_rate")
        users = ceilings.users(_field(body, "users"))
        self._conductor.set_users(users, ceilings.spawn_rate(_field(body, "spawn_rate")))


def _body(environ: Mapping[str, Any]) -> dict[str, Any]:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not str(length).isdecimal() or int(length) > MAX_BODY:
        raise Refused(f"the body may have {MAX_BODY} bytes at most")
    try:
        body = json.loads(environ["wsgi.input"].read(int(length)))
    except ValueError:
        raise Refused("the body is not JSON: give an object with users and spawn_rate") from None
    if not isinstance(body, dict):
        raise Refused("the body is no object: give users and spawn_rate")
    return body


def _field(body: Mapping[str, Any], name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{name} is missing or no number")
    return float(value)
