"""A cluster that can be told what its node measured, and a clock that only moves when asked."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.metricsserver.cluster import ClusterError
from localcluster.selectors import parse_label_selector


class FakeClock:
    """Seconds since the epoch, moved by `sleep`."""

    def __init__(self) -> None:
        self.seconds = 1_795_409_500.0

    def time(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class FakeCluster:
    """One node; `cpu` and `memory` by (namespace, pod, container) are what it reports."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.cpu: dict[tuple[str, str, str], float] = {}
        self.started: dict[tuple[str, str, str], float] = {}
        self.node_cpu = 100.0
        self.pod_objects: list[dict[str, Any]] = []
        self.away = False

    def add_pod(
        self, name: str, *, namespace: str = "shop", containers: tuple[str, ...] = ("main",), **labels: str
    ) -> None:
        self.pod_objects.append({"metadata": {"name": name, "namespace": namespace, "labels": labels}})
        for container in containers:
            self.cpu[namespace, name, container] = 1.0

    async def nodes(self, *, label_selector: str = "") -> list[dict[str, Any]]:
        if self.away:
            raise ClusterError("GET https://api/api/v1/nodes failed")
        return self._selected([{"metadata": {"name": "local", "labels": {"os": "linux"}}}], label_selector)

    async def pods(self, namespace: str, *, label_selector: str) -> list[dict[str, Any]]:
        found = [pod for pod in self.pod_objects if namespace in ("", pod["metadata"]["namespace"])]
        return self._selected(found, label_selector)

    async def scrape(self, node: dict[str, Any]) -> str:
        ms = int(self._clock.seconds * 1000)
        lines = ["# TYPE node_cpu_usage_seconds_total counter", f"node_cpu_usage_seconds_total {self.node_cpu} {ms}"]
        lines.append(f"node_memory_working_set_bytes 2.153013248e+09 {ms}")
        for (namespace, pod, container), cpu in self.cpu.items():
            labels = f'{{container="{container}",namespace="{namespace}",pod="{pod}"}}'
            lines.append(f"container_cpu_usage_seconds_total{labels} {cpu} {ms}")
            lines.append(f"container_memory_working_set_bytes{labels} 3.067904e+06 {ms}")
            if (namespace, pod, container) in self.started:
                lines.append(f"container_start_time_seconds{labels} {self.started[namespace, pod, container]}")
        return "\n".join(lines)

    def _selected(self, objects: list[dict[str, Any]], label_selector: str) -> list[dict[str, Any]]:
        selector = parse_label_selector(label_selector)
        return [obj for obj in objects if selector.matches(obj["metadata"].get("labels"))]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cluster(clock: FakeClock) -> FakeCluster:
    return FakeCluster(clock)
