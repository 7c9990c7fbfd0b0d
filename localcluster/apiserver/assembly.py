"""The API server put together: storage, registry, tokens, HTTPS and all that answers. No node, no controllers."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from localcluster import folder
from localcluster.apiserver.access.audit import AuditFile, AuditLogs
from localcluster.apiserver.access.bootstrap import create_policy, keep_aggregated
from localcluster.apiserver.access.gate import Gate
from localcluster.apiserver.access.identity import MASTERS
from localcluster.apiserver.access.rbac import Rbac
from localcluster.apiserver.access.reviews import Reviews
from localcluster.apiserver.access.tokenrequests import AccountTokens
from localcluster.apiserver.access.tokens import Tokens
from localcluster.apiserver.bootstrap import create_defaults
from localcluster.apiserver.custom.lifecycle import Lifecycle
from localcluster.apiserver.http.aggregation import Aggregation
from localcluster.apiserver.http.containerlogs import ContainerLogs
from localcluster.apiserver.http.documents import Documents
from localcluster.apiserver.http.endpoints import Endpoints
from localcluster.apiserver.http.forwarding import Forwarder
from localcluster.apiserver.http.proxying import Proxying
from localcluster.apiserver.http.requests import USUAL_PATIENCE_S
from localcluster.apiserver.http.server import ApiServer, Extensions
from localcluster.apiserver.lister import Lister
from localcluster.apiserver.node import Kubelet
from localcluster.apiserver.registry import Registry
from localcluster.apiserver.remote.commands import Commands
from localcluster.apiserver.remote.portforward import PortForwarding
from localcluster.apiserver.storage import Storage
from localcluster.certificates import Authority, KeyPair

_SERVICE = "kubernetes.default.svc"
_NAMES = ("localhost", "kubernetes", "kubernetes.default", _SERVICE, f"{_SERVICE}.cluster.local")


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """`port` 0 takes any free one. `octet` is N of the cluster's 127.N.0.0/16. Without `audit_file` none is written.

    `requests_file` gets a line for every request, reads too.
    """

    port: int = 0
    host: str = "127.0.0.1"
    octet: int = 64
    audit_file: Path | None = None
    requests_file: Path | None = None
    patience_s: float = USUAL_PATIENCE_S
    """For how long a request's body is waited for."""


@dataclass(slots=True)
class Api:
    """A running or startable API server."""

    settings: ApiSettings
    registry: Registry
    tokens: Tokens
    rbac: Rbac
    authority: Authority
    _server: ApiServer
    _documents: Documents
    _logs: ContainerLogs
    _commands: Commands
    _forwarder: Forwarder
    _aggregation: Aggregation
    port: int = 0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://{self.settings.host}:{self.port}"

    async def start(self) -> None:
        """Listen, then make what every cluster has. OSError when the port is taken."""
        octet = self.settings.octet
        addresses = (self.settings.host, f"127.{octet}.0.1", self.registry.allocator.first_ip)
        serving = self.authority.serving(names=_NAMES, addresses=addresses)
        self.port = await self._server.start(host=self.settings.host, port=self.settings.port, serving=serving)
        self._documents.address = f"{self.settings.host}:{self.port}"
        await create_defaults(self.registry, host=self.settings.host, port=self.port)
        await create_policy(self.registry, authority=self.authority.certificate.decode())
        following = Lifecycle(self.registry).run()
        for work in (self._aggregation.keep_conditions(), keep_aggregated(self.registry), following):
            self._tasks.append(asyncio.create_task(work))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._server.stop()
        await self._forwarder.close()

    def admin(self) -> KeyPair:
        """A client certificate that may do everything."""
        return self.authority.client(user="kubernetes-admin", groups=(MASTERS,))

    def set_kubelet(self, kubelet: Kubelet) -> None:
        """From now on logs come from this node, and commands go to it."""
        self._logs.kubelet = self._commands.kubelet = kubelet


def assemble(settings: ApiSettings, registry: Registry | None = None, *, kept: folder.Kept | None = None) -> Api:
    """Everything built, nothing started. `kept` is what an earlier run has left, or fresh keys."""
    kept = kept or folder.in_memory()
    registry = registry or Registry(service_prefix=f"127.{settings.octet}.200", storage=Storage(journal=kept.journal))
    authority = kept.authority
    tokens = Tokens(registry.storage, now=registry.now, key=kept.signing_key)
    rbac = Rbac(Lister(registry.storage))
    written = [AuditFile(settings.audit_file, now=registry.now)] if settings.audit_file else []
    written += [AuditFile(settings.requests_file, now=registry.now, reads=True)] if settings.requests_file else []
    gate = Gate(tokens, rbac, AuditLogs(written), now=registry.now)
    endpoints, forwarder = Endpoints(registry), Forwarder()
    aggregation = Aggregation(registry, endpoints, forwarder)
    registry.raw_getter = aggregation.get
    documents = Documents(
        registry, Reviews(tokens, rbac, now=registry.now), tokens, aggregated=aggregation.available,
        aggregated_resources=aggregation.resources,
    )  # fmt: skip
    proxying, logs, commands = Proxying(endpoints, forwarder), ContainerLogs(registry), Commands(registry)
    handlers = {
        ("pods", "proxy"): proxying.handle,
        ("services", "proxy"): proxying.handle,
        ("pods", "log"): logs.handle,
        ("pods", "exec"): commands.handle,
        ("pods", "attach"): commands.handle,
        ("pods", "portforward"): PortForwarding(registry).handle,
        ("serviceaccounts", "token"): AccountTokens(registry, tokens).handle,
    }
    server = ApiServer(
        registry, gate, documents, client_authority=authority.certificate,
        extensions=Extensions(handlers, aggregation.handle), patience_s=settings.patience_s,
    )  # fmt: skip
    return Api(settings, registry, tokens, rbac, authority, server, documents, logs, commands, forwarder, aggregation)
