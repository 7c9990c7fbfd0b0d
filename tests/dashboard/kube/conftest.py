"""A small API server over HTTP with levers, a kubeconfig for it, and a clock that does not wait."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.kube.client import KubeClient
from dashboard.kube.config import from_kubeconfig
from dashboard.kube.reflector import Reflector
from dashboard.kube.resources import BY_PLURAL
from dashboard.kube.watching import ApiSource, ClusterIdentity

Object = dict[str, Any]


class FakeApiServer:
    """Pods of one namespace, listed and watched; every lever takes effect at once.

    `requests` holds what was asked: (method, path, query).
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.heads: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.cluster = "cluster-1"
        self.page_size = 500
        self.opened = 0  # watches that hear what is said from now on
        self.answers: dict[str, tuple[int, Any]] = {}
        self._objects: dict[str, Object] = {}
        self._log: list[tuple[int, bytes]] = []
        self._version = 100
        self._oldest = 0
        self._refusals: list[tuple[int, dict[str, str], Any, str]] = []
        self._cut = 0
        self._is_clean = False
        self._frozen = False
        self._changed = threading.Condition()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"api": self}))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    # What happens in the cluster

    def put(self, name: str, *, uid: str | None = None, **status: Any) -> Object:
        """A pod is created, or changed."""
        with self._changed:
            self._version += 1
            new = name not in self._objects
            metadata = {"name": name, "namespace": "demo", "uid": uid or f"uid-{name}"}
            found: Object = {
                "metadata": {**metadata, "resourceVersion": str(self._version)},
                "status": {"phase": "Running", **status},
            }
            self._objects[name] = found
            self._emit("ADDED" if new else "MODIFIED", found)
            return found

    def delete(self, name: str) -> None:
        with self._changed:
            self._version += 1
            found = self._objects.pop(name)
            found = {**found, "metadata": {**found["metadata"], "resourceVersion": str(self._version)}}
            self._emit("DELETED", found)

    def bookmark(self) -> None:
        with self._changed:
            self._version += 1
            self._emit("BOOKMARK", {"metadata": {"resourceVersion": str(self._version)}})

    def forget_silently(self, name: str) -> None:
        """The event of a deletion is lost: only a list can tell."""
        with self._changed:
            self._version += 1
            del self._objects[name]

    # Levers

    def break_connection(self) -> None:
        """Every open watch is cut in the middle of a chunk."""
        self._end(clean=False)

    def end_watches(self) -> None:
        """Every open watch ends as the server ends it after its time."""
        self._end(clean=True)

    def _end(self, *, clean: bool) -> None:
        with self._changed:
            self._is_clean = clean
            self._cut += 1
            self._changed.notify_all()

    def expire(self) -> None:
        """No version from before now can be watched from."""
        with self._changed:
            self._version += 1
            self._oldest = self._version

    def refuse(
        self, status: int, *, times: int = 1, reason: str = "", on: str = "", message: str = "", **headers: str
    ) -> None:
        """The next requests are refused; `on`: only lists ("list") or only watches ("watch")."""
        body = {"kind": "Status", "code": status, "reason": reason, "message": message or f"refused with {status}"}
        self._refusals += [(status, headers, body, on)] * times

    def say(self, line: bytes) -> None:
        """Any line into every open watch."""
        with self._changed:
            self._log.append((0, line))
            self._changed.notify_all()

    def garbage(self) -> None:
        self.say(b'{"type": "MODIFIED", "object": {"metad')

    def error_event(self, code: int, *, reason: str = "") -> None:
        status = {"kind": "Status", "code": code, "reason": reason, "message": f"an ERROR event of {code}"}
        self.say(json.dumps({"type": "ERROR", "object": status}).encode())

    def freeze(self) -> None:
        """Connections stay open, and nothing is said any more."""
        self._frozen = True

    def thaw(self) -> None:
        with self._changed:
            self._frozen = False
            self._changed.notify_all()

    def begin_anew(self) -> None:
        """Another, younger cluster on the same address."""
        with self._changed:
            self.cluster = "cluster-2"
            self._objects.clear()
            self._log.clear()
            self._version = 5
            self._oldest = 0
        self.break_connection()

    def close(self) -> None:
        self.thaw()
        self.break_connection()
        self._http.shutdown()
        self._http.server_close()

    def names(self) -> list[str]:
        return sorted(self._objects)

    def versions(self) -> dict[str, str]:
        return {name: found["metadata"]["resourceVersion"] for name, found in self._objects.items()}

    def count(self, what: str) -> int:
        """How many lists ("list") or watches ("watch") of pods were asked for."""
        return sum(self._what(path, query) == what for _, path, query in list(self.requests))

    # Answering

    @staticmethod
    def _what(path: str, query: dict[str, str]) -> str:
        if path != "/api/v1/pods":
            return "other"
        return "watch" if "watch" in query else "list"

    def _emit(self, change: str, found: Object) -> None:
        self._log.append((self._version, json.dumps({"type": change, "object": found}).encode()))
        self._changed.notify_all()

    def refusal(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], Any] | None:
        what = self._what(path, query)
        for at, (status, headers, body, on) in enumerate(self._refusals):
            if what != "other" and on in {"", what}:
                del self._refusals[at]
                return status, headers, body
        return None

    def page(self, query: dict[str, str]) -> tuple[int, Any]:
        with self._changed:
            start = int(query.get("continue", "0"))
            size = min(self.page_size, int(query.get("limit", "500")))
            items = list(self._objects.values())[start : start + size]
            metadata: Object = {"resourceVersion": str(self._version)}
            if start + size < len(self._objects):
                metadata["continue"] = str(start + size)
            return 200, {"kind": "PodList", "metadata": metadata, "items": items}

    def watch(self, query: dict[str, str]) -> Iterator[bytes | None]:
        """Lines; None means: cut."""
        version = int(query["resourceVersion"])
        with self._changed:
            cut, at, opened = self._cut, 0, len(self._log)
            self.opened += 1
            while True:
                if self._cut != cut:
                    if not self._is_clean:
                        yield None
                    return
                while at < len(self._log) and not self._frozen:
                    number, line = self._log[at]
                    at += 1
                    if number > version or (number == 0 and at > opened):
                        yield line
                self._changed.wait(0.5)

    def is_too_old(self, query: dict[str, str]) -> bool:
        return int(query["resourceVersion"]) < self._oldest

    def is_too_new(self, query: dict[str, str]) -> bool:
        return int(query["resourceVersion"]) > self._version


