"""The small HTTP server that the three programs share: JSON out, a token in for whatever changes something."""

import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN_HEADER = "X-Blast-Token"  # noqa: S105 - the name of a header

FIRST_S, IDLE_S = 90.0, 30.0
"""Seconds without a question after which a program ends: before the first one, and after it."""

Answer = tuple[int, Mapping[str, Any]]
Routes = Mapping[tuple[str, str], Callable[[], Answer]]


class Server(ThreadingHTTPServer):
    """Answers `routes` (method, path). `guarded` are those that ask for the token."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, where: tuple[str, int], routes: Routes, *, guarded: frozenset[str], token: str) -> None:
        super().__init__(where, _Handler)
        self.routes = routes
        self.guarded = guarded
        self.token = token
        self.asked: float | None = None

    def start(self) -> None:
        """Serves in the background."""
        threading.Thread(target=self.serve_forever, name="answers", daemon=True).start()

    def serve_while_asked(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Serves until nobody has asked for a while: a program of an experiment that is over ends by itself."""
        self.start()
        began = clock()
        while clock() < (began + FIRST_S if self.asked is None else self.asked + IDLE_S):
            time.sleep(1)
        self.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 5

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        path = self.path.partition("?")[0]
        self.server.asked = time.monotonic()
        route = self.server.routes.get((method, path))
        if route is None:
            self._send(404, {"error": "there is nothing here"})
        elif path in self.server.guarded and not self._knows_token():
            self._send(401, {"error": f"the header {TOKEN_HEADER} is missing or wrong"})
        else:
            self._send(*route())

    def _knows_token(self) -> bool:
        told = self.headers.get(TOKEN_HEADER, "")
        return bool(self.server.token) and hmac.compare_digest(told.encode(), self.server.token.encode())

    def _send(self, status: int, document: Mapping[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Four questions a second are not worth a line each."""
