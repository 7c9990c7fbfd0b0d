"""The API server put together: storage, registry, tokens, HTTPS and all that answers. No node, no controllers."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from localcluster import folder
from localcluster.apiserver.accounttokens import AccountTokens
from localcluster.apiserver.aggregation import Aggregation
from localcluster.apiserver.bootstrap import create_defaults
from localcluster.apiserver.containerlogs import ContainerLogs
from localcluster.apiserver.documents import Documents
from localcluster.apiserver.endpoints import Endpoints
from localcluster.apiserver.forwarding import Forwarder
from localcluster.apiserver.node import Kubelet
from localcluster.apiserver.proxying import Proxying
from localcluster.apiserver.registry import Registry
from localcluster.apiserver.remote.commands import Commands
from localcluster.apiserver.remote.portforward import PortForwarding
from localcluster.apiserver.server import ApiServer, Extensions
from localcluster.apiserver.storage import Storage
from localcluster.apiserver.tokens import Tokens
from localcluster.certificates import Authority, KeyPair

_SERVICE = "kubernetes.default.svc"
_NAMES = ("localhost", "kubernetes", "kubernetes.default", _SERVICE, f"{_SERVICE}.cluster.local")
_ADMINS = ("system:masters",)


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """`port` 0 takes any free one. `octet` is N of the cluster's 127.N.0.0/16."""

    port: int = 0
    host: str = "127.0.0.1"
    octet: int = 64


@dataclass(slots=True)
class Api:
    """A running or startable API server."""

    settings: ApiSettings
    registry: Registry
    tokens: Tokens
    authority: Authority
    _server: ApiServer
    _documents: Documents
    _logs: ContainerLogs
    _commands: Commands
    _forwarder: Forwarder
    _aggregation: Aggregation
    port: int = 0
    _conditions: asyncio.Task[None] | None = None

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
        self._conditions = asyncio.create_task(self._aggregation.keep_conditions())

    async def stop(self) -> None:
        if self._conditions is not None:
            self._conditions.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._conditions
        await self._server.stop()
        await self._forwarder.close()

    def admin(self) -> KeyPair:
        """A client certificate that may do everything."""
        return self.authority.client(user="kubernetes-admin", groups=_ADMINS)

    def set_kubelet(self, kubelet: Kubelet) -> None:
        """From now on logs come from this node, and commands go to it."""
        self._logs.kubelet = self._commands.kubelet = kubelet


def assemble(settings: ApiSettings, registry: Registry | None = None, *, kept: folder.Kept | None = None) -> Api:
    """Everything built, nothing started. `kept` is what an earlier run has left, or fresh keys."""
    kept = kept or folder.in_memory()
    registry = registry or Registry(service_prefix=f"127.{settings.octet}.200", storage=Storage(journal=kept.journal))
    authority = kept.authority
    tokens = Tokens(registry.storage, now=registry.now, key=kept.signing_key)
    endpoints, forwarder = Endpoints(registry), Forwarder()
    aggregation = Aggregation(registry, endpoints, forwarder)
    registry.raw_getter = aggregation.get
    documents = Documents(
        registry, tokens.identify, aggregated=aggregation.available, aggregated_resources=aggregation.resources
    )
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
        registry, tokens, documents, client_authority=authority.certificate,
        extensions=Extensions(handlers, aggregation.handle),
    )  # fmt: skip
    return Api(settings, registry, tokens, authority, server, documents, logs, commands, forwarder, aggregation)