class Handler(BaseHTTPRequestHandler):
    """Answers from the `FakeApiServer` given by a sub-class."""

    api: FakeApiServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.api.requests.append((self.command, parts.path, query))
        self.api.heads.append({key.lower(): value for key, value in self.headers.items()})
        self.api.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        refusal = self.api.refusal(parts.path, query)
        if refusal is not None:
            self._send(refusal[0], refusal[2], {k.replace("_", "-"): v for k, v in refusal[1].items()})
        elif parts.path in self.api.answers:
            self._send(*self.api.answers[parts.path])
        elif parts.path == "/api/v1/namespaces/kube-system":
            self._send(200, {"metadata": {"name": "kube-system", "uid": self.api.cluster}})
        elif parts.path == "/api/v1/pods" and "watch" in query:
            self._watch(query)
        elif parts.path == "/api/v1/pods":
            self._send(*self.api.page(query))
        else:
            status = {"kind": "Status", "code": 404, "reason": "NotFound", "message": f"no {parts.path}"}
            self._send(404, status)

    def _watch(self, query: dict[str, str]) -> None:
        if self.api.is_too_old(query):
            self._send(410, {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"})
            return
        if self.api.is_too_new(query):
            status = {"kind": "Status", "code": 504, "reason": "Timeout", "message": "Too large resource version"}
            self._send(504, status)
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        try:
            for line in self.api.watch(query):
                if line is None:
                    self.wfile.write(b"40\r\nhalf of a chunk")
                    self.close_connection = True
                    break
                data = line + b"\n"
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                self.wfile.flush()
            else:
                self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()
        except OSError:
            self.close_connection = True

    def _send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


for _method in ("POST", "PATCH", "DELETE"):
    setattr(Handler, f"do_{_method}", Handler.do_GET)


class FakeClock:
    """Waiting takes no time but passes the clock; what was waited for is kept."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.waits: list[float] = []
        self._stop = threading.Event()

    def now(self) -> float:
        return self.time

    def steady(self) -> float:
        return self.time

    def wait(self, seconds: float, /) -> None:
        self.waits.append(seconds)
        self.time += seconds
        time.sleep(0.001)  # give the fake server a turn; nothing depends on how long

    def wake(self) -> None:
        """Its waits are over before anybody could."""

    def stop(self) -> None:
        self._stop.set()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()


class FakeSink:
    """What it holds, and what it was told, in order."""

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}
        self.told: list[tuple[str, Any]] = []

    def replace(self, objects: Any, /) -> None:
        self.held = {each.metadata.name: each for each in objects}
        self.told.append(("replace", sorted(self.held)))

    def apply(self, found: Any, /) -> None:
        self.held[found.metadata.name] = found
        self.told.append(("apply", found.metadata.name))

    def delete(self, found: Any, /) -> None:
        del self.held[found.metadata.name]
        self.told.append(("delete", found.metadata.name))


class Watched:
    """A reflector in its thread, the sink it feeds and the states it went through."""

    def __init__(self, client: KubeClient, *, silence: float = 70.0) -> None:
        self.clock = FakeClock()
        self.sink = FakeSink()
        self.states: list[Any] = []
        self.other_clusters = 0
        identity = ClusterIdentity(client, on_change=self._count_cluster)
        self.source = ApiSource(client, BY_PLURAL["pods"], identity=identity, silence=silence)
        self.reflector = Reflector(
            "pods",
            self.source,
            self.sink,
            struct=BY_PLURAL["pods"].struct,
            clock=self.clock,
            luck=random.Random(1),  # noqa: S311  jitter
            report=self.states.append,
        )
        self._thread = threading.Thread(target=self.reflector.run, daemon=True)

    def start(self) -> Watched:
        self._thread.start()
        return self

    def names(self) -> list[str]:
        return sorted(self.sink.held)

    def stop(self) -> None:
        self.reflector.stop()
        if self._thread.ident is not None:
            self._thread.join(10)
            assert not self._thread.is_alive(), "the reflector does not stop"

    def _count_cluster(self) -> None:
        self.other_clusters += 1


@pytest.fixture
def api() -> Iterator[FakeApiServer]:
    server = FakeApiServer()
    yield server
    server.close()


@pytest.fixture
def client(api: FakeApiServer, tmp_path: Path) -> Iterator[KubeClient]:
    found = KubeClient(from_kubeconfig(str(write_kubeconfig(tmp_path, api.url)), context="fake"))
    yield found
    found.close()


@pytest.fixture
def watched(client: KubeClient, api: FakeApiServer) -> Iterator[Watched]:
    found = Watched(client)
    yield found
    api.thaw()
    found.stop()


@pytest.fixture
def impatient(client: KubeClient, api: FakeApiServer) -> Iterator[Watched]:
    """Takes a fifth of a second of silence for a dead connection."""
    found = Watched(client, silence=0.2)
    yield found
    api.thaw()
    found.stop()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], None]:
    """Wait for a condition; the limit is only there so that a failure ends."""

    def wait(reached: Callable[[], Any]) -> None:
        deadline = time.monotonic() + 20
        while not reached():
            assert time.monotonic() < deadline, "the condition was not reached"
            time.sleep(0.002)

    return wait


@pytest.fixture
def kubeconfig(api: FakeApiServer, tmp_path: Path) -> Path:
    return write_kubeconfig(tmp_path, api.url)


def write_kubeconfig(folder: Path, url: str) -> Path:
    path = folder / "kubeconfig"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "fake",
        "clusters": [{"name": "fake", "cluster": {"server": url}}],
        "users": [{"name": "me", "user": {"token": "t0ken"}}],
        "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "me"}}],
    }
    path.write_text(json.dumps(document))
    return path
