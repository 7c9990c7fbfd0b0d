"""A clock that stands still, a fleet that does what the test says, and real processes for the whole."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from swarm.conductor import Conductor
from swarm.crew import WorkerView
from swarm.reports import Told
from swarm.settings import MasterSettings, master_settings
from swarm.statistics import Report

TOKEN = "a-token-of-enough-characters"
ENVIRONMENT = {
    "SWARM_TARGET": "http://guestbook.flask.svc.cluster.local",
    "SWARM_USERS": "60",
    "SWARM_SPAWN_RATE": "10",
    "SWARM_DURATION_S": "120",
    "SWARM_PROFILE": "steady",
    "SWARM_TOKEN": TOKEN,
    "SWARM_EXPECT_WORKERS": "2",
}


class FakeClock:
    """Seconds since the epoch, moved by the test."""

    def __init__(self) -> None:
        self.seconds = 1_795_430_000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class FakeFleet:
    """Workers by id; `spread` is obeyed at once unless `deaf`."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.users = 0
        self.spreads: list[tuple[int, float]] = []
        self.shares: list[float] = []
        self.quits = 0
        self.deaf = False

    def workers(self) -> list[WorkerView]:
        alive = [name for name, state in self.states.items() if state != "missing"]
        share = self.users // len(alive) if alive else 0
        return [WorkerView(name, state, share if name in alive else 0, 5.0) for name, state in self.states.items()]

    def spread(self, users: int, spawn_rate: float) -> None:
        self.spreads.append((users, spawn_rate))
        self.users = users

    def share(self, per_second: float) -> None:
        self.shares.append(per_second)

    def quit(self) -> None:
        self.quits += 1
        if not self.deaf:
            self.users = 0
            self.states.clear()


def report(requests: int = 10, *, failures: int = 0, ms: int = 5, name: str = "/") -> Report:
    return Report("GET", name, requests, failures, {ms: requests})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fleet() -> FakeFleet:
    return FakeFleet()


@pytest.fixture
def environment() -> dict[str, str]:
    return dict(ENVIRONMENT)


@pytest.fixture
def settings() -> MasterSettings:
    return master_settings(ENVIRONMENT)


@pytest.fixture
def conductor(settings: MasterSettings, fleet: FakeFleet, clock: FakeClock) -> Conductor:
    return Conductor(settings, fleet, now=clock)


@pytest.fixture
def running(conductor: Conductor, fleet: FakeFleet) -> Conductor:
    """A swarm both of whose workers came."""
    fleet.states.update(one="ready", two="ready")
    conductor.tick()
    return conductor


@pytest.fixture
def make_conductor(settings: MasterSettings, fleet: FakeFleet, clock: FakeClock) -> Any:
    """A conductor with some settings changed."""
    return lambda **changes: Conductor(replace(settings, **changes), fleet, now=clock)


@pytest.fixture
def make_report() -> Any:
    return report


@pytest.fixture
def tell() -> Any:
    """One worker's report: `tell(make_report(), pods=…)`."""
    return lambda *reports, worker="one", **more: Told(worker, reports, **more)


class Target:
    """A tiny HTTP server that counts what it is asked, by method and path."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.bodies: list[Any] = []
        self.connections = 0
        self.lock = threading.Lock()
        self.sends_elsewhere: str | None = None
        """Where `/elsewhere` redirects to."""
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with target.lock:
                    target.connections += 1

            def do_GET(self) -> None:
                with target.lock:
                    target.seen[f"{self.command} {self.path.partition('?')[0]}"] += 1
                if self.path == "/elsewhere" and target.sends_elsewhere:
                    self.send_response(302)
                    self.send_header("Location", target.sends_elsewhere)
                else:
                    self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def do_POST(self) -> None:
                target.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: Any) -> None:
                """A stop cuts load users off in the middle of an answer; that is no news."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def total(self) -> int:
        return sum(self.seen.values())


LOWERED = "from swarm import ceilings, master; ceilings.MAX_REQUESTS_PER_S = {}.0; raise SystemExit(master.main())"


class Swarm:
    """A master and its workers as processes."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._control, self._workers_port = free_port(), free_port()
        self.master: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self._worker_settings: dict[str, str] = {}

    def start(
        self,
        *,
        workers: int,
        worker_settings: dict[str, str] | None = None,
        ceiling: int | None = None,
        **settings: str,
    ) -> None:
        """`ceiling`: requests a second instead of the ones in the code."""
        values = {
            **ENVIRONMENT,
            "SWARM_TARGET": self._target.url,
            "SWARM_USERS": "20",
            "SWARM_SPAWN_RATE": "20",
            "SWARM_EXPECT_WORKERS": str(max(1, workers)),
            "SWARM_BIND": f"127.0.0.1:{self._control}",
            "SWARM_MASTER_BIND": "127.0.0.1",
            "SWARM_MASTER_PORT": str(self._workers_port),
            "SWARM_LINGER_S": "5",
            **settings,
        }
        program = ["-m", "swarm.master"] if ceiling is None else ["-c", LOWERED.format(ceiling)]
        self.master = self._run(program, values)
        self._worker_settings = worker_settings or {}
        for _ in range(workers):
            self.add_worker()

    def add_worker(self) -> subprocess.Popen[bytes]:
        values = {
            "SWARM_MASTER": f"localhost:{self._workers_port}",  # by its name, as in a cluster
            "SWARM_TARGET": self._target.url,
            "SWARM_MASTER_SILENCE_S": "3",
            **self._worker_settings,
        }
        self.workers.append(self._run(["-m", "swarm.worker"], values))
        return self.workers[-1]

    def ask(self, method: str = "GET", path: str = "/state", body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self._control}{path}"
        headers = {"X-Swarm-Token": TOKEN, "Content-Type": "application/json"}
        request = urllib.request.Request(url, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return json.load(answer)

    def until(self, holds: Any, *, what: str) -> Any:
        """The first state for which `holds`, asked often."""
        deadline, state = time.monotonic() + 40, None
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                state = self.ask()
                if holds(state):
                    return state
            time.sleep(0.1)
        raise AssertionError(f"never {what}; last seen: {state}")

    def end(self) -> None:
        for process in [self.master, *self.workers]:
            if process is not None and process.poll() is None:
                process.kill()
            if process is not None:
                process.wait(timeout=10)

    def _run(self, program: list[str], values: dict[str, str]) -> subprocess.Popen[bytes]:
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        path = os.pathsep.join(entry for entry in sys.path if entry)
        return subprocess.Popen([sys.executable, *program], env={**kept, "PYTHONPATH": path, **values})


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def target() -> Iterator[Target]:
    found = Target()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def swarm(target: Target) -> Iterator[Swarm]:
    found = Swarm(target)
    yield found
    found.end()
