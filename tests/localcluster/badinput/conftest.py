"""One API server for all examples, on a thread of its own, and a client that keeps its connection."""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcluster.apiserver.assembly import Api, ApiSettings, assemble
from localcluster.apiserver.http.requests import USUAL_PATIENCE_S
from localcluster.resources import (
    API_SERVICES,
    CLUSTER_ROLES,
    CUSTOM_RESOURCE_DEFINITIONS,
    NAMESPACES,
    STORED,
    Resource,
)

TIMEOUT_S = 20
_NO_SUCH_PAGE = b"404 page not found\n"
"""What Kubernetes says, too, of a path that belongs to no group version."""

_WATCHED = (API_SERVICES, CLUSTER_ROLES, CUSTOM_RESOURCE_DEFINITIONS)
"""The server itself writes to these when they change."""


class Server:
    """A running API server as a client without any library sees it."""

    def __init__(self, folder: Path, *, patience_s: float = USUAL_PATIENCE_S) -> None:
        self._settings = ApiSettings(patience_s=patience_s)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.api: Api = self.run(self._started())
        pair = self.api.admin()
        pem = folder / "admin.pem"
        pem.write_bytes(pair.certificate + pair.key)
        self.tls = ssl.create_default_context(cadata=self.api.authority.certificate.decode())
        self.tls.load_cert_chain(pem)
        self._connection: http.client.HTTPSConnection | None = None

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(TIMEOUT_S)

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body; an answer that does not come in time is a failure."""
        for last in (False, True):
            if self._connection is None:
                self._connection = http.client.HTTPSConnection(
                    "127.0.0.1", self.api.port, context=self.tls, timeout=TIMEOUT_S
                )
            try:
                self._connection.request(method, path, body, headers or {})
                answer = self._connection.getresponse()
                return answer.status, answer.read()
            except (ConnectionError, http.client.BadStatusLine):  # the server ends a connection it cannot read on
                self.hang_up()
                if last:
                    raise
        raise AssertionError("unreachable")

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def state(self) -> dict[tuple[str, tuple[str, str]], int]:
        """Which objects there are, at which revision."""
        storage = self.api.registry.storage
        return {
            (resource.plural, (v.object["metadata"].get("namespace", ""), v.object["metadata"]["name"])): v.revision
            for resource in STORED if resource not in _WATCHED for v in storage.all(resource)
        }  # fmt: skip

    def refused(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> int:
        """The call's status, after seeing that a refusal is a Status and has changed nothing."""
        before = self.state()
        status, text = self.call(method, path, body, headers)
        about = f"{method} {path} {headers} {body[:300] if body else body!r} → {status} {text[:300]!r}"
        assert 200 <= status < 500 or status in (501, 504), about
        if status >= 400 and method != "HEAD":
            assert self.state() == before, about
            if path.startswith(("/api/", "/apis/")) and text != _NO_SUCH_PAGE:
                found = json.loads(text)
                assert (found["kind"], found["status"], found["code"]) == ("Status", "Failure", status), about
        return status

    def stop(self) -> None:
        self.hang_up()
        self.run(self.api.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_S)
        self._loop.close()

    async def _started(self) -> Api:
        api = assemble(self._settings)
        await api.start()
        await api.registry.client("system:test").create(NAMESPACES, {"metadata": {"name": "test"}})
        return api


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("badinput"))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that waits for no body for long."""
    found = Server(tmp_path_factory.mktemp("impatient"), patience_s=0.5)
    yield found
    found.stop()


def collection(resource: Resource) -> str:
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    return f"{root}/namespaces/test/{resource.plural}" if resource.namespaced else f"{root}/{resource.plural}"


@pytest.fixture(scope="session")
def path_of() -> Any:
    """The collection's path of a resource, in the namespace `test`."""
    return collection
