"""Reads a kubelet's /metrics/resource (Prometheus text) into points of use; pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_LINE = re.compile(r"^(?P<name>[a-zA-Z_:]\w*)(?:\{(?P<labels>.*)\})?\s+(?P<value>\S+)(?:\s+(?P<ms>-?\d+))?$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPES = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}

ContainerKey = tuple[str, str, str]
"""Namespace, pod, container."""


@dataclass(frozen=True, slots=True)
class Point:
    """CPU used since the start in seconds and memory in bytes, at `at` in ms; `started` in ms or None."""

    cpu_seconds: float
    memory_bytes: int
    at: int
    started: int | None = None


@dataclass(slots=True)
class Scrape:
    """One reading of one node: itself, and its containers."""

    node: Point | None = None
    containers: dict[ContainerKey, Point] = field(default_factory=dict)


@dataclass(slots=True)
class _Partial:
    cpu: float | None = None
    memory: int | None = None
    at: int | None = None
    started: int | None = None

    def point(self) -> Point | None:
        if self.cpu is None or self.memory is None or self.at is None:
            return None
        return Point(self.cpu, self.memory, self.at, self.started)


def parse_exposition(text: str, *, now_ms: int) -> Scrape:
    """Points for all that reports both CPU and memory; samples without a time count as taken at `now_ms`."""
    node, containers = _Partial(), dict[ContainerKey, _Partial]()
    for name, labels, value, at in _samples(text, now_ms):
        if name.startswith("node_"):
            partial = node
        elif name.startswith("container_"):
            key = (labels.get("namespace", ""), labels.get("pod", ""), labels.get("container", ""))
            partial = containers.setdefault(key, _Partial())
        else:
            continue
        if name.endswith("_cpu_usage_seconds_total"):
            partial.cpu, partial.at = value, at
        elif name.endswith("_memory_working_set_bytes"):
            partial.memory = int(value)
        elif name == "container_start_time_seconds":
            partial.started = int(value * 1000)
    points = {key: partial.point() for key, partial in containers.items()}
    return Scrape(node.point(), {key: point for key, point in points.items() if point is not None})


def _samples(text: str, now_ms: int) -> Iterator[tuple[str, Mapping[str, str], float, int]]:
    for line in text.splitlines():
        found = None if line.startswith("#") else _LINE.match(line.strip())
        if found is None:
            continue
        try:
            value = float(found["value"])
        except ValueError:
            continue
        if math.isfinite(value):
            labels = {key: _unescaped(one) for key, one in _LABEL.findall(found["labels"] or "")}
            yield found["name"], labels, value, int(found["ms"] or now_ms)


def _unescaped(text: str) -> str:
    return re.sub(r'\\[n"\\]', lambda found: _ESCAPES[found[0]], text)
