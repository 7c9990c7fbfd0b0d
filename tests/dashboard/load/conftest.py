"""A cluster that runs swarms as far as their control endpoint, with levers."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard.audit import Audit
from dashboard.confirming import Plans
from dashboard.kube import errors
from dashboard.kube.credential import Credential, changes, whose
from dashboard.kube.rules import rule_of_refusal
from dashboard.load.creation import Creation
from dashboard.load.guard import Guard
from dashboard.load.request import SwarmRequest
from dashboard.load.starting import Starting
from dashboard.load.swarms import Swarms
from dashboard.load.workloads import Templates
from dashboard.settings import Target

TEMPLATES = Templates((
    {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "swarm-example-master", "namespace": "load"},
     "spec": {"template": {"spec": {"containers": [{"name": "master", "env": [
         {"name": "SWARM_USERS", "value": "1"}, {"name": "SWARM_TARGET", "value": ""},
         {"name": "SWARM_TOKEN", "valueFrom": {"secretKeyRef": {"name": "swarm-example", "key": "token"}}}]}]}}}},
    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "swarm-example", "namespace": "load"},
     "stringData": {"token": "example"}},
    {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "swarm-example-worker", "namespace": "load"},
     "spec": {"template": {"spec": {"containers": [{"name": "worker", "env": []}]}}}},
))  # fmt: skip


GUESTBOOK = Target(id="guestbook", namespace="flask", service="guestbook", port=8080)


class Answer:
    """One answer of the pod proxy."""

    def __init__(self, status: int, document: Any) -> None:
        self.status = status
        self._body = json.dumps(document).encode()

    def read(self) -> bytes:
        return self._body


SERVICES = "/api/v1/namespaces/{}/services/{}"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices/{}"
PODS = "/api/v1/namespaces/flask/pods/{}"


def service(name: str, address: str, **spec: Any) -> dict[str, Any]:
    ports = [{"name": "http", "port": 8080}]
    whole = {"clusterIP": address, "clusterIPs": [address], "ports": ports, "selector": {"app": name}} | spec
    return {"metadata": {"name": name, "uid": f"uid-{name}"}, "spec": whole}


def endpoints(*addresses: str, ready: bool = True) -> dict[str, Any]:
    entries = [{"addresses": [each], "conditions": {"ready": ready}} for each in addresses]
    return {"metadata": {"name": "a"}, "addressType": "IPv4", "endpoints": entries}


def pod(name: str, address: str, **spec: Any) -> dict[str, Any]:
    status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "hostIP": "10.0.0.4"}
    return {"metadata": {"name": name}, "spec": spec, "status": status}


def a_cluster_with_the_guestbook() -> dict[str, dict[str, Any]]:
    """By path: what stands around a swarm, on a cluster whose API server is at 10.0.0.2 and node at 10.0.0.4."""
    return {
        SERVICES.format("flask", "guestbook"): service("guestbook", "10.96.0.7"),
        SERVICES.format("load", "swarm"): service("swarm", "None"),
        SERVICES.format("default", "kubernetes"): service("kubernetes", "10.96.0.1"),
        SLICES.format("default", "kubernetes"): endpoints("10.0.0.2"),
        SLICES.format("flask", "guestbook-x7"): endpoints("10.244.1.5"),
        PODS.format("guestbook-1"): pod("guestbook-1", "10.244.1.5"),
        "/api/v1/nodes/one": {"status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.4"}]}},
    }


class FakeCluster:
    """`around` is what stands there by path, `objects` what was created.

    `document` is what the master tells; None: it does not answer. `ignores_stop` makes it deaf. `calls` is who asked:
    (method, path, whose credential, None for the dashboard's own). With `only_reads` the dashboard's own may change
    nothing, and `denies` names who else may not. `hides_secrets`: from the dashboard's own account."""

    def __init__(self) -> None:
        self.around = a_cluster_with_the_guestbook()
        self.objects: dict[str, dict[str, Any]] = {}
        self.document: dict[str, Any] | None = None
        self.pods = [{"metadata": {"name": "master-pod"}, "status": {"phase": "Running"}}]
        self.asked: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.bodies: list[bytes] = []
        self.ignores_stop = False
        self.keeps = False
        self.calls: list[tuple[str, str, str | None]] = []
        self.only_reads = False
        self.denies: set[str] = set()
        self.hides_secrets = False

    def _asked(self, method: str, path: str) -> None:
        person = whose(method, path)
        if person is not None:
            person.header()
        by = person.by if person else None
        self.calls.append((method, path, by))
        is_hidden = self.hides_secrets and by is None and "/secrets/" in path
        if changes(method, path):
            assert by or not self.only_reads, f"{method} {path} would be done in the dashboard's own name"
        if is_hidden or (changes(method, path) and by in self.denies):
            verb, resource = {"GET": "get"}.get(method, "create"), "secrets" if is_hidden else "pods"
            told = f'User "{by}" cannot {verb} resource "{resource}" in API group "" in the namespace "load"'
            error = errors.Forbidden(403, "Forbidden", told)
            error.rule = rule_of_refusal(told, path)
            raise error

    def running(self, users: int = 60) -> None:
        self.document = {"state": "running", "users": users, "rps": 80.0, "p95_ms": 40, "requests": 100, "failures": 0}

    def list(self, path: str, /, *, query: Any = None, timeout: Any = None) -> list[dict[str, Any]]:
        self._asked("GET", path)
        if path == "/api/v1/namespaces/load/pods":
            return self.pods
        return [each for where, each in {**self.around, **self.objects}.items() if where.startswith(path + "/")]

    def get(self, path: str) -> dict[str, Any]:
        self._asked("GET", path)
        if path in self.around:
            return self.around[path]
        if path not in self.objects:
            raise errors.NotFound(404, "NotFound", f"{path} not found")
        return self.objects[path]

    def create(self, path: str, manifest: dict[str, Any]) -> dict[str, Any]:
        self._asked("POST", path)
        kept = self.kept(path)
        where = f"{path}/{manifest['metadata']['name']}"
        if where in kept:
            raise errors.AlreadyExists(409, "AlreadyExists", f"{where} already exists")
        manifest = copy.deepcopy(manifest)
        manifest["metadata"] |= {"uid": f"uid-{manifest['metadata']['name']}", "resourceVersion": "1"}
        kept[where] = manifest
        return manifest

    def patch(self, path: str, body: dict[str, Any]) -> None:
        self._asked("PATCH", path)
        found = self.kept(path)[path]
        version = found["metadata"]["resourceVersion"]
        if body["metadata"].get("resourceVersion", version) != version:
            raise errors.Conflict(409, "Conflict", "the object has been modified")
        annotations = {**found["metadata"].get("annotations", {}), **body["metadata"].get("annotations", {})}
        found["metadata"] |= {
            **body["metadata"], "annotations": annotations, "resourceVersion": str(int(version) + 1)
        }  # fmt: skip
        found.get("spec", {}).update(body.get("spec", {}))

    def kept(self, path: str) -> dict[str, dict[str, Any]]:
        """Leases and Events outlive a swarm, so they are kept apart from its objects."""
        return self.around if "/leases" in path or "/events" in path else self.objects

    @property
    def events(self) -> list[dict[str, Any]]:
        return [each for path, each in self.around.items() if "/events/" in path]

    def delete(self, path: str) -> None:
        self._asked("DELETE", path)
        if self.keeps:
            raise errors.Unreachable("the cluster is away")
        if path not in self.objects:
            raise errors.NotFound(404, "NotFound", "gone")
        del self.objects[path]

    def proxy_pod(
        self, namespace: str, pod: str, port: int, path: str, method: str, headers: Any, body: Any, /, *, timeout: Any
    ) -> Answer:
        self._asked(method, f"/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy{path}")
        self.bodies += [body] if body else []
        del namespace, pod, port, timeout
        self.asked.append((method, path))
        self.tokens.add(headers["X-Swarm-Token"])
        if self.document is None:
            return Answer(503, {})
        if path == "/stop" and not self.ignores_stop:
            self.document = {**self.document, "state": "stopped", "users": 0, "rps": 0.0}
        return Answer(200, self.document)


class Person:
    """Somebody who signs in with a token, and out again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.token: str | None = f"token-of-{name}"
        self.credential = Credential(name, lambda: self.token)

    def sign_out(self) -> None:
        self.token = None


class Driver:
    """Swarms with a clock in the test's hand. `around`: ready replicas, and nodes short of memory."""

    def __init__(self, folder: Path, cluster: FakeCluster | None = None) -> None:
        self.cluster = cluster or FakeCluster()
        self.folder = folder
        self.around: tuple[int | None, tuple[str, ...] | None] = (1, ())
        self.seconds = 0.0
        self.rows: list[Any] = []
        self.story: list[tuple[str, str]] = []
        self.swarms = self.again()

    def again(self) -> Swarms:
        """A new process of the dashboard on the same cluster."""
        clock, targets, creation = lambda: self.seconds, {"guestbook": GUESTBOOK}, Creation(self.cluster, TEMPLATES)
        self.audit = Audit(self.folder / "audit.jsonl", self.now)
        guard = Guard(self.cluster, self.audit, self.now, clock, "https://10.0.0.2:6443", lambda: self.around)
        self.swarms = Swarms(
            self.cluster, creation, guard, targets, self.rows.append, self._note, self.now, clock,
            only_reads=self.cluster.only_reads,
        )  # fmt: skip
        self.starting = Starting(
            self.cluster, self.swarms, guard, creation, Plans(clock), targets, self._note, self.now
        )  # fmt: skip
        return self.swarms

    def start(self, request: SwarmRequest | None = None, *, by: str = "operator") -> str:
        """Both steps; the swarm's id."""
        plan = self.starting.plan(request or SwarmRequest(), by=by, session="s")
        return self.starting.start(plan.nonce, by=by, session="s").swarm_id

    def now(self) -> datetime:
        return datetime.fromtimestamp(1_795_430_000 + self.seconds, UTC)

    def record(self) -> list[dict[str, Any]]:
        """The audit record."""
        return [json.loads(line) for line in self.audit.path.read_text().splitlines()]

    def _note(self, kind: str, text: str, **_: Any) -> None:
        self.story.append((kind, text))

    @property
    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = self.rows[-1]
        return row

    def tick(self, times: int = 1, *, seconds: float = 1.0) -> None:
        for _ in range(times):
            self.seconds += seconds
            self.swarms.tick()


@pytest.fixture
def driver(tmp_path: Path) -> Driver:
    return Driver(tmp_path)


@pytest.fixture
def person() -> Person:
    return Person("pia")


@pytest.fixture
def somebody_else() -> Person:
    return Person("sam")


@pytest.fixture
def another(driver: Driver, tmp_path: Path) -> Driver:
    """A dashboard elsewhere, on the same cluster."""
    return Driver(tmp_path / "elsewhere", driver.cluster)
