"""The real server process: how it ends, and how it answers without a database."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Server:
    """`python -m sampleapp` on a free port, with no database to speak to."""

    def __init__(self, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sampleapp"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                "PATH": os.environ["PATH"],
                "BIND": f"127.0.0.1:{self.port}",
                "MONGODB_HOSTS": "127.0.0.1:9",
                "ALLOW_WORK": "true",
                **environment,
            },
        )

    def get(
        self, path: str, *, method: str = "GET", body: str | None = None, patience: float = 30
    ) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            connection.request(method, path, body=body, headers={"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return self.get("/healthz", patience=1)[0] == 200
        except OSError:
            return False

    def worker(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])


@pytest.fixture
def start(eventually):
    servers = []

    def build(**environment: str) -> Server:
        server = Server(**environment)
        servers.append(server)
        eventually(server.answers)
        return server

    yield build
    for server in servers:
        server.process.kill()
        server.process.wait()


def test_a_stopping_pod_turns_unready_finishes_what_is_in_flight_and_ends_well(start, eventually):
    server = start(DRAIN_SECONDS="8")
    body = json.dumps({"text": "Hello"})
    asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    asked.putrequest("POST", "/entries")
    asked.putheader("Content-Type", "application/json")
    asked.putheader("Content-Length", str(len(body)))
    asked.endheaders()  # in flight for as long as the body does not come
    server.process.send_signal(signal.SIGTERM)
    eventually(lambda: "stopping" in server.get("/readyz")[1], patience=10)
    assert server.get("/healthz")[0] == 200
    eventually(lambda: not server.answers())
    asked.send(body.encode())
    assert asked.getresponse().status == 503  # an answer: that of an app without its database
    assert server.process.wait(timeout=30) == 0


def test_the_container_ends_with_its_worker_so_that_kubernetes_counts_it(start):
    server = start()
    os.kill(server.worker(), signal.SIGKILL)
    assert server.process.wait(timeout=30) == 137


def test_without_database_it_lives_and_says_so_with_retry_after(start):
    server = start()
    status, text, headers = server.get("/entries", method="POST", body='{"text": "Hello"}')
    assert status == 503
    assert "did not confirm" in text
    assert int(headers["Retry-After"]) > 0
    assert server.get("/readyz")[0] == 503
    assert server.get("/healthz")[0] == 200


def test_a_connection_serves_one_request_so_that_new_replicas_get_their_share(start):
    assert start().get("/healthz")[2]["Connection"] == "close"


def test_a_wrong_setting_is_a_sentence_and_exit_code_2():
    done = subprocess.run(
        [sys.executable, "-m", "sampleapp"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("MONGODB_HOSTS is empty.")
    assert "Traceback" not in done.stderr
