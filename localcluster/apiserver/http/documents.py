"""Paths that are not stored resources: health, version, discovery, OpenAPI, reviews."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from aiohttp import web

from localcluster.apiserver.access import tokens
from localcluster.apiserver.access.identity import Identity
from localcluster.apiserver.access.reviews import Reviews
from localcluster.apiserver.decoding import check_fields
from localcluster.apiserver.http import answers, paths
from localcluster.apiserver.http.negotiation import JSON, choose
from localcluster.apiserver.http.requests import Call, method_not_allowed, no_such_resource, object_of, write_options
from localcluster.apiserver.metadata import check_kind
from localcluster.apiserver.protobuf import openapi as openapiproto
from localcluster.apiserver.publishing import discovery, openapi
from localcluster.apiserver.registry import Registry
from localcluster.client import Object
from localcluster.resources import Resource

VERSION = {
    "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35", "gitVersion": "v1.36.2", "gitCommit": "", "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "", "platform": "linux/amd64",
}  # fmt: skip
_HEALTH = ("/healthz", "/livez", "/readyz")
_CHECK = "ping"
"""The one thing that is looked at: that somebody answers."""

_ISSUER, _KEYS = "/.well-known/openid-configuration", "/openid/v1/jwks"

Aggregated = Callable[[], Iterable[discovery.GroupVersion]]
AggregatedResources = Callable[[], Awaitable[list[tuple[discovery.GroupVersion, Object]]]]


class Documents:
    """`aggregated` and `aggregated_resources` tell which further group versions are available now."""

    def __init__(
        self, registry: Registry, reviews: Reviews, keys: tokens.Tokens, *, aggregated: Aggregated = tuple,
        aggregated_resources: AggregatedResources | None = None,
    ) -> None:  # fmt: skip
        self._registry = registry
        self._reviews = reviews
        self._keys = keys
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
        if path in (*_HEALTH, *(f"{each}/{_CHECK}" for each in _HEALTH)):
            return _health(path, verbose="verbose" in request.query)
        if path == "/version":
            return answers.document(VERSION)
        if path.startswith("/openapi"):
            customs = self._registry.customs.resources()
            return _openapi(path, accept=request.headers.get("Accept", ""), customs=customs)
        if path in (_ISSUER, _KEYS):
            return self._about_tokens(path)
        if path in ("/api", "/apis") and "apidiscovery.k8s.io" in request.headers.get("Accept", ""):
            return await self._aggregated_discovery(path)
        found = self._discovery(path)
        return None if found is None else answers.document(found, how=choose(request.headers.get("Accept", "")))

    def _discovery(self, path: str) -> Object | None:
        if path == "/":
            known = [
                "/.well-known/openid-configuration",
                "/api",
                "/api/v1",
                "/apis",
                "/healthz",
                "/livez",
                "/openapi/v2",
                "/openapi/v3",
                "/openid/v1/jwks",
                "/readyz",
                "/version",
            ]
            return {"paths": known}
        if path == "/api":
            return discovery.api_versions(self.address)
        if path == "/apis":
            return discovery.group_list(self._aggregated(), served=self._served())
        parts = path.strip("/").split("/")
        if len(parts) == 2 and parts[0] == "apis":
            return discovery.group(parts[1], self._aggregated(), served=self._served())
        group_version = paths.split_group_version(path)
        if group_version is None:
            return None
        return discovery.resource_list(group_version[0], group_version[1], served=self._served())

    def _served(self) -> list[Resource]:
        return [*discovery.ALL, *self._registry.customs.resources()]

    async def _aggregated_discovery(self, path: str) -> web.Response:
        if path == "/api":
            body = discovery.aggregated_core()
        else:
            others = await self._aggregated_resources() if self._aggregated_resources else []
            body = discovery.aggregated_groups(others, served=self._served())
        answer = answers.document(body)
        answer.headers["Content-Type"] = discovery.AGGREGATED_TYPE
        return answer

    async def _review(self, request: web.Request, target: paths.Target, who: Identity) -> web.Response | None:
        known = [r for r in discovery.REVIEWS if (r.group, r.version) == (target.group, target.version)]
        if not known:
            return None
        resource = next((review for review in known if review.plural == target.plural), None)
        if resource is None or resource.namespaced != bool(target.namespace):
            raise no_such_resource()
        if request.method != "POST" or target.name:
            raise method_not_allowed()
        call = Call(request, resource, target)
        options = write_options(call)
        body = check_kind(resource, await object_of(call))
        check_fields(resource, body, options)
        review = self._reviews.answer(
            resource, body, who=who, namespace=target.namespace, manager=options.field_manager
        )
        how = choose(request.headers.get("Accept", ""))
        return answers.one(resource, review, how=how, now=self._registry.now(), status=201, warnings=options.warnings)

    def _about_tokens(self, path: str) -> web.Response:
        """What others need to check this cluster's tokens by themselves, as OpenID Connect has it."""
        if path == _KEYS:
            answer = answers.document(self._keys.keys())
            answer.content_type = "application/jwk-set+json"
            return answer
        return answers.document(
            {
                "issuer": tokens.ISSUER, "jwks_uri": f"https://{self.address}{_KEYS}",
                "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [tokens.ALGORITHM],
            }
        )  # fmt: skip


def _health(path: str, *, verbose: bool) -> web.Response:
    name = path.strip("/")
    single = name.endswith(f"/{_CHECK}")
    return web.Response(text=f"[+]{_CHECK} ok\n{name} check passed\n" if verbose and not single else "ok")


def _openapi(path: str, *, accept: str, customs: Sequence[Resource]) -> web.Response | None:
    if path == "/openapi/v2" and accept.startswith(openapiproto.ASKED):
        return web.Response(body=openapi.v2_protobuf(customs), headers={"Content-Type": openapiproto.TYPE})
    if path == "/openapi/v2":
        return web.Response(body=openapi.v2(customs), content_type=JSON)
    if path == "/openapi/v3":
        return answers.document(openapi.root(customs))
    found = openapi.v3(path.removeprefix("/openapi/v3/"), customs)
    return None if found is None else web.Response(body=found, content_type=JSON)
