"""An API server of its own for each test: real HTTPS on a free port, no controllers, no node."""

from __future__ import annotations

import io
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from localcluster import kubeconfig
from localcluster.apiserver.assembly import Api, ApiSettings, assemble
from localcluster.certificates import KeyPair
from localcluster.resources import NAMESPACES

NAMESPACE = "test"


@dataclass
class Http:
    """The API as an HTTP client with the admin's certificate sees it."""

    session: aiohttp.ClientSession
    url: str

    async def call(
        self, method: str, path: str, body: Any = None, *, accept: str = "application/json", content_type: str = ""
    ) -> tuple[int, Any]:
        """Status and body, decoded when it is JSON."""
        headers = {"Accept": accept}
        if content_type:
            headers["Content-Type"] = content_type
        sent: dict[str, Any] = {} if body is None else {"json": body}
        if isinstance(body, str | bytes | io.BytesIO):
            sent = {"data": body}
        async with self.session.request(method, self.url + path, headers=headers, **sent) as answer:
            if "json" in answer.headers.get("Content-Type", ""):
                return answer.status, await answer.json(content_type=None)
            return answer.status, await answer.text()

    async def get(self, path: str, **options: Any) -> Any:
        """The body of a GET that must succeed."""
        status, body = await self.call("GET", path, **options)
        assert status == 200, body
        return body


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    built = assemble(ApiSettings())
    await built.start()
    await built.registry.client("system:test").create(NAMESPACES, {"metadata": {"name": NAMESPACE}})
    yield built
    await built.stop()


@pytest.fixture
def client_of(api: Api, tmp_path: Path) -> Callable[[KeyPair], AbstractAsyncContextManager[Http]]:
    """Makes a client that shows a certificate."""

    @asynccontextmanager
    async def client(pair: KeyPair) -> AsyncIterator[Http]:
        pem = tmp_path / "client.pem"
        pem.write_bytes(pair.certificate + pair.key)
        context = ssl.create_default_context(cadata=api.authority.certificate.decode())
        context.load_cert_chain(pem)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            yield Http(session, api.url)

    return client


@pytest.fixture
async def http(api: Api, client_of: Callable[..., AbstractAsyncContextManager[Http]]) -> AsyncIterator[Http]:
    async with client_of(api.admin()) as admin:
        yield admin


@pytest.fixture
async def stranger(api: Api) -> AsyncIterator[Http]:
    """A client that trusts the server and shows no certificate."""
    context = ssl.create_default_context(cadata=api.authority.certificate.decode())
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        yield Http(session, api.url)


@pytest.fixture
def admin_kubeconfig(api: Api, tmp_path: Path) -> Path:
    path = tmp_path / "kubeconfig"
    kubeconfig.write(path, kubeconfig.render(server=api.url, authority=api.authority.certificate, client=api.admin()))
    return path
