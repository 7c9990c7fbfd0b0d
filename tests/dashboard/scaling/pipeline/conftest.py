"""A cluster whose metrics come all the way, with a lever for each link; HPAs and APIServices are the recorded ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashboard.kube import errors, metrics_api
from dashboard.kube.autoscaling_structs import HorizontalPodAutoscaler
from dashboard.scaling.pipeline.chain import Pipeline, judge
from dashboard.scaling.pipeline.facts import Reader
from dashboard.scaling.pipeline.reading import Reading
from dashboard.store.hpa_rows import hpa as row_of

FIXTURE = Path(__file__).parents[2] / "fixtures" / "metrics-pipeline.jsonl"
NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
SERVICE = "/api/v1/namespaces/kube-system/services/metrics-server"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices"
PODS = "/api/v1/namespaces/kube-system/pods"
NODES = "/api/v1/nodes"
FIGURES = f"{metrics_api.ROOT}/nodes"
LOG = "/api/v1/namespaces/kube-system/pods/metrics-server-x/log"

X509 = (
    'E1123 05:00:00.000000       1 scraper.go:149] "Failed to scrape node" err="Get '
    '\\"https://172.18.0.2:10250/metrics/resource\\": tls: failed to verify certificate: x509: cannot validate '
    'certificate for 172.18.0.2 because it doesn\'t contain any IP SANs" node="kind-control-plane"'
)


def iso(seconds_ago: float) -> str:
    return (NOW - timedelta(seconds=seconds_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def recorded() -> list[dict[str, Any]]:
    return [json.loads(line) for line in FIXTURE.read_text().splitlines()]


class Way:
    """Everything is well until a test pulls a lever. `paths`: what the API answers, an error to be raised among it."""

    def __init__(self) -> None:
        self.paths: dict[str, Any] = {
            metrics_api.PATH: self.api_service("True"),
            SERVICE: {"metadata": {"name": "metrics-server"}, "spec": {"selector": {"k8s-app": "metrics-server"}}},
            SLICES: [{"endpoints": [{"addresses": ["10.244.0.5"], "conditions": {"ready": True}}]}],
            PODS: [self.server()],
            NODES: [self.node("kind-control-plane")],
            FIGURES: [{"metadata": {"name": "kind-control-plane"}, "timestamp": iso(9)}],
        }
        self.log: Any = []
        self.asked: list[str] = []
        self.deployments: dict[tuple[str, str], dict[str, Any]] = {}
        self.hpa: dict[str, Any] | None = self.recorded_hpa(79.304)
        self.pods = [self.pod("app-1"), self.pod("app-2")]
        self.denied: dict[str, Any] = {}
        self.well_for_s = 0.0
        self.now = NOW

    # The recording

    @staticmethod
    def api_service(status: str) -> dict[str, Any]:
        """As it was recorded while the condition Available had this status."""
        for each in recorded():
            conditions = each["object"].get("status", {}).get("conditions") or [{}]
            if each["what"] == "api_service" and conditions[0].get("status") == status:
                found: dict[str, Any] = each["object"]
                return found
        raise AssertionError(status)

    @staticmethod
    def recorded_hpa(t: float) -> dict[str, Any]:
        """The row of the HPA as it was recorded at second `t`."""
        (found,) = [each["object"] for each in recorded() if each["what"] == "hpa" and each["t"] == t]
        return dict(row_of(msgspec.convert(found, HorizontalPodAutoscaler, strict=False)))

    # Objects

    @staticmethod
    def node(name: str, *, ready: bool = True) -> dict[str, Any]:
        condition = {"type": "Ready", "status": "True" if ready else "Unknown"}
        return {"metadata": {"name": name}, "status": {"conditions": [condition]}}

    @staticmethod
    def server(state: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """The pod of metrics-server; its container runs unless told otherwise."""
        status = {"name": "metrics-server", "ready": state is None, "state": state or {"running": {}}, **more}
        container = {"name": "metrics-server", "args": ["--cert-dir=/tmp", "--metric-resolution=15s"]}
        return {
            "metadata": {"name": "metrics-server-x", "namespace": "kube-system", "uid": "u"},
            "spec": {"containers": [container]},
            "status": {"phase": "Running", "containerStatuses": [status]},
        }

    @staticmethod
    def pod(name: str, *, age: float | None = 9, lacks: Mapping[str, Any] | None = None, lived: float = 600) -> Any:
        """A row of the view `pods`; `age` of its newest figure in seconds."""
        return {"uid": name, "name": name, "created_at": iso(lived), "phase": "Running", "lacks": dict(lacks or {}),
                "metrics_at": None if age is None else iso(age)}  # fmt: skip

    # Levers

    def not_available(self, reason: str | None = None, message: str | None = None) -> None:
        """The API server does not reach it: as recorded, or for another reason."""
        found = copy.deepcopy(self.api_service("False"))
        if reason:
            found["status"]["conditions"][0].update(reason=reason, message=message)
        self.paths[metrics_api.PATH] = found
        self.no_figures()

    def not_ready(self, pod: dict[str, Any] | None = None) -> None:
        """No endpoint is ready, and so nothing is available."""
        self.paths[SLICES] = [{"endpoints": [{"addresses": ["10.244.0.5"], "conditions": {"ready": False}}]}]
        self.paths[PODS] = [pod or self.server(ready=False)]
        self.not_available()

    def no_figures(self, t: float = 64.235) -> None:
        """No pod has any, and the HPA says what it was recorded to say then."""
        self.paths[FIGURES] = errors.Unavailable(503, "ServiceUnavailable", "service unavailable")
        self.pods = [self.pod(each["name"], age=None) for each in self.pods]
        self.hpa = self.recorded_hpa(t)

    def provided_by(self, namespace: str, name: str) -> None:
        """Another Service stands behind the APIService."""
        found = copy.deepcopy(self.paths[metrics_api.PATH])
        found["spec"]["service"].update(namespace=namespace, name=name)
        self.paths[metrics_api.PATH] = found
        core = f"/api/v1/namespaces/{namespace}"
        for there, here in ((SERVICE, f"{core}/services/{name}"), (PODS, f"{core}/pods"),
                            (SLICES, f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices")):  # fmt: skip
            self.paths[here] = self.paths.pop(there)

    # The API

    def get(self, path: str, /) -> Any:
        self.asked.append(path)
        found = self.paths.get(
            path, errors.NotFound(404, "NotFound", f'{path.split("/")[-2]} "{path.split("/")[-1]}" not found')
        )
        if isinstance(found, errors.ApiError):
            raise found
        return found

    def list(self, path: str, /, *, query: Any = None) -> Any:
        return self.get(path)

    def tail(self, namespace: str, pod: str, container: str, previous: bool) -> Any:
        self.asked.append(LOG)
        self.previous = previous
        if isinstance(self.log, errors.ApiError):
            raise self.log
        return self.log

    # The answer

    def judged(self) -> Pipeline:
        reading = Reading(self, self.tail, lambda namespace, name: self.deployments.get((namespace, name)))
        return judge(reading.facts(), Reader(self.hpa, self.pods, NOW, self.denied, self.well_for_s))

    def states(self) -> dict[str, str]:
        return {each.id: each.state for each in self.judged().links}

    def link(self, name: str) -> Any:
        return next(each for each in self.judged().links if each.id == name)


@pytest.fixture
def way() -> Way:
    return Way()


@pytest.fixture
def x509() -> str:
    """A line of metrics-server's own log where a kubelet signed its certificate by itself."""
    return X509


@pytest.fixture
def forbidden() -> Any:
    """A refusal of RBAC as the API words it, with the rule that would allow the read."""

    def refusal(path: str, resource: str, *, group: str = "", namespace: str = "") -> errors.ApiError:
        where = f' in the namespace "{namespace}"' if namespace else " at the cluster scope"
        message = (
            f'{resource} is forbidden: User "viewer" cannot get resource "{resource}" in API group "{group}"{where}'
        )
        body = json.dumps({"kind": "Status", "code": 403, "reason": "Forbidden", "message": message}).encode()
        return errors.from_response(403, {}, body, path=path)

    return refusal
