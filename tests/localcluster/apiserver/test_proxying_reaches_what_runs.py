"""The proxy finds a ready endpoint, passes everything but credentials, and tells plainly when it cannot."""

from __future__ import annotations

import base64
import json
import ssl
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from localcluster.apiserver.assembly import Api
from localcluster.certificates import Authority
from localcluster.resources import API_SERVICES, ENDPOINT_SLICES, PODS, SERVICES

SERVICE = "/api/v1/namespaces/test/services"


@pytest.fixture
async def backend() -> AsyncIterator[int]:
    """A program that tells what it was asked; its port."""

    async def echo(request: web.Request) -> web.Response:
        if request.path == "/redirect":
            return web.Response(status=302, headers={"Location": "/there?a=1"})
        told = {
            "method": request.method, "path": request.rel_url.raw_path, "query": request.rel_url.raw_query_string,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": await request.text(),
        }  # fmt: skip
        return web.json_response(told, status=418 if request.path == "/teapot" else 200)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
async def service(api: Api, backend: int) -> None:
    """The Service `web` with the backend as its one endpoint, and the pod behind it."""
    client = api.registry.client("system:test")
    ports = [{"name": "http", "port": 80}, {"name": "other", "port": 81}]
    await client.create(SERVICES, {"metadata": {"name": "web"}, "spec": {"ports": ports}}, namespace="test")
    body = {
        "metadata": {"name": "web-1", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "endpoints": [
            {"addresses": ["127.0.0.1"], "conditions": {"ready": True}},
            {"addresses": ["127.99.99.99"], "conditions": {"ready": False}},
        ],
        "ports": [{"name": "http", "port": backend}],
    }
    await client.create(ENDPOINT_SLICES, body, namespace="test")
    container = {"name": "c", "image": "busybox", "ports": [{"name": "http", "containerPort": backend}]}
    pod = await client.create(PODS, {"metadata": {"name": "p"}, "spec": {"containers": [container]}}, namespace="test")
    await client.update(PODS, {**pod, "status": {"phase": "Running", "podIP": "127.0.0.1"}}, subresource="status")


@pytest.mark.parametrize("reference", ["web:80", "web:http", "http:web:http", ":web:80"])
@pytest.mark.usefixtures("service")
async def test_a_service_is_reached_by_every_spelling(http: Any, reference: str) -> None:
    body = await http.get(f"{SERVICE}/{reference}/proxy/a%2Fb/c?x=1&y=%20")
    assert (body["path"], body["query"]) == ("/a%2Fb/c", "x=1&y=%20")


@pytest.mark.usefixtures("service")
async def test_a_pod_is_reached_by_its_own_port(http: Any, backend: int) -> None:
    for reference in ("p", f"p:{backend}"):
        assert (await http.get(f"/api/v1/namespaces/test/pods/{reference}/proxy/x"))["path"] == "/x"


@pytest.mark.usefixtures("service")
async def test_the_request_goes_through_whole_but_for_its_credentials(http: Any) -> None:
    http.session.headers.update({"Authorization": "Bearer secret", "X-Swarm-Token": "kept"})
    http.session.headers["Authorization"] = "Basic c2VjcmV0"
    status, body = await http.call("POST", f"{SERVICE}/web:http/proxy/teapot", {"a": 1})
    assert (status, body["method"], json.loads(body["body"])) == (418, "POST", {"a": 1})
    assert "authorization" not in body["headers"]
    assert body["headers"]["x-swarm-token"] == "kept"
    assert body["headers"]["x-forwarded-uri"] == f"{SERVICE}/web:http/proxy/teapot"


@pytest.mark.usefixtures("service")
async def test_a_redirect_stays_behind_the_proxy(http: Any) -> None:
    async with http.session.get(f"{http.url}{SERVICE}/web:http/proxy/redirect", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, f"{SERVICE}/web:http/proxy/there?a=1")
    async with http.session.get(f"{http.url}{SERVICE}/web:http/proxy?a=1", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (301, f"{SERVICE}/web:http/proxy/?a=1")


@pytest.mark.usefixtures("service")
async def test_refusals_are_worded_as_a_real_cluster_words_them(http: Any) -> None:
    for path, expected in {
        f"{SERVICE}/web:99/proxy/": (503, 'no service port 99 found for service "web"'),
        f"{SERVICE}/web/proxy/": (503, 'no endpoints available for service "web"'),
        f"{SERVICE}/web:other/proxy/": (503, 'no endpoints available for service "web"'),
        f"{SERVICE}/nosuch/proxy/": (404, 'services "nosuch" not found'),
        "/api/v1/namespaces/test/pods/nosuch:80/proxy/": (404, 'pods "nosuch" not found'),
        "/api/v1/namespaces/test/pods/p:9/proxy/": (
            503, "error trying to reach service: dial tcp 127.0.0.1:9: connect: connection refused",
        ),
    }.items():  # fmt: skip
        status, body = await http.call("GET", path)
        assert (status, body["message"]) == expected


@pytest.mark.usefixtures("service")
async def test_an_aggregated_api_is_there_only_with_an_endpoint(http: Any, api: Api) -> None:
    client, path = api.registry.client("system:test"), "/apis/metrics.k8s.io/v1beta1/nodes"
    assert await http.call("GET", path) == (404, "404 page not found\n")
    spec = {
        "group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
        "insecureSkipTLSVerify": True, "service": {"namespace": "test", "name": "web", "port": 81},
    }  # fmt: skip
    await client.create(API_SERVICES, {"metadata": {"name": "v1beta1.metrics.k8s.io"}, "spec": spec})
    assert await http.call("GET", path) == (503, "service unavailable\n")
    async for event in client.watch(API_SERVICES):
        conditions = event.object.get("status", {}).get("conditions")
        if conditions:
            break
    assert (conditions[0]["status"], conditions[0]["reason"]) == ("False", "MissingEndpoints")
    groups = [group["name"] for group in (await http.get("/apis"))["groups"]]
    assert "metrics.k8s.io" not in groups


@pytest.fixture
async def secure(api: Api) -> AsyncIterator[None]:
    """The Service `safe`, whose one endpoint shows a certificate of an authority of its own; its APIService."""
    pair = Authority("its-own").serving(names=["safe.test.svc"], addresses=["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as kept:
        kept.write(pair.key + pair.certificate)
        kept.flush()
        context.load_cert_chain(kept.name)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    client, port = api.registry.client("system:test"), runner.addresses[0][1]
    await client.create(
        SERVICES, {"metadata": {"name": "safe"}, "spec": {"ports": [{"port": 443}]}}, namespace="test"
    )  # fmt: skip
    slice_ = {
        "metadata": {"name": "safe-1", "labels": {"kubernetes.io/service-name": "safe"}}, "addressType": "IPv4",
        "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": True}}], "ports": [{"port": port}],
    }  # fmt: skip
    await client.create(ENDPOINT_SLICES, slice_, namespace="test")
    yield
    await runner.cleanup()


@pytest.mark.usefixtures("secure")
async def test_a_bundle_that_does_not_fit_the_certificate_is_told_as_kubernetes_tells_it(http: Any, api: Api) -> None:
    client, path = api.registry.client("system:test"), "/apis/metrics.k8s.io/v1beta1/nodes"
    spec = {
        "group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
        "service": {"namespace": "test", "name": "safe"},
    }  # fmt: skip
    other = base64.b64encode(Authority("another").certificate).decode()
    made = await client.create(
        API_SERVICES, {"metadata": {"name": "v1beta1.metrics.k8s.io"}, "spec": {**spec, "caBundle": other}}
    )
    status, body = await http.call("GET", path)
    words = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    assert (status, body["message"]) == (503, f"error trying to reach service: {words}")
    spec["caBundle"] = base64.b64encode(b"no certificate").decode()
    current = await client.get(API_SERVICES, made["metadata"]["name"])
    await client.update(API_SERVICES, {**current, "spec": spec})
    answer = await http.call("GET", path)
    assert answer == (500, "unable to load root certificates: unable to parse bytes as PEM block\n")
