"""The whole cluster: API server, controllers and node agent, started and stopped in order. The only one to know all."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from localcluster import folder, kubeconfig
from localcluster.apiserver import resuming
from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.delegation import checked
from localcluster.apiserver.access.tokens import Bound
from localcluster.apiserver.assembly import Api, ApiSettings, assemble
from localcluster.apiserver.expiring import keep_expiring
from localcluster.apiserver.http.tls import server_context
from localcluster.apiserver.journal import UnreadableJournal
from localcluster.apiserver.registry import Registry
from localcluster.apiserver.storage import Storage
from localcluster.client import Object
from localcluster.controllers.all import build
from localcluster.controllers.clock import SystemClock
from localcluster.controllers.informer import Informers
from localcluster.node.addresses import AddressesExhausted, claim_octet
from localcluster.node.agent import NodeAgent
from localcluster.node.settings import NodeSettings
from localcluster.settings import Settings

logger = logging.getLogger(__name__)

NODE = "local"
CLAIM_PORT = 10249
"""Held on 127.N.0.1 for as long as the cluster owns 127.N.0.0/16."""

_METRICS = Attributes("get", "", "v1", "nodes", "metrics", name=NODE)
"""What one must be allowed to read a node's measurements."""

_PROJECT_ROOT = Path(__file__).resolve().parent.parent


class CannotStart(Exception):
    """Why the cluster cannot be started, and what to do."""


class Cluster:
    """One cluster in one directory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._claim: socket.socket | None = None
        self._kept: folder.Kept | None = None
        self._api: Api | None = None
        self._node: NodeAgent | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> Api:
        """Everything up, the kubeconfig written. Raises CannotStart."""
        kept = self._kept = self._open()
        try:
            storage = Storage(journal=kept.journal)
        except UnreadableJournal as error:
            raise CannotStart(str(error)) from error
        try:
            octet, self._claim = claim_octet(CLAIM_PORT, preferred=resuming.last_octet(storage))
        except AddressesExhausted as error:
            raise CannotStart(str(error)) from error
        api = await self._start_api(kept, storage, octet=octet)
        self._write_kubeconfig(api)
        self._start_controllers(api)
        if kept.journal is not None:
            self._spawn(kept.journal.keep_folding(), name="journal")
        self._spawn(keep_expiring(storage, now=api.registry.now), name="event expiry")
        await self._start_node(api, octet=octet)
        return api

    async def stop(self) -> None:
        """Pods first, while the API still takes their last words."""
        if self._node is not None:
            await self._node.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._api is not None:
            await self._api.stop()
        if self._claim is not None:
            self._claim.close()
        if self._kept is not None and self._kept.journal is not None:
            self._kept.journal.close()

    def _open(self) -> folder.Kept:
        if not self._settings.keep:
            return folder.in_memory()
        try:
            return folder.opened(self._settings.directory)
        except (folder.UnreadableFolder, UnreadableJournal) as error:
            raise CannotStart(str(error)) from error

    async def _start_api(self, kept: folder.Kept, storage: Storage, *, octet: int) -> Api:
        prefix = f"127.{octet}.200"
        moved = resuming.move_services(storage, prefix=prefix)
        if moved:
            logger.warning("another cluster has this one's addresses: %d ClusterIPs are under %s now", moved, prefix)
        port = self._settings.port or _if_free(resuming.last_port(storage))
        registry = Registry(service_prefix=prefix, storage=storage)
        settings = ApiSettings(
            port=port, octet=octet, audit_file=self._settings.audit_file, requests_file=self._settings.requests_file
        )
        api = assemble(settings, registry, kept=kept)
        try:
            await api.start()
        except OSError as error:
            raise CannotStart(
                f"port {port} on 127.0.0.1 is taken: stop what listens there, or choose another with --port"
            ) from error
        self._api = api
        return api

    def _write_kubeconfig(self, api: Api) -> None:
        text = kubeconfig.render(server=api.url, authority=api.authority.certificate, client=api.admin())
        kubeconfig.write(self._settings.kubeconfig, text)

    def _start_controllers(self, api: Api) -> None:
        clock = SystemClock()
        informers = Informers(api.registry.client("system:kube-controller-manager"), clock)
        root_ca = api.authority.certificate.decode()
        controllers = build(
            api.registry.client, informers, clock, root_ca=root_ca, node=NODE, issue_token=api.tokens.issue_lasting
        )
        for controller in controllers:
            self._spawn(controller.run(), name=type(controller).__name__)
        self._spawn(informers.run(), name="informers")

    async def _start_node(self, api: Api, *, octet: int) -> None:
        address = f"127.{octet}.0.1"
        serving = api.authority.serving(names=(NODE,), addresses=(address,))
        node = NodeSettings(
            directory=self._settings.directory / "node", octet=octet, api_server=(api.settings.host, api.port),
            project_root=_PROJECT_ROOT, name=NODE, node_port_address=self._settings.node_port_address,
            tls=server_context(serving), limits=self._settings.limits, keep=self._settings.keep,
            hidden=(self._settings.directory,),
        )  # fmt: skip

        async def issue(
            namespace: str, service_account: str, *, pod: Object, expiration_seconds: int, audience: str
        ) -> str:
            metadata, audiences = pod["metadata"], [audience] if audience else []
            bound = Bound("Pod", metadata["name"], metadata["uid"])
            return api.tokens.issue(
                namespace, service_account, audiences=audiences, seconds=expiration_seconds, bound=bound
            ).token

        async def authorize(token: str) -> None:
            checked(api.tokens, api.rbac, token=token, asked=_METRICS)

        client = api.registry.client(f"system:node:{NODE}")
        self._node = NodeAgent(client, settings=node, token_issuer=issue, authorize=authorize)
        await self._node.start()
        api.set_kubelet(self._node)

    def _spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(_report)


def _if_free(port: int) -> int:
    """The port, or 0 (any) when somebody has it: kubeconfigs in use then have to be read again."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _report(task: asyncio.Task[None]) -> None:
    """A part that ends by itself is a fault worth a line, and no reason to end the others."""
    if not task.cancelled() and task.exception() is not None:
        logger.error("%s ended: %r", task.get_name(), task.exception())
