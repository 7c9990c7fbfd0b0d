"""kube-proxy in user space: a listener for every Service port and node port, spread over the ready endpoints.

Follows Services and EndpointSlices; must not look at the bytes it passes on.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass

from localcluster.client import Object
from localcluster.controllers.informer import Informer
from localcluster.controllers.recorder import Recorder
from localcluster.node.dns import is_ready
from localcluster.node.relay import Side

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 3.0
_SETTLE_SECONDS = 0.05
_RETRY_SECONDS = 5.0
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port of one Service."""

    namespace: str
    service: str
    port: str


def wanted_listeners(services: Iterable[Object], *, node_port_address: str) -> dict[Address, ServicePort]:
    """Where to listen, and for which Service port. UDP and SCTP are not served."""
    wanted: dict[Address, ServicePort] = {}
    for service in services:
        metadata, spec = service["metadata"], service["spec"]
        for port in spec.get("ports") or ():
            if port.get("protocol", "TCP") != "TCP" or spec.get("type") == "ExternalName":
                continue
            key = ServicePort(metadata["namespace"], metadata["name"], port.get("name", ""))
            cluster_ip = spec.get("clusterIP")
            if cluster_ip and cluster_ip != "None":
                wanted[cluster_ip, port["port"]] = key
            if port.get("nodePort"):
                wanted[node_port_address, port["nodePort"]] = key
    return wanted


def ready_endpoints(slices: Iterable[Object]) -> dict[ServicePort, tuple[Address, ...]]:
    """The ready addresses of every Service port, in a steady order."""
    found: dict[ServicePort, set[Address]] = {}
    for endpoint_slice in slices:
        metadata = endpoint_slice["metadata"]
        service = (metadata.get("labels") or {}).get("kubernetes.io/service-name", "")
        for port in endpoint_slice.get("ports") or ():
            key = ServicePort(metadata["namespace"], service, port.get("name") or "")
            addresses = found.setdefault(key, set())
            for endpoint in endpoint_slice.get("endpoints") or ():
                if is_ready(endpoint) and port.get("port"):
                    addresses.update((address, port["port"]) for address in endpoint["addresses"])
    return {key: tuple(sorted(addresses)) for key, addresses in found.items()}


class ServiceProxy:
    """Keeps the listeners in step with the Services. A node port that is taken is told once, and tried again."""

    def __init__(self, node_port_address: str, services: Informer, slices: Informer, recorder: Recorder) -> None:
        self._node_port_address = node_port_address
        self._services = services
        self._slices = slices
        self._recorder = recorder
        self._servers: dict[Address, asyncio.Server] = {}
        self._ports: dict[Address, ServicePort] = {}
        self._endpoints: dict[ServicePort, tuple[Address, ...]] = {}
        self._turns: dict[ServicePort, int] = {}
        self._refused: set[tuple[Address, ServicePort]] = set()
        self._changed = asyncio.Event()
        self._sides: set[Side] = set()
        self._connecting: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        self._services.on_change(self._note)
        self._slices.on_change(self._note)
        while True:
            self._changed.clear()
            await self.update()
            await self._next_change()

    async def update(self) -> None:
        """Listeners and endpoints as the informers show them now."""
        self._endpoints = ready_endpoints(self._slices.list())
        wanted = wanted_listeners(self._services.list(), node_port_address=self._node_port_address)
        for address in [address for address in self._servers if address not in wanted]:
            self._servers.pop(address).close()
        self._ports = wanted
        self._refused &= set(wanted.items())
        for address, port in wanted.items():
            if address not in self._servers:
                await self._listen(address, port)

    async def close(self) -> None:
        for server in self._servers.values():
            server.close()
        for task in self._connecting:
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        for side in list(self._sides):
            side.abort()
        self._servers.clear()

    def _note(self, _before: Object | None, _after: Object | None) -> None:
        self._changed.set()

    async def _next_change(self) -> None:
        seconds = _RETRY_SECONDS if self._refused else None
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
        # Many changes come together; one look at all of them is enough.
        await asyncio.sleep(_SETTLE_SECONDS)

    async def _listen(self, address: Address, port: ServicePort) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._servers[address] = await loop.create_server(lambda: Accepted(self, address), *address)
        except OSError as error:
            if (address, port) not in self._refused:
                self._refused.add((address, port))
                self._tell(address, port, error)
        else:
            self._refused.discard((address, port))

    def _tell(self, address: Address, port: ServicePort, error: OSError) -> None:
        # Where an ordinary user runs the cluster, low ports are closed to all Services: no news about this one.
        may_not = isinstance(error, PermissionError)
        remedy = "only root may; choose a port from 1024 up" if may_not else "free the port or choose another nodePort"
        text = f"cannot listen on {address[0]}:{address[1]}: {os.strerror(error.errno or 0)}; {remedy}"
        log.log(logging.INFO if may_not else logging.WARNING, "service %s/%s: %s", port.namespace, port.service, text)
        service = self._services.get(port.namespace, port.service)
        if service is not None:
            self._recorder.event(service, "Warning", "PortUnavailable", text)

    def accepted(self, side: Side, address: Address) -> None:
        self._sides.add(side)
        task = asyncio.create_task(self._connect(side, self._ports.get(address)))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def lost(self, side: Side) -> None:
        self._sides.discard(side)

    async def _connect(self, side: Side, port: ServicePort | None) -> None:
        """To the next endpoint in turn, or to the one after it when that one does not answer."""
        loop = asyncio.get_running_loop()
        for endpoint in self._in_turn(port):
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    _, upstream = await loop.create_connection(Side, *endpoint)
            except (OSError, TimeoutError):
                continue
            side.join(upstream)
            return
        # As a Service without endpoints: the connection is reset.
        side.abort()

    def _in_turn(self, port: ServicePort | None) -> tuple[Address, ...]:
        endpoints = self._endpoints.get(port, ()) if port is not None else ()
        if port is None or not endpoints:
            return ()
        turn = self._turns.get(port, 0) % len(endpoints)
        self._turns[port] = turn + 1
        return endpoints[turn:] + endpoints[:turn]


class Accepted(Side):
    """A connection that came in; tells the proxy of its beginning and end."""

    def __init__(self, proxy: ServiceProxy, address: Address) -> None:
        super().__init__()
        self._proxy = proxy
        self._address = address

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._proxy.accepted(self, self._address)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._proxy.lost(self)
