"""Paths that are not stored resources: health, version, discovery, OpenAPI, reviews."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from localcluster.apiserver import answers, discovery, openapi, paths, reviews
from localcluster.apiserver.identity import Identity
from localcluster.apiserver.metadata import timestamp
from localcluster.apiserver.negotiation import JSON, choose, decode
from localcluster.apiserver.registry import Registry
from localcluster.apiserver.requests import method_not_allowed, no_such_resource, read_body
from localcluster.client import Object
from localcluster.errors import bad_request

VERSION = {
    "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35", "gitVersion": "v1.36.2", "gitCommit": "", "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "", "platform": "linux/amd64",
}  # fmt: skip
_HEALTH = ("/healthz", "/livez", "/readyz")

Aggregated = Callable[[], Iterable[discovery.GroupVersion]]
AggregatedResources = Callable[[], Awaitable[list[tuple[discovery.GroupVersion, Object]]]]


class Documents:
    """`aggregated` and `aggregated_resources` tell which further group versions are available now."""

    def __init__(
        self, registry: Registry, identify: Callable[[str], Identity | None], *, aggregated: Aggregated = tuple,
        aggregated_resources: AggregatedResources | None = None,
    ) -> None:  # fmt: skip
        self._registry = registry
        self._identify = identify
        self._aggregated = aggregated
        self._aggregated_resources = aggregated_resources
        self.address = ""

    async def answer(self, request: web.Request, who: Identity) -> web.Response | None:
        """The document, or None when the path is none of these."""
        path = request.rel_url.raw_path.rstrip("/") or "/"
        target = paths.parse(path)
        if target is not None:
            return await self._review(request, target, who)
        if request.method not in ("GET", "HEAD"):
            return None
        if path in _HEALTH or path.startswith(("/livez/", "/readyz/", "/healthz/")):
            return web.Response(text="ok")
        if path == "/version":
            return answers.document(VERSION)
        if path.startswith("/openapi"):
            return _openapi(path)
        if path in ("/api", "/apis") and "apidiscovery.k8s.io" in request.headers.get("Accept", ""):
            return await self._aggregated_discovery(path)
        found = self._discovery(path)
        return None if found is None else answers.document(found, how=choose(request.headers.get("Accept", "")))

    def _discovery(self, path: str) -> Object | None:
        if path == "/":
            known = [
                "/api",
                "/api/v1",
                "/apis",
                "/healthz",
                "/livez",
                "/openapi/v2",
                "/openapi/v3",
                "/readyz",
                "/version",
            ]
            return {"paths": known}
        if path == "/api":
            return discovery.api_versions(self.address)
        if path == "/apis":
            return discovery.group_list(self._aggregated())
        parts = path.strip("/").split("/")
        if len(parts) == 2 and parts[0] == "apis":
            return discovery.group(parts[1], self._aggregated())
        group_version = paths.split_group_version(path)
        return discovery.resource_list(group_version[0], group_version[1]) if group_version else None

    async def _aggregated_discovery(self, path: str) -> web.Response:
        if path == "/api":
            body = discovery.aggregated_core()
        else:
            others = await self._aggregated_resources() if self._aggregated_resources else []
            body = discovery.aggregated_groups(others)
        answer = answers.document(body)
        answer.headers["Content-Type"] = discovery.AGGREGATED_TYPE
        return answer

    async def _review(self, request: web.Request, target: paths.Target, who: Identity) -> web.Response | None:
        known = [r for r in discovery.REVIEWS if (r.group, r.version) == (target.group, target.version)]
        if not known:
            return None
        resource = next((review for review in known if review.plural == target.plural), None)
        if resource is None:
            raise no_such_resource()
        if request.method != "POST":
            raise method_not_allowed()
        content_type = request.headers.get("Content-Type", "")
        body = decode(await read_body(request), content_type=content_type, kind=resource.kind)
        if not isinstance(body, dict):
            raise bad_request(f"the object provided is unrecognized (must be of type {resource.kind})")
        now = timestamp(self._registry.now())
        review = reviews.answer(resource, body, identity=who, identify=self._identify, now=now)
        return answers.document(review, status=201, how=choose(request.headers.get("Accept", "")))


def _openapi(path: str) -> web.Response | None:
    if path == "/openapi/v2":
        return web.Response(body=openapi.v2(), content_type=JSON)
    if path == "/openapi/v3":
        return answers.document(openapi.root())
    found = openapi.v3(path.removeprefix("/openapi/v3/"))
    return None if found is None else web.Response(body=found, content_type=JSON)
