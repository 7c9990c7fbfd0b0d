"""What the pods of workloads ask for: CPU, memory and their number. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.kube.quantities import millicores, whole_bytes
from dashboard.stack.bundles.bundle import Manifest
from dashboard.stack.health.fields import count, mapping, mappings

WORKLOADS = ("Deployment", "StatefulSet", "Job", "ReplicaSet", "DaemonSet", "Pod", "CronJob")


@dataclass(frozen=True, slots=True)
class Demand:
    """`cpu` in millicores, `memory` in bytes."""

    pods: int = 0
    cpu: float = 0.0
    memory: int = 0

    def __add__(self, other: Demand) -> Demand:
        return Demand(self.pods + other.pods, self.cpu + other.cpu, self.memory + other.memory)

    def times(self, number: int) -> Demand:
        """So many of it."""
        return Demand(self.pods * number, self.cpu * number, self.memory * number)


def total(demands: Iterable[Demand]) -> Demand:
    """All together."""
    return sum(demands, Demand())


def template_of(workload: Manifest) -> Mapping[str, Any]:
    """The pod template: metadata and spec of the pods it makes."""
    if workload["kind"] == "Pod":
        return workload
    if workload["kind"] == "CronJob":
        return mapping(workload, "spec", "jobTemplate", "spec", "template")
    return mapping(workload, "spec", "template")


def replicas_of(workload: Manifest) -> int:
    """How many pods it asks for."""
    if workload["kind"] == "Pod":
        return 1
    if workload["kind"] == "Job":
        return count(workload, "spec", "parallelism", default=1)
    return count(workload, "spec", "replicas", default=1)


def requests_of(pod: Mapping[str, Any]) -> Demand:
    """One pod's requests, as the scheduler counts: the sum of the containers, or the largest init container.

    A limit without a request counts as the request (Kubernetes' default); what a LimitRange would add is not known.
    """
    spec = mapping(pod, "spec")
    running = [_container(each) for each in mappings(spec, "containers")]
    initial = [_container(each) for each in mappings(spec, "initContainers")]
    sidecars = [
        amount
        for amount, each in zip(initial, mappings(spec, "initContainers"), strict=True)
        if each.get("restartPolicy") == "Always"
    ]
    kept = total([*running, *sidecars])
    return Demand(
        1,
        max([kept.cpu, *(each.cpu for each in initial)]),
        max([kept.memory, *(each.memory for each in initial)]),
    )


def _container(container: Mapping[str, Any]) -> Demand:
    asked = {**mapping(container, "resources", "limits"), **mapping(container, "resources", "requests")}
    return Demand(0, millicores(asked.get("cpu")) or 0.0, whole_bytes(asked.get("memory")) or 0)
