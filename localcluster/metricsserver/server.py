"""The HTTPS face: metrics documents, discovery and health. Asks the API for labels, the storage for numbers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web

from localcluster.metricsserver import documents
from localcluster.metricsserver.cluster import ClusterError
from localcluster.metricsserver.scraper import Scraper
from localcluster.metricsserver.storage import Storage

_BASE = f"/apis/{documents.GROUP}/{documents.VERSION}"


class Objects(Protocol):
    """Where the objects measured are listed from."""

    async def pods(self, namespace: str, *, label_selector: str) -> list[dict[str, Any]]: ...

    async def nodes(self, *, label_selector: str = "") -> list[dict[str, Any]]: ...


class MetricsApi:
    """Handlers of the routes; `now` gives seconds since the epoch."""

    def __init__(self, objects: Objects, storage: Storage, scraper: Scraper, *, now: Callable[[], float]) -> None:
        self._objects = objects
        self._storage = storage
        self._scraper = scraper
        self._now = now

    def application(self) -> web.Application:
        """The routes, bound."""
        application = web.Application(middlewares=[_refuse_as_status])
        get = application.router.add_get
        get("/apis", _constant(documents.GROUPS))
        get(f"/apis/{documents.GROUP}", _constant(documents.GROUP_DOCUMENT))
        get(_BASE, _constant(documents.RESOURCES))
        get(f"{_BASE}/nodes", self.list_nodes)
        get(f"{_BASE}/nodes/{{name}}", self.get_node)
        get(f"{_BASE}/pods", self.list_pods)
        get(f"{_BASE}/namespaces/{{namespace}}/pods", self.list_pods)
        get(f"{_BASE}/namespaces/{{namespace}}/pods/{{name}}", self.get_pod)
        get("/livez", self.live)
        get("/healthz", self.live)
        get("/readyz", self.ready)
        return application

    async def live(self, _: web.Request) -> web.Response:
        """Fails when scraping has stopped, so that the container is restarted."""
        return _health(self._scraper.timely, "metric-collection-timely")

    async def ready(self, _: web.Request) -> web.Response:
        """Fails until two scrapes give the first number: before, there is nothing to serve."""
        return _health(self._storage.ready, "metric-storage-ready")

    async def list_pods(self, request: web.Request) -> web.Response:
        """PodMetricsList of a namespace or of all; pods not measured yet are left out."""
        return _json(documents.listed("PodMetrics", await self._pods(request)))

    async def get_pod(self, request: web.Request) -> web.Response:
        """PodMetrics of one pod."""
        name = request.match_info["name"]
        found = [item for item in await self._pods(request) if item["metadata"]["name"] == name]
        if not found:
            return _not_found("pods", f"{request.match_info['namespace']}/{name}")
        return _json(documents.single("PodMetrics", found[0]))

    async def list_nodes(self, request: web.Request) -> web.Response:
        """NodeMetricsList."""
        return _json(documents.listed("NodeMetrics", await self._nodes(request)))

    async def get_node(self, request: web.Request) -> web.Response:
        """NodeMetrics of one node."""
        name = request.match_info["name"]
        found = [item for item in await self._nodes(request) if item["metadata"]["name"] == name]
        if not found:
            return _not_found("nodes", name)
        return _json(documents.single("NodeMetrics", found[0]))

    async def _pods(self, request: web.Request) -> list[documents.Document]:
        namespace = request.match_info.get("namespace", "")
        found = []
        for pod in await self._objects.pods(namespace, label_selector=request.query.get("labelSelector", "")):
            usages = self._storage.pod(pod["metadata"]["namespace"], pod["metadata"]["name"])
            if usages is not None:
                found.append(documents.pod_metrics(pod, usages, now=self._now()))
        return sorted(found, key=lambda item: (item["metadata"]["namespace"], item["metadata"]["name"]))

    async def _nodes(self, request: web.Request) -> list[documents.Document]:
        found = []
        for node in await self._objects.nodes(label_selector=request.query.get("labelSelector", "")):
            usage = self._storage.node(node["metadata"]["name"])
            if usage is not None:
                found.append(documents.node_metrics(node, usage, now=self._now()))
        return sorted(found, key=lambda item: item["metadata"]["name"])


def _json(document: documents.Document, *, status: int = 200) -> web.Response:
    """JSON without a charset, as the API server's own answers are."""
    return web.Response(body=json.dumps(document).encode(), status=status, content_type="application/json")


def _constant(document: documents.Document) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        return _json(document)

    return answer


def _health(good: bool, check: str) -> web.Response:
    if good:
        return web.Response(text="ok")
    return web.Response(status=500, text=f"[-]{check} failed: reason withheld\n")


def _not_found(plural: str, name: str) -> web.Response:
    return _json(documents.missing(plural, name), status=404)


@web.middleware
async def _refuse_as_status(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except ClusterError as error:
        return _json(documents.failure(str(error)), status=500)
