"""/healthz, /readyz and /status of the agent, on the standard library. Reads what was last seen and heard only."""

import json
import socketserver
from collections.abc import Callable, Sequence
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sampleapp.agent.loop import STUCK_S, Loop
from sampleapp.agent.names import Resolved


class StatusServer(ThreadingHTTPServer):
    """Serves one loop's observations."""

    daemon_threads = True

    def __init__(self, bind: str, *, member: str, loop: Loop, names: Callable[[], Sequence[Resolved]] = tuple) -> None:
        self.member = member
        self.loop = loop
        self.names = names
        host, _, port = bind.rpartition(":")
        super().__init__((host, int(port)), _Handler)

    def server_bind(self) -> None:
        """Bind without asking the DNS for the machine's full name, which may take seconds in a starting cluster."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    server: StatusServer
    server_version = "replica-set-agent"
    sys_version = ""
    timeout = 5  # a client that sends nothing must not hold a thread

    def do_GET(self) -> None:
        routes = {"/healthz": self._healthz, "/readyz": self._readyz, "/status": self._status}
        route = routes.get(self.path.split("?", 1)[0])
        if route is None:
            self._answer(404, "There are /healthz, /readyz and /status.")
        else:
            route()

    def _healthz(self) -> None:
        age = self.server.loop.age()
        if age > STUCK_S:
            self._answer(503, f"The agent has not looked at mongod for {age:.0f} s.")
        else:
            self._answer(200, "ok")

    def _readyz(self) -> None:
        seen = self.server.loop.latest()
        self._answer(200 if seen.ready else 503, f"{seen.state} {seen.detail}".strip())

    def _status(self) -> None:
        resolved = [asdict(each) for each in self.server.names()]
        document = {"member": self.server.member, **asdict(self.server.loop.latest()), "resolved": resolved}
        self._answer(200, json.dumps(document), content_type="application/json")

    def _answer(self, status: int, body: str, *, content_type: str = "text/plain; charset=utf-8") -> None:
        content = (body + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: probes come every few seconds and would bury the log."""
