"""Whatever a scenario asks for, in whatever way it is written: only the pinned address is connected to (T28)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from swarm.ceilings import Refused
from swarm.pinning import pin_of
from swarm.settings import worker_settings

TARGET = "http://guestbook.flask.svc.cluster.local:8080"

HOSTILE = """
import json, sys
import locust  # noqa: patches the process, as in a worker
import gevent, socket, urllib.request
from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment
from locust import FastHttpUser
from swarm import pinning

order = json.load(sys.stdin)
if order["pin"]:
    pinning.install(pinning.pin_of(order["target"], order["pinned"]))

class Visitor(FastHttpUser):
    host = order["target"]
    connection_timeout = network_timeout = 10.0
    max_redirects = 5

visitor = Visitor(Environment(user_classes=[Visitor]))
answer = visitor.client.get("/")
told = {"target": answer.status_code, "reached": []}

def tried(name, act):
    try:
        with gevent.Timeout(20.0):
            act()
    except (Exception, gevent.Timeout):
        return
    told["reached"].append(name)

def fast(url):
    answer = visitor.client.get(url)
    if answer.status_code == 0:
        raise OSError(str(answer.error))

def raw(host, port):
    with socket.create_connection((host, port), timeout=10) as made:
        made.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")

def datagram(host, port):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (host, port))

def direct(host, port):
    import gevent.monkey
    plain = gevent.monkey.get_original("socket", "socket")()
    plain.settimeout(10)
    plain.connect((host, port))

def in_a_thread(host, port):
    gevent.get_hub().threadpool.apply(direct, (host, port))

for url in order["urls"]:
    tried("fast " + url, lambda: fast(url))
    tried("urllib " + url, lambda: urllib.request.urlopen(url, timeout=10).read())
for host, port in order["hosts"]:
    for act in (raw, datagram, direct, in_a_thread):
        tried(f"{act.__name__} {host}", lambda: act(host, port))
