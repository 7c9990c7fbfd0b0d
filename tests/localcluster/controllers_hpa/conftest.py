"""Stand-ins for the API and the clock: what the API answers is set by the test, what it was told is kept."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from localcluster.client import Object, ObjectList
from localcluster.errors import ApiError, not_found
from localcluster.resources import CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS, PODS, Resource
from localcluster.selectors import parse_label_selector

RECORDING = Path(__file__).parents[4] / "shared" / "golden" / "hpa.jsonl"


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class FakeRecorder:
    """Keeps Events as (name, type, reason, message)."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, str, str]] = []

    def event(self, obj: Object, kind: str, reason: str, message: str) -> None:
        self.events.append((obj["metadata"]["name"], kind, reason, message))

    @property
    def reasons(self) -> list[str]:
        return [event[2] for event in self.events]


class FakeApi:
    """The few verbs the autoscaler uses. `metrics` is the answer of the metrics API, or what it raises."""

    def __init__(self) -> None:
        self.deployments: dict[str, Object] = {}
        self.pods: list[Object] = []
        self.metrics: Object | ApiError = ApiError(404, "NotFound", "404 page not found")
        self.scaled: list[tuple[str, int]] = []
        self.statuses: list[tuple[str, Object]] = []
        self.refuses_scaling: ApiError | None = None

    async def get_raw(self, path: str) -> Any:
        assert path.startswith("/apis/metrics.k8s.io/v1beta1/namespaces/")
        if isinstance(self.metrics, ApiError):
            raise self.metrics
        return copy.deepcopy(self.metrics)

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Object:
        if resource is not DEPLOYMENTS or name not in self.deployments:
            raise not_found(resource=resource.plural, group=resource.group, name=name)
        return copy.deepcopy(self.deployments[name])

    async def list(self, resource: Resource, *, namespace: str = "", label_selector: str = "") -> ObjectList:
        if resource is CUSTOM_RESOURCE_DEFINITIONS:
            return ObjectList([], "1")
        assert resource is PODS
        selector = parse_label_selector(label_selector)
        found = [pod for pod in self.pods if selector.matches(pod["metadata"].get("labels"))]
        return ObjectList([pod for pod in found if pod["metadata"]["namespace"] == namespace], "1")

    async def update(self, resource: Resource, body: Object, *, subresource: str = "") -> Object:
        name = body["metadata"]["name"]
        if subresource == "scale":
            assert resource is DEPLOYMENTS
            if self.refuses_scaling is not None:
                raise self.refuses_scaling
            self.scaled.append((name, body["spec"]["replicas"]))
            self.deployments[name]["spec"]["replicas"] = body["spec"]["replicas"]
        else:
            self.statuses.append((name, copy.deepcopy(body["status"])))
        return body


class Pods:
    """Makes pods of one application and the metrics they report."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def pod(
        self, name: str, *, request: str | None = "100m", ready: bool = True, phase: str = "Running", age: float = 3600,
        ready_since: float | None = None, **containers: str,
    ) -> Object:  # fmt: skip
        """`age` and `ready_since` in seconds before now; `containers` are further ones with their CPU request."""
        requests = {"main": request, **containers}
        changed = self._ago(age - 1 if ready_since is None else ready_since)
        return {
            "metadata": {"name": name, "namespace": "shop", "labels": {"app": "web"}},
            "spec": {"containers": [_container(key, value) for key, value in requests.items()]},
            "status": {
                "phase": phase,
                "startTime": self._ago(age),
                "conditions": [{"type": "Ready", "status": str(ready), "lastTransitionTime": changed}],
            },
        }

    def metrics(self, usage: dict[str, str], *, age: float = 5, resource: str = "cpu") -> Object:
        """A PodMetricsList; each pod has one container `main`."""
        items = [
            {
                "metadata": {"name": name, "namespace": "shop"},
                "timestamp": self._ago(age),
                "window": "15s",
                "containers": [{"name": "main", "usage": {resource: value}}],
            }
            for name, value in usage.items()
        ]
        return {"kind": "PodMetricsList", "items": items}

    def _ago(self, seconds: float) -> str:
        return (self._clock.now() - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _container(name: str, request: str | None) -> Object:
    return {"name": name, "resources": {"requests": {"cpu": request}} if request else {}}


class Recording:
    """The autoscaler's scenario as recorded from a real cluster."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.entries: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def watched(self, label: str) -> Iterable[tuple[float, str, Object]]:
        """(seconds, type, object) of every line of one watch."""
        for entry in self.entries:
            if entry["type"] == "watch" and entry["label"] == label:
                yield entry["t"], entry["event"]["type"], entry["event"]["object"]

    def present(self, label: str, *, at: float) -> dict[str, Object]:
        """Objects of one watch by name as they were at a time."""
        found: dict[str, Object] = {}
        for seconds, type_, obj in self.watched(label):
            if seconds < at:
                found[obj["metadata"]["name"]] = obj
                if type_ == "DELETED":
                    del found[obj["metadata"]["name"]]
        return found


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def recorder() -> FakeRecorder:
    return FakeRecorder()


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def pods(clock: FakeClock) -> Pods:
    return Pods(clock)


@pytest.fixture
def recording() -> Recording:
    if not RECORDING.exists():
        pytest.skip("skipped: no recordings")
    return Recording(RECORDING.read_text().splitlines())
