"""A replica set made of documents: pods as rows, agents that answer, an app that takes markers."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.data.asking import Answer, Asking
from dashboard.data.picture import Picture, picture
from dashboard.kube import errors
from dashboard.kube.rules import rule_of

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAMES = ("mongo-0", "mongo-1", "mongo-2")


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def host(name: str) -> str:
    return f"{name}.mongo.mongodb.svc.cluster.local"


@dataclass
class ProxyAnswer:
    status: int
    content: bytes
    closed: bool = False

    @property
    def body(self) -> Iterator[bytes]:
        for start in range(0, len(self.content), 65_536):
            yield self.content[start : start + 65_536]

    def close(self) -> None:
        self.closed = True


class World:
    """Three members. Levers: `primary`, `states`, `silent`, `denied`, `garbled`, `pods`, `term`, `resolved`."""

    def __init__(self) -> None:
        self.primary: str | None = "mongo-0"
        self.term = 4
        self.prior: int | None = 2
        self.reason: str | None = "electionTimeout"
        self.elected_at = START - timedelta(minutes=3)
        self.states: dict[str, str] = dict.fromkeys(NAMES, "SECONDARY")
        self.silent: set[str] = set()
        self.denied = False
        self.garbled: set[str] = set()
        self.lags = dict.fromkeys(NAMES, 0.1)
        self.pods = {name: self.pod(name, number) for number, name in enumerate(NAMES)}
        self.resolved = {name: [self.pods[name]["ip"]] for name in NAMES}
        self.asked: list[tuple[str, str]] = []
        self.trouble = "no answer"

    def pod(self, name: str, number: int, **more: Any) -> dict[str, Any]:
        return {
            "uid": f"uid-{name}", "namespace": "mongodb", "name": name, "phase": "Running", "state": "Running",
            "ready": True, "ip": f"127.64.1.{number + 5}", "node": "local", "restarts": 0, "deleted_at": None,
            "created_at": iso(START - timedelta(minutes=20)), "ready_at": iso(START - timedelta(minutes=19)),
            "workload": {"kind": "StatefulSet", "name": "mongo", "uid": "uid-mongo"},
        } | more  # fmt: skip

    def reborn(self, name: str, address: str) -> None:
        """Another pod of the same name."""
        number = NAMES.index(name)
        self.pods[name] = self.pod(name, number, uid=f"uid-{name}-again", ip=address, created_at=iso(START))
        self.resolved[name] = [address]

    def state(self, name: str) -> str:
        return "PRIMARY" if name == self.primary else self.states[name]

    def status(self, name: str) -> dict[str, Any]:
        """As an agent answers."""
        document: dict[str, Any] = {
            "member": name, "state": self.state(name), "primary": self.primary, "set": "rs0", "detail": "",
            "at": iso(START), "term": self.term, "election": None,
            "members": [self._neighbour(each, name) for each in NAMES],
            "vitals": {
                "version": "6.0.5", "uptime_seconds": 812, "data_bytes": 2048, "storage_bytes": 5_242_880,
                "oplog": {"first": iso(START - timedelta(hours=3)), "last": iso(START), "hours": 3.0,
                          "used_bytes": 90_000, "max_bytes": 134_217_728},
            },
            "resolved": [
                {"name": host(each), "addresses": self.resolved[each],
                 "error": None if self.resolved[each] else "Name or service not known", "at": iso(START)}
                for each in NAMES
            ],
        }  # fmt: skip
        if name == self.primary:
            document["election"] = {"at": iso(self.elected_at), "term": self.term, "reason": self.reason,
                                    "votes_needed": 2, "prior": self.prior, "took_ms": 84}  # fmt: skip
        return document

    def _neighbour(self, name: str, by: str) -> dict[str, Any]:
        state = self.state(name)
        gone = state == "DOWN" or (self.primary is None)
        lag = 0.0 if name == self.primary else self.lags[name]
        return {
            "name": name, "state": state, "lag_seconds": None if gone else lag,
            "host": host(name), "number": NAMES.index(name), "trouble": self.trouble if state == "DOWN" else None,
            "last_heartbeat": None if name == by else iso(START - timedelta(seconds=0.4)),
            "sync_source": self.primary if name != self.primary else None, "votes": 1, "priority": 1,
        }  # fmt: skip

    def proxy_pod(self, namespace: str, pod: str, port: int, path: str, *, timeout: Any) -> ProxyAnswer:
        self.asked.append((pod, path))
        if self.denied:
            error = errors.Forbidden(403, "Forbidden", 'pods "mongo-0:8081" is forbidden')
            error.rule = rule_of("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy/status")
            raise error
        if pod in self.silent:
            raise errors.Unreachable("connection refused")
        if pod in self.garbled:
            return ProxyAnswer(200, b"<html>hello</html>")
        return ProxyAnswer(200, json.dumps(self.status(pod)).encode())

    def rows(self) -> list[dict[str, Any]]:
        return [copy.deepcopy(pod) for pod in self.pods.values()]

    def answers(self) -> dict[str, Answer]:
        return Asking(self.proxy_pod).all(self.rows())

    def picture(self) -> Picture:
        return picture(self.rows(), self.answers())


@pytest.fixture
def world() -> World:
    return World()


class Clock:
    """Seconds that pass only by sleeping, and the wall that goes with them."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.on_sleep: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds - 1000.0)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.on_sleep()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass
class App:
    """The sample app behind the service proxy. Levers: `status` and `outcome` of writes, `lose` what was confirmed."""

    status: int = 201
    outcome: str = "confirmed"
    error: errors.ApiError | None = None
    too_old: bool = False
    markers: dict[str, list[int]] = field(default_factory=dict)
    lose: set[int] = field(default_factory=set)
    on_write: Callable[[int], None] = lambda _number: None

    def proxy_service(
        self, namespace: str, service: str, port: int, path: str, method: str, headers: Mapping[str, str],
        body: bytes | None, *, timeout: Any,
    ) -> ProxyAnswer:  # fmt: skip
        if self.error is not None:
            raise self.error
        if self.too_old:
            return ProxyAnswer(404, b'{"error": "not found"}')
        if method == "GET":
            numbers = [number for number in self.markers.get(path.rpartition("/")[2], []) if number not in self.lose]
            return ProxyAnswer(200, json.dumps({"numbers": sorted(numbers)}).encode())
        document = json.loads(body or b"{}")
        self.on_write(document["number"])
        if self.status == 201:
            self.markers.setdefault(document["series"], []).append(document["number"])
        return ProxyAnswer(self.status, json.dumps({"outcome": self.outcome}).encode())


@pytest.fixture
def app() -> App:
    return App()
