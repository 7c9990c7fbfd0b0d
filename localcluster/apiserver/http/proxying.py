"""The `proxy` subresource of pods and services."""

from __future__ import annotations

from aiohttp import web

from localcluster.apiserver.access.identity import Identity
from localcluster.apiserver.http.endpoints import Endpoints
from localcluster.apiserver.http.forwarding import Forwarder
from localcluster.apiserver.http.paths import Target


class Proxying:
    """Finds the place and forwards; the caller's credentials never go along."""

    def __init__(self, endpoints: Endpoints, forwarder: Forwarder) -> None:
        self._endpoints = endpoints
        self._forwarder = forwarder

    async def handle(self, request: web.Request, target: Target, _who: Identity) -> web.StreamResponse:
        path = request.rel_url.raw_path
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        if not target.rest and not path.endswith("/") and request.method in ("GET", "HEAD"):
            return web.Response(status=301, headers={"Location": f"{path}/{query}"})
        find = self._endpoints.of_service if target.plural == "services" else self._endpoints.of_pod
        place = find(target.namespace, target.name)
        prefix = path[: len(path) - len(target.rest)].rstrip("/")
        return await self._forwarder.forward(request, place, f"/{target.rest}{query}", prefix=prefix)
