"""Objects cut from the recordings, decoded as reflectors do, and a cluster with levers."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashboard.kube import errors, structs
from dashboard.kube.credential import changes, nobody_asks, whose
from dashboard.kube.rules import rule_of

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / "recorded.json").read_text())
    return found


@pytest.fixture(scope="session")
def shared_record() -> dict[str, Any]:
    """What the prober told of a real experiment without a limit of its own."""
    found: dict[str, Any] = json.loads((FIXTURES / "shared-record.json").read_text())
    return found


@pytest.fixture
def pod_of() -> Callable[[dict[str, Any]], structs.Pod]:
    return lambda found: msgspec.convert(found, structs.Pod)


@pytest.fixture
def workload_of() -> Callable[[dict[str, Any]], structs.Workload]:
    return lambda found: msgspec.convert(found, structs.Workload)


@pytest.fixture
def made_pod(pod_of: Callable[[dict[str, Any]], structs.Pod]) -> Callable[..., structs.Pod]:
    """A pod with containers {name: resources}."""

    def make(name: str = "web-1", *, annotation: str | None = None, **containers: dict[str, Any]) -> structs.Pod:
        notes = {"kubernetes.io/limit-ranger": annotation} if annotation else {}
        found = {
            "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}", "annotations": notes},
            "spec": {"containers": [{"name": key, "resources": value} for key, value in containers.items()]},
            "status": {"phase": "Running"},
        }
        return pod_of(found)

    return make


class Answer:
    """One answer of the pod proxy."""

    def __init__(self, status: int, document: Any) -> None:
        self.status = status
        self.body = iter([json.dumps(document).encode()])

    def close(self) -> None:
        """Nothing is held open."""


class FakeCluster:
    """`objects` by path, `document` what the prober tells. Levers: `denied` paths, `away`, `refuses` creations of a
    kind, `keeps` what is deleted; `born`: when whatever is created is. `calls` is who asked: (method, path, whose
    credential). With `only_reads` the dashboard's own account may change nothing; `forbids` names who else may not."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.pods: list[dict[str, Any]] = []
        self.document: dict[str, Any] | None = None
        self.denied: set[str] = set()
        self.away = False
        self.refuses = ""
        self.keeps = False
        self.born = "2026-11-23T10:33:20Z"
        self.asked: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.asked_for: list[str] = []
        self.calls: list[tuple[str, str, str | None]] = []
        self.only_reads = False
        self.forbids: set[str] = set()

    def list(self, path: str, /, *, query: Any = None, timeout: Any = None) -> list[dict[str, Any]]:
        self._check(path)
        self.asked_for.append(path)
        wanted = [each.partition("=") for each in (query or {}).get("labelSelector", "").split(",") if each]
        return [each for each in self._listed(path) if _has(each["metadata"].get("labels") or {}, wanted)]

    def _listed(self, path: str) -> list[dict[str, Any]]:
        if path == "/api/v1/namespaces/load/pods":
            return copy.deepcopy(self.pods)
        if path == "/api/v1/events":
            return self.events
        whole, _, kind = path.rpartition("/")
        if "/namespaces/" in whole or kind == "nodes":
            return [each for where, each in self.objects.items() if where.startswith(f"{path}/")]
        return [each for where, each in self.objects.items() if f"/{kind}/" in where]

    def get(self, path: str, /) -> dict[str, Any]:
        self._check(path)
        if path not in self.objects:
            raise errors.NotFound(404, "NotFound", f"{path} not found")
        return self.objects[path]

    def create(self, path: str, manifest: dict[str, Any], /) -> dict[str, Any]:
        self._check(path, "POST")
        if manifest["kind"] == self.refuses:
            raise errors.Forbidden(403, "Forbidden", "exceeded quota: load")
        if manifest["kind"] == "Event":
            self.events.append(manifest)
            return manifest
        made = copy.deepcopy(manifest)
        made["metadata"] |= {
            "creationTimestamp": self.born,
            "uid": f"uid-{manifest['metadata']['name']}",
            "resourceVersion": "1",
        }
        self.objects[f"{path}/{manifest['metadata']['name']}"] = made
        return made

    def patch(self, path: str, body: dict[str, Any], /) -> None:
        found = self.get(path)
        self._check(path, "PATCH")
        found["metadata"] |= {key: value for key, value in body.get("metadata", {}).items() if key != "annotations"}
        found.get("spec", {}).update(body.get("spec", {}))

    def delete(self, path: str, /) -> None:
        self._check(path, "DELETE")
        if path not in self.objects:
            raise errors.NotFound(404, "NotFound", "gone")
        if not self.keeps:
            del self.objects[path]
            if "/jobs/" in path:
                self.pods = []

    def proxy_pod(
        self, namespace: str, pod: str, port: int, path: str, method: str, headers: Any, body: Any, /, *, timeout: Any
    ) -> Answer:
        self._check(f"/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy{path}", method)
        del namespace, pod, port, body, timeout
        self.asked.append((method, path))
        self.tokens.add(headers["X-Blast-Token"])
        return Answer(503, {}) if self.document is None else Answer(200, self.document)

    def _check(self, path: str, method: str = "GET") -> None:
        if self.away:
            raise errors.Unreachable("nobody answers")
        person = whose(method, path)
        if person is not None:
            person.header()
        elif self.only_reads and changes(method, path):
            raise nobody_asks()
        self.calls.append((method, path, person.by if person else None))
        if changes(method, path) and person is not None and person.by in self.forbids:
            raise errors.Forbidden(403, "Forbidden", f"{person.by} may not {method} {path}")
        if path in self.denied:
            error = errors.Forbidden(403, "Forbidden", f"cannot list {path}")
            error.rule = rule_of("list", path)
            raise error


def _has(labels: dict[str, str], wanted: list[tuple[str, str, str]]) -> bool:
    return all(key in labels and (not equals or labels[key] == value) for key, equals, value in wanted)


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()
