"""What metrics.k8s.io says of pods, as numbers. One read; when to read again is the caller's affair."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from dashboard.kube.client import KubeClient
from dashboard.kube.errors import Garbled
from dashboard.kube.quantities import millicores, whole_bytes

PATH = "/apis/metrics.k8s.io/v1beta1"
_DURATION_PART = re.compile(r"([0-9.]+)(ms|us|µs|ns|h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


@dataclass(frozen=True, slots=True)
class PodMetrics:
    """A pod's use: the sum of its containers. None where one of them is not known.

    `timestamp` (ISO 8601) is the end of the `window` (a duration as Go prints it) that the CPU figure covers.
    """

    cpu_millicores: float | None
    memory_bytes: int | None
    timestamp: str | None
    window: str | None

    @property
    def window_s(self) -> float | None:
        """The window in seconds; None for what is no duration."""
        parts = _DURATION_PART.findall(self.window or "")
        return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else None


class _Container(msgspec.Struct):
    usage: dict[str, str | int | float] | None = None


class _Meta(msgspec.Struct):
    name: str = ""
    namespace: str = ""


class _Pod(msgspec.Struct):
    metadata: _Meta
    timestamp: str | None = None
    window: str | None = None
    containers: list[_Container] | None = None


class _PodList(msgspec.Struct):
    items: list[_Pod] | None = None


_DECODER = msgspec.json.Decoder(_PodList)


def pod_metrics(client: KubeClient, *, namespace: str | None = None) -> dict[str, PodMetrics]:
    """`namespace/name` to its metrics. `NotFound` when nothing serves the API, `Unavailable` when what does is down."""
    where = f"/namespaces/{namespace}/pods" if namespace else "/pods"
    return decode(client.request("GET", PATH + where, timeout=(5.0, 10.0)).body)


def decode(body: bytes) -> dict[str, PodMetrics]:
    """The answer as numbers."""
    try:
        pods = _DECODER.decode(body).items or []
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Garbled(f"pod metrics that cannot be read: {error}") from error
    return {f"{pod.metadata.namespace}/{pod.metadata.name}": _sum(pod) for pod in pods}


def _sum(pod: _Pod) -> PodMetrics:
    usages = [container.usage or {} for container in pod.containers or []]
    cpu = [millicores(usage.get("cpu")) for usage in usages]
    memory = [whole_bytes(usage.get("memory")) for usage in usages]
    known_cpu = [value for value in cpu if value is not None]
    known_memory = [value for value in memory if value is not None]
    return PodMetrics(
        cpu_millicores=sum(known_cpu) if cpu and len(known_cpu) == len(cpu) else None,
        memory_bytes=sum(known_memory) if memory and len(known_memory) == len(memory) else None,
        timestamp=pod.timestamp,
        window=pod.window,
    )
