"""Aggregated APIs: an APIService leads to a Service in the cluster, for as long as that has a ready endpoint."""

from __future__ import annotations

import base64
import secrets
import ssl
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import web
from multidict import CIMultiDict

from localcluster.apiserver.access.identity import MASTERS, Identity
from localcluster.apiserver.http.endpoints import Endpoints, Place, port_named
from localcluster.apiserver.http.forwarding import Forwarder
from localcluster.apiserver.http.paths import split_group_version
from localcluster.apiserver.metadata import timestamp
from localcluster.apiserver.options import WriteOptions
from localcluster.apiserver.publishing.discovery import GroupVersion
from localcluster.apiserver.registry import Registry
from localcluster.client import Object
from localcluster.errors import ApiError
from localcluster.resources import API_SERVICES, ENDPOINT_SLICES, SERVICES

_DEFAULT_PORT = 443
_NO_ROOTS = "unable to load root certificates: unable to parse bytes as PEM block"
_OWN_USER = Identity("system:kube-aggregator", (MASTERS,))
_MANAGER = "kube-apiserver"


class Aggregation:
    """Reads APIServices, keeps their `Available` condition true, forwards to what they name."""

    def __init__(self, registry: Registry, endpoints: Endpoints, forwarder: Forwarder) -> None:
        self._registry = registry
        self._endpoints = endpoints
        self._forwarder = forwarder

    def available(self) -> list[GroupVersion]:
        """The group versions that can be asked now."""
        services = [version.object for version in self._registry.storage.all(API_SERVICES)]
        return [(s["spec"]["group"], s["spec"]["version"]) for s in services if self._places(s)]

    async def resources(self) -> list[tuple[GroupVersion, Object]]:
        """Those that answer, with the resource list each gives."""
        found = []
        for group, version in self.available():
            try:
                found.append(((group, version), await self.get(f"/apis/{group}/{version}")))
            except ApiError as error:
                if error.code < 500:
                    raise
        return found

    async def handle(self, request: web.Request, group: str, version: str, who: Identity) -> web.StreamResponse | None:
        """Forward a request on an aggregated group version; None when there is no APIService for it."""
        service = self._find(group, version)
        if service is None:
            return None
        places = self._places(service)
        if not places:
            return web.Response(status=503, text="service unavailable\n")
        try:
            tls = _tls(service)
        except ValueError:
            return web.Response(status=500, text=f"{_NO_ROOTS}\n")
        return await self._forwarder.forward(
            request, secrets.choice(places), str(request.rel_url), headers=_identity_headers(who), tls=tls
        )

    async def get(self, path: str) -> Any:
        """GET of an aggregated path by the API server itself; errors as a client library words them."""
        group_version = split_group_version(path.partition("?")[0])
        service = self._find(group_version[0], group_version[1]) if group_version else None
        if service is None:
            raise ApiError(404, "NotFound", "the server could not find the requested resource", {})
        places = self._places(service)
        unable = ApiError(503, "ServiceUnavailable", "the server is currently unable to handle the request", {})
        if not places:
            raise unable
        headers = {"Accept": "application/json", **_identity_headers(_OWN_USER)}
        try:
            tls = _tls(service)
        except ValueError:
            raise unable from None
        status, raw = await self._forwarder.get(secrets.choice(places), path, headers=headers, tls=tls)
        if status == 503:
            raise unable
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ApiError(502, "", f"the server for {path} gave an answer that is not JSON") from error
        if status >= 400:
            raise ApiError(status, body.get("reason", ""), body.get("message", ""), body.get("details"))
        return body

    async def keep_conditions(self) -> None:
        """Write `Available` whenever endpoints or APIServices change. Runs until cancelled."""
        storage = self._registry.storage
        with storage.waking(API_SERVICES, SERVICES, ENDPOINT_SLICES) as changed:
            while True:
                changed.clear()
                for version in storage.all(API_SERVICES):
                    await self._write_condition(version.object)
                await changed.wait()

    async def _write_condition(self, body: Object) -> None:
        condition = self._condition(body)
        others = [c for c in (body.get("status") or {}).get("conditions") or [] if c["type"] != "Available"]
        current = next(
            (c for c in (body.get("status") or {}).get("conditions") or [] if c["type"] == "Available"), None
        )
        if current and all(current.get(key) == condition[key] for key in ("status", "reason", "message")):
            return
        after = {**body, "status": {"conditions": [*others, condition]}}
        try:
            await self._registry.update(
                API_SERVICES, body["metadata"]["name"], after, subresource="status", options=WriteOptions(_MANAGER)
            )
        except ApiError as error:
            if error.code not in (404, 409):
                raise

    def _condition(self, body: Object) -> Object:
        now = timestamp(self._registry.now())
        reference = body["spec"].get("service")
        status, reason, message = "True", "Passed", "all checks passed"
        if reference is None:
            reason, message = "Local", "Local APIServices are always available"
        elif self._registry.storage.get(SERVICES, (reference["namespace"], reference["name"])) is None:
            status, reason = "False", "ServiceNotFound"
            message = f'service/{reference["name"]} in "{reference["namespace"]}" is not present'
        elif not self._places(body):
            status, reason = "False", "MissingEndpoints"
            message = (
                f'endpointslices for service/{reference["name"]} in "{reference["namespace"]}" have no addresses '
                f'with port name "{self._port(body) or ""}"'
            )
        return {
            "type": "Available", "status": status, "lastTransitionTime": now, "reason": reason, "message": message,
        }  # fmt: skip

    def _find(self, group: str, version: str) -> Object | None:
        found = self._registry.storage.get(API_SERVICES, ("", f"{version}.{group}"))
        return found.object if found else None

    def _port(self, body: Object) -> str | None:
        reference = body["spec"].get("service") or {}
        key = (reference.get("namespace", ""), reference.get("name", ""))
        service = self._registry.storage.get(SERVICES, key)
        return port_named(service.object, reference.get("port", _DEFAULT_PORT)) if service else None

    def _places(self, body: Object) -> list[Place]:
        port = self._port(body)
        if port is None:
            return []
        reference = body["spec"]["service"]
        ready = self._endpoints.ready(reference["namespace"], reference["name"], port=port)
        return [Place("https", host, number) for host, number in ready]


def _identity_headers(who: Identity) -> CIMultiDict[str]:
    """Whom the aggregated API shall believe to be asked by."""
    headers = CIMultiDict({"X-Remote-User": who.user})
    headers.extend(("X-Remote-Group", group) for group in who.groups)
    for key, values in who.extra.items():
        headers.extend((f"X-Remote-Extra-{quote(key, safe='')}", value) for value in values)
    return headers


def _tls(body: Object) -> ssl.SSLContext | bool:
    """How to check the certificate: as the APIService says, by its bundle or not at all.

    Raises ValueError for a bundle that holds no certificate; Kubernetes takes any bytes as one and fails at each use.
    """
    if body["spec"].get("insecureSkipTLSVerify"):
        return False
    bundle = body["spec"].get("caBundle")
    if not bundle:
        return True
    try:
        return ssl.create_default_context(cadata=base64.b64decode(bundle).decode())
    except ssl.SSLError as error:
        raise ValueError(_NO_ROOTS) from error
