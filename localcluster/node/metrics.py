"""The kubelet's HTTPS endpoint: `/metrics/resource` as metrics-server reads it, and `/healthz`.

Measures the node itself; what containers use is asked of the agent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil
from aiohttp import web

from localcluster.controllers.clock import Clock, parse_time
from localcluster.errors import ApiError
from localcluster.node.limits.protocol import Usage
from localcluster.node.settings import Authorize, NodeSettings

_TEXTS = {
    "container_cpu_usage_seconds_total": ("counter", "Cumulative cpu time consumed by the container in core-seconds"),
    "container_memory_working_set_bytes": ("gauge", "Current working set of the container in bytes"),
    "container_start_time_seconds": ("gauge", "Start time of the container since unix epoch in seconds"),
    "node_cpu_usage_seconds_total": ("counter", "Cumulative cpu time consumed by the node in core-seconds"),
    "node_memory_working_set_bytes": ("gauge", "Current working set of the node in bytes"),
    "pod_cpu_usage_seconds_total": ("counter", "Cumulative cpu time consumed by the pod in core-seconds"),
    "pod_memory_working_set_bytes": ("gauge", "Current working set of the pod in bytes"),
    "resource_scrape_error": ("gauge", "1 if there was an error while getting container metrics, 0 otherwise"),
}


@dataclass(frozen=True, slots=True)
class ContainerUsage:
    """One running container; `started_at` as its status says it."""

    namespace: str
    pod: str
    container: str
    started_at: str
    usage: Usage


def render(containers: Iterable[ContainerUsage], node: Usage, *, milliseconds: int) -> str:
    """Prometheus text in the names and order of kubelet."""
    samples: dict[str, list[str]] = {name: [] for name in _TEXTS}
    pods: dict[tuple[str, str], Usage] = {}
    for entry in containers:
        labels = f'{{container="{entry.container}",namespace="{entry.namespace}",pod="{entry.pod}"}}'
        cpu, memory = entry.usage.cpu_seconds, entry.usage.working_set
        samples["container_cpu_usage_seconds_total"].append(f"{labels} {cpu:.9g} {milliseconds}")
        samples["container_memory_working_set_bytes"].append(f"{labels} {memory} {milliseconds}")
        started = parse_time(entry.started_at).timestamp()
        samples["container_start_time_seconds"].append(f"{labels} {started:.12g}")
        before = pods.get((entry.namespace, entry.pod), Usage(0.0, 0))
        pods[entry.namespace, entry.pod] = Usage(before.cpu_seconds + cpu, before.working_set + memory)
    for (namespace, pod), usage in pods.items():
        labels = f'{{namespace="{namespace}",pod="{pod}"}}'
        samples["pod_cpu_usage_seconds_total"].append(f"{labels} {usage.cpu_seconds:.9g} {milliseconds}")
        samples["pod_memory_working_set_bytes"].append(f"{labels} {usage.working_set} {milliseconds}")
    samples["node_cpu_usage_seconds_total"].append(f" {node.cpu_seconds:.9g} {milliseconds}")
    samples["node_memory_working_set_bytes"].append(f" {node.working_set} {milliseconds}")
    samples["resource_scrape_error"].append(" 0")
    return "".join(_family(name, lines) for name, lines in samples.items() if lines)


def _family(name: str, lines: list[str]) -> str:
    kind, text = _TEXTS[name]
    body = "".join(f"{name}{line}\n" for line in lines)
    return f"# HELP {name} [STABLE] {text}\n# TYPE {name} {kind}\n{body}"


def node_usage() -> Usage:
    """CPU seconds of the whole machine since it started, and memory in use."""
    times = psutil.cpu_times()
    busy = sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)
    memory = psutil.virtual_memory()
    return Usage(busy, memory.total - memory.available)


class MetricsEndpoint:
    """Serves on the node's own address; every path but `/healthz` needs a bearer token."""

    def __init__(
        self, settings: NodeSettings, usage: Callable[[], list[ContainerUsage]], authorize: Authorize, clock: Clock
    ) -> None:
        self._settings = settings
        self._usage = usage
        self._authorize = authorize
        self._clock = clock
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/metrics/resource", self._resource)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        settings = self._settings
        await web.TCPSite(self._runner, settings.address, settings.kubelet_port, ssl_context=settings.tls).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _resource(self, request: web.Request) -> web.Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            await self._authorize(token.strip() if scheme.lower() == "bearer" else "")
        except ApiError as refusal:
            return web.Response(status=refusal.code, text=refusal.message)
        milliseconds = int(self._clock.now().timestamp() * 1000)
        text = render(self._usage(), node_usage(), milliseconds=milliseconds)
        return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