print(json.dumps(told))
"""


class Sink:
    """Somewhere else: counts every connection and datagram, on every address it can be reached by."""

    def __init__(self) -> None:
        self.hits = 0
        self.sockets = [self._listener(socket.AF_INET, "0.0.0.0", 0)]
        self.port = self.sockets[0].getsockname()[1]
        self.sockets.append(self._listener(socket.AF_INET6, "::1", self.port))
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(("0.0.0.0", self.port))
        self.sockets.append(datagrams)
        for each in self.sockets:
            threading.Thread(target=self._count, args=(each,), daemon=True).start()

    def _listener(self, family: int, host: str, port: int) -> socket.socket:
        made = socket.socket(family, socket.SOCK_STREAM)
        made.bind((host, port))
        made.listen(64)
        return made

    def _count(self, listener: socket.socket) -> None:
        while True:
            try:
                came = listener.recv(10) if listener.type == socket.SOCK_DGRAM else listener.accept()[0]
            except OSError:
                return
            self.hits += 1
            if isinstance(came, socket.socket):
                self._answer(came)

    def _answer(self, connection: socket.socket) -> None:
        """Once it was asked: whoever is answered before that finds the connection reset."""
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            if connection.recv(65536):
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nelsewhere")

    def close(self) -> None:
        for each in self.sockets:
            each.close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


def ways_around(port: int) -> list[str]:
    """One place, written in every way that has fooled somebody, and the places that nobody may be sent to."""
    hosts = [
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
        "0177.0x0.0.1", "127.0.0.2", "127.255.255.254", "localhost", "localhost.", "LOCALHOST", "localhost.localdomain",
        "0.0.0.0", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::127.0.0.1]", "[0000::1]", "[fe80::1%25lo]", "127。0。0。1", "127．0．0．1", "①②⑦.⓪.⓪.①",
        "127.0.0.1.", "127.0.0.1%00", "127.0.0.1%09",
        "user@127.0.0.1", "guestbook.flask.svc.cluster.local@127.0.0.1",
        "guestbook.flask.svc.cluster.local:8080@127.0.0.1",
        "guestbook.flask.svc.cluster.local%40127.0.0.1", "guestbook.flask.svc.cluster.local#@127.0.0.1",
        "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:169.254.169.254]",
        "[fd00:ec2::254]", "metadata.google.internal", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
        "mongo.mongodb.svc.cluster.local", "guestbook.flask.svc.cluster.local.", "xguestbook.flask.svc.cluster.local",
        "guestbook.flask.svc.cluster.local.127.0.0.1.nip.io", "10.0.0.1", "192.168.0.1", "255.255.255.255", "224.0.0.1",
    ]  # fmt: skip
    urls = [f"http://{host}:{port}/" for host in hosts]
    odd = [
        f"http:\\\\127.0.0.1:{port}/", f"//127.0.0.1:{port}/", f"HTTP://127.0.0.1:{port}/",
        f"https://127.0.0.1:{port}/", f"http://127.0.0.1:{port}\r\nHost: guestbook/", f"http:/127.0.0.1:{port}/",
        f"http://guestbook.flask.svc.cluster.local:{port}/",
    ]  # fmt: skip
    return urls + odd


def run(target: Any, sink: Sink, *, pin: bool, urls: list[str]) -> Any:
    target.sends_elsewhere = f"http://127.0.0.1:{sink.port}/"
    # The name stands for the pinned address alone: no DNS here knows it.
    url = target.url.replace("127.0.0.1", "guestbook.flask.svc.cluster.local") if pin else target.url
    order = {
        "pin": pin, "target": url, "pinned": "127.0.0.1", "urls": [*urls, f"{url}/elsewhere"],
        "hosts": [["127.0.0.1", sink.port], ["localhost", sink.port], ["::1", sink.port], ["0x7f.1", sink.port]],
    }  # fmt: skip
    path = os.pathsep.join(entry for entry in sys.path if entry)
    made = subprocess.run(
        [sys.executable, "-c", HOSTILE], input=json.dumps(order), capture_output=True, text=True, timeout=280,
        env={"PYTHONPATH": path, "PATH": os.environ["PATH"]}, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-2000:]
    return json.loads(made.stdout.splitlines()[-1])


def test_no_packet_leaves_for_anywhere_else(target: Any, sink: Sink) -> None:
    urls = ways_around(sink.port)
    assert len(urls) >= 60

    told = run(target, sink, pin=True, urls=urls)

    assert told["target"] == 200
    assert told["reached"] == []
    assert sink.hits == 0
    assert target.seen["GET /elsewhere"] > 0, "the redirect was not even met"


def test_without_the_pin_the_same_scenario_does_get_out(target: Any, sink: Sink) -> None:
    """What the test above proves is worth something only while its bypasses do work."""
    told = run(target, sink, pin=False, urls=[f"http://127.0.0.1:{sink.port}/", f"http://localhost:{sink.port}/"])

    reached = " ".join(told["reached"])
    assert sink.hits >= 8
    for way in ("fast", "urllib", "raw", "datagram", "direct", "in_a_thread", "/elsewhere"):
        assert way in reached


@pytest.mark.parametrize(
    "pinned",
    [
        "guestbook",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "127.1",
        "10.0.0.1:80",
        "::1%lo",
        "10.0.0.1,x",
        "١٢٧.٠.٠.١",
    ],
)
def test_what_is_no_address_is_not_pinned(pinned: str) -> None:
    with pytest.raises(Refused, match="SWARM_PINNED"):
        pin_of(TARGET, pinned)


def test_a_worker_without_pinned_addresses_does_not_start() -> None:
    with pytest.raises(Refused, match="SWARM_PINNED is not set"):
        worker_settings({"SWARM_MASTER": "master:5557", "SWARM_TARGET": TARGET})


def test_a_pin_is_for_one_port() -> None:
    pin = pin_of(TARGET, "10.96.0.7")
    assert pin.permits(("10.96.0.7", 8080))
    assert not pin.permits(("10.96.0.7", 22))
    assert not pin.permits("/var/run/docker.sock")
