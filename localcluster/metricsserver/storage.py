"""Keeps the last two points of every node and container: CPU use is their difference. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from localcluster.metricsserver.exposition import ContainerKey, Point, Scrape

FRESH_LEAST_MS = 10_000
"""A container younger than two scrapes is measured from its start, once it has run this long (upstream's rule)."""
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Usage:
    """Use over the `window` (ms) that ended at `at` (ms)."""

    nanocores: int
    memory_bytes: int
    at: int
    window: int


class _Series(Generic[Key]):
    def __init__(self) -> None:
        self.last: dict[Key, Point] = {}
        self.previous: dict[Key, Point] = {}

    def add(self, points: Mapping[Key, Point], *, resolution_ms: int) -> None:
        """Takes a new reading of everything; what no longer reports is forgotten."""
        before, self.last = self.last, dict(points)
        older, self.previous = self.previous, {}
        for key, point in points.items():
            last = before.get(key)
            if last is not None and _continues(last, point):
                base = last if point.at > last.at else older.get(key)
            else:
                base = _start_of(point, resolution_ms=resolution_ms)
            if base is not None:
                self.previous[key] = base

    def usage(self, key: Key) -> Usage | None:
        """None until there are two points to compare."""
        last, previous = self.last.get(key), self.previous.get(key)
        if last is None or previous is None:
            return None
        window = last.at - previous.at
        nanocores = int((last.cpu_seconds - previous.cpu_seconds) * 1e9 / (window / 1000))
        return Usage(nanocores, last.memory_bytes, last.at, window)


class Storage:
    """Everything measured, in memory."""

    def __init__(self, *, resolution: float) -> None:
        self._resolution_ms = int(resolution * 1000)
        self._nodes = _Series[str]()
        self._containers = _Series[ContainerKey]()

    def add(self, scrapes: Mapping[str, Scrape]) -> None:
        """One round over all nodes, by node name."""
        nodes = {name: scrape.node for name, scrape in scrapes.items() if scrape.node is not None}
        containers = {key: point for scrape in scrapes.values() for key, point in scrape.containers.items()}
        self._nodes.add(nodes, resolution_ms=self._resolution_ms)
        self._containers.add(containers, resolution_ms=self._resolution_ms)

    @property
    def ready(self) -> bool:
        """Whether there is anything to answer with."""
        return bool(self._nodes.previous or self._containers.previous)

    def node(self, name: str) -> Usage | None:
        """Use of a node."""
        return self._nodes.usage(name)

    def pod(self, namespace: str, name: str) -> dict[str, Usage] | None:
        """Use by container; None unless all that report can be told, since half a pod misleads."""
        names = sorted(key[2] for key in self._containers.last if key[:2] == (namespace, name))
        found = {one: self._containers.usage((namespace, name, one)) for one in names}
        whole = {one: usage for one, usage in found.items() if usage is not None}
        return whole if whole and len(whole) == len(names) else None


def earliest(usages: Iterable[Usage]) -> Usage:
    """The oldest of a pod's measurements: its time is the pod's."""
    return min(usages, key=lambda usage: usage.at)


def _continues(last: Point, point: Point) -> bool:
    """Whether both points are of the same process: a restart begins counting anew."""
    return point.cpu_seconds >= last.cpu_seconds and point.started == last.started


def _start_of(point: Point, *, resolution_ms: int) -> Point | None:
    if point.started is None or not FRESH_LEAST_MS <= point.at - point.started < resolution_ms:
        return None
    return Point(0.0, 0, point.started, point.started)
