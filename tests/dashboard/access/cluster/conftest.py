"""A local cluster with accounts of our own making, and a dashboard that people sign in to by token."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.in_cluster.conftest import Site as Cluster

ROOT = Path(__file__).parents[4]
REVIEW_S = 3.0


def bound(name: str, namespace: str, rules: list[dict[str, Any]], account: str) -> list[dict[str, Any]]:
    """A Role, or a ClusterRole without `namespace`, and its binding to an account."""
    api = "rbac.authorization.k8s.io"
    kind = "Role" if namespace else "ClusterRole"
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    subject = {"kind": "ServiceAccount", "namespace": "people", "name": account}
    return [
        {"apiVersion": f"{api}/v1", "kind": kind, "metadata": metadata, "rules": rules},
        {"apiVersion": f"{api}/v1", "kind": f"{kind}Binding", "metadata": metadata,
         "roleRef": {"apiGroup": api, "kind": kind, "name": name}, "subjects": [subject]},
    ]  # fmt: skip


def rule(group: str, resources: str, verbs: str) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()}


def world() -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        for name in ("people", "flask", "load", "mongodb")
    ]
    objects += [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": "people"}}
        for account in ("dashboard", "operator", "viewer", "stranger")
    ]
    objects += bound("reads", "", [
        rule("*", "*", "get list watch"),
        rule("authentication.k8s.io", "tokenreviews", "create"),
        rule("authorization.k8s.io", "subjectaccessreviews", "create"),
    ], "dashboard")  # fmt: skip
    for account in ("viewer", "operator"):
        objects += bound(f"view-{account}", "flask", [rule("", "pods", "list")], account)
    objects += bound("deploys", "", [rule("*", "*", "*")], "operator")
    return objects


class Site(Cluster):
    """The cluster, and what its administrator can do to people."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.apply(world())

    def token(self, account: str) -> str:
        return self.kubectl("-n", "people", "create", "token", account).strip()

    def world(self) -> list[dict[str, Any]]:
        """What the cluster began with."""
        return world()

    def bound_to_user(self, name: str, namespace: str, user: str) -> list[dict[str, Any]]:
        """To view, for a user as a proxy names them."""
        role, binding = bound(name, namespace, [rule("", "pods", "list")], "")
        return [
            role,
            {**binding, "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}]},
        ]

    def audited(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "cluster" / "audit.log").read_text().splitlines()]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Served:
    """The dashboard, by its own account that only reads."""

    def __init__(self, site: Site, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.data_dir = site.folder / f"data-{self.port}"
        environ = {
            **{key: value for key, value in os.environ.items() if not key.startswith("SURGEBOARD_")},
            "SURGEBOARD_AUTH": "token", "SURGEBOARD_NAMESPACES": "flask",
            "SURGEBOARD_URLS": self.url, "SURGEBOARD_PORT": str(self.port),
            "SURGEBOARD_DATA_DIR": str(self.data_dir), "SURGEBOARD_KUBECONFIG": str(site.kubeconfig_of("dashboard")),
            **settings,
        }  # fmt: skip
        self.log = site.folder / f"dashboard-{self.port}.log"
        with self.log.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("serve_reviewing_fast.py")), str(REVIEW_S)],
                cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=stderr, text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == self.url, self.log.read_text()

    def send(
        self, method: str, path: str, *, cookie: str = "", more: Mapping[str, str] | None = None, **form: str
    ) -> Answer:
        """As a form of the dashboard's own page, or a plain visit; `more` headers as a proxy adds them."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
        headers |= {"Cookie": cookie} if cookie else {}
        headers |= more or {}
        body = None
        if method == "POST":
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
            body = urllib.parse.urlencode(form)
            if path != "/sign-in":
                headers |= {"HX-Request": "true"}
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read().decode())

    def sign_in(self, token: str) -> str:
        """The cookie."""
        answer = self.send("POST", "/sign-in", token=token)
        assert answer.status == 303, answer.text
        return str(answer.headers["Set-Cookie"]).split(";")[0]

    def audited(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.data_dir / "audit.jsonl").read_text().splitlines()]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Looking:
    """A browser's socket, down to its frames."""

    def __init__(self, served: Served, cookie: str, more: Mapping[str, str] | None = None) -> None:
        self.socket = socket.create_connection(("localhost", served.port), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", f"Host: localhost:{served.port}",
            "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
            f"Origin: {served.url}", f"Cookie: {cookie}", *(f"{name}: {value}" for name, value in (more or {}).items()),
        ]  # fmt: skip
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._data = b""
        while b"\r\n\r\n" not in self._data:
            self._data += self.socket.recv(65536)
        head, _, self._data = self._data.partition(b"\r\n\r\n")
        assert b" 101 " in head.split(b"\r\n")[0], head
        self.text()
        self.say("40")

    def say(self, text: str) -> None:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(text.encode()))
        self.socket.sendall(b"\x81" + struct.pack("!B", 0x80 | len(text)) + mask + masked)

    def text(self) -> str:
        """The next frame's text; raises ConnectionError once the server closes."""
        head = self._take(2)
        if head[0] & 15 == 8:
            raise ConnectionError("the server closed")
        size = head[1] & 127
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._take(8))
        text = self._take(size).decode()
        if text == "2":
            self.say("3")
        return text

    def has_snapshot(self) -> bool:
        """Whether the cluster's rows come; ends at the first, or when it is refused."""
        while True:
            text = self.text()
            if text.startswith("44"):
                return False
            if text.startswith('42["snapshot"'):
                return True

    def wait_until_closed(self) -> None:
        """Fails when the server goes on for so long that it was not going to."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                self.text()
            except ConnectionError:
                return
        raise AssertionError("the socket is still open")

    def _take(self, count: int) -> bytes:
        while len(self._data) < count:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("the connection ended")
            self._data += more
        taken, self._data = self._data[:count], self._data[count:]
        return taken


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def served(site: Site) -> Iterator[Served]:
    made = Served(site)
    yield made
    made.close()


@pytest.fixture(scope="module")
def behind(site: Site) -> Iterator[Served]:
    """The same behind a proxy, whom everybody on this machine may play."""
    made = Served(site, SURGEBOARD_AUTH="proxy", SURGEBOARD_TRUSTED_PROXIES="127.0.0.0/8,::1/128")
    yield made
    made.close()


@pytest.fixture
def look(served: Served) -> Iterator[Callable[..., Looking]]:
    opened: list[Looking] = []

    def open_it(cookie: str, *, at: Served = served, more: Mapping[str, str] | None = None) -> Looking:
        opened.append(Looking(at, cookie, more))
        return opened[-1]

    yield open_it
    for each in opened:
        each.socket.close()


@pytest.fixture
def eventually() -> Callable[..., None]:
    def wait(condition: Callable[[], bool], *, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it never became true"
            time.sleep(0.1)

    return wait
