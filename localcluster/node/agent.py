"""The node agent: registers the Node, runs its pods, and offers their logs, addresses and usage.

Parts are put together here; the work itself is in the modules beside.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock, SystemClock
from localcluster.controllers.informer import Informers
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError, bad_request, not_found
from localcluster.node import sandbox as sandboxes
from localcluster.node.addresses import PodAddresses
from localcluster.node.attaching import AttachedContainer
from localcluster.node.claimdata import remove_data, remove_orphans
from localcluster.node.commands import ExecutedCommand, open_command
from localcluster.node.container import ContainerRunner
from localcluster.node.dns import HostsFiles, records
from localcluster.node.heartbeat import Heartbeat
from localcluster.node.images import find_mongod
from localcluster.node.lease import NodeLease
from localcluster.node.limits.choice import choose
from localcluster.node.limits.protocol import Limiter
from localcluster.node.logs import LogQuery, read_log, seconds_before
from localcluster.node.metrics import ContainerUsage, MetricsEndpoint
from localcluster.node.places import places_of
from localcluster.node.pod import PodWorker
from localcluster.node.racing import ended
from localcluster.node.resuming import clear_leftovers
from localcluster.node.runtime import Runtime
from localcluster.node.sandbox import Sandbox
from localcluster.node.serviceproxy import ServiceProxy
from localcluster.node.settings import Authorize, NodeSettings, TokenIssuer
from localcluster.node.tokens import KeptTokens
from localcluster.resources import ENDPOINT_SLICES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, SERVICES

log = logging.getLogger(__name__)

_RETRY_SECONDS = 2.0


class NodeAgent:
    """One node. `start` returns once the Node is registered and its pods are being run."""

    def __init__(
        self, client: Client, *, settings: NodeSettings, token_issuer: TokenIssuer, authorize: Authorize,
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self.settings = settings
        self._client = client
        self._clock = clock or SystemClock()
        self._token_issuer = KeptTokens(token_issuer, self._clock)
        self._informers = Informers(client, self._clock)
        self._pods = self._informers.of(PODS)
        self._services = self._informers.of(SERVICES)
        self._slices = self._informers.of(ENDPOINT_SLICES)
        self._claims = self._informers.of(PERSISTENT_VOLUME_CLAIMS)
        self._volumes = self._informers.of(PERSISTENT_VOLUMES)
        self._recorder = Recorder(client, "kubelet", self._clock, host=settings.name)
        self._hosts = HostsFiles(self._records)
        self._proxy = ServiceProxy(settings.node_port_address, self._services, self._slices, self._recorder)
        self._endpoint = MetricsEndpoint(settings, self.usage, authorize, self._clock)
        self._addresses = PodAddresses(settings.octet)
        self._workers: dict[str, PodWorker] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._background: list[asyncio.Task[None]] = []
        self._commands: dict[asyncio.Task[int], ExecutedCommand] = {}  # each by who waits for its end
        self._executing: set[asyncio.Task[tuple[int, str] | None]] = set()
        self._limiter: Limiter | None = None
        self._sandbox: Sandbox | None = None
        self._dns_changed = asyncio.Event()

    # --- life ----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        settings = self.settings
        shutil.rmtree(settings.directory / "probe", ignore_errors=True)
        settings.directory.mkdir(parents=True, exist_ok=True)
        settings.directory.chmod(0o700)  # Secrets of pods lie in it
        self._limiter = choose(settings.limits, name=f"surgeboard-{settings.octet}")
        places = places_of(settings.project_root, mongod=find_mongod())
        sandbox, text = await sandboxes.probe(
            settings.directory, places=places, hidden=[settings.directory, *settings.hidden]
        )
        self._sandbox = sandbox
        runtime = Runtime(
            settings, self._client, self._clock, self._recorder, self._limiter, self._hosts, places, sandbox, text,
            self._token_issuer, self._services.list,
        )  # fmt: skip
        heartbeat = Heartbeat(self._client, settings, self._clock, limits=self._limiter.description, sandbox=text)
        await heartbeat.register(ready=sandbox is not None)
        lease = NodeLease(self._client, settings.name, self._clock)
        self._spawn(self._informers.run(), self._recorder.run(), heartbeat.run(), lease.run())
        await self._informers.synced()
        remove_orphans(runtime.claims, self._claims.list(), self._volumes.list())
        clear_leftovers(settings.directory / "pods", self._pods.list())
        await self._endpoint.start()
        self._spawn(self._proxy.run(), self._follow_names())
        self._services.on_change(self._names_changed)
        self._slices.on_change(self._names_changed)
        self._volumes.on_change(lambda before, after: _volume_changed(runtime, before, after))
        self._pods.on_change(lambda before, after: self._pod_changed(runtime, before, after))

    async def stop(self) -> None:
        """Ends every process this node started; the API is left as it is."""
        grace = self.settings.stop_grace_seconds
        await asyncio.gather(*(worker.shut_down(grace) for worker in list(self._workers.values())))
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in [*self._tasks, *self._background]:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._background, return_exceptions=True)
        for command in self._commands.values():
            command.close()
        await ended([*self._commands, *self._executing])  # their containers have gone, and they with those
        await self._proxy.close()
        await self._endpoint.stop()
        if self._limiter is not None:
            self._limiter.close()

    # --- what the API server asks --------------------------------------------------------------------------------

    async def logs(
        self, namespace: str, pod: str, container: str, *, follow: bool = False, previous: bool = False,
        tail_lines: int | None = None, since_seconds: float | None = None, timestamps: bool = False,
        limit_bytes: int | None = None,
    ) -> AsyncIterator[bytes]:  # fmt: skip
        """The container's log; ApiError 400 while there is none. The error comes with the call, not the iteration."""
        runner = self._container(namespace, pod, container)
        chosen = runner.previous_log if previous else runner.log
        name = runner.state.name
        if chosen is None and previous:
            raise bad_request(f'previous terminated container "{name}" in pod "{pod}" not found')
        if chosen is None:
            waiting = runner.state.state.get("waiting") or {"reason": "ContainerCreating"}
            reason = waiting["reason"]
            if reason in {"ErrImagePull", "ImagePullBackOff"}:
                reason = "trying and failing to pull image"
            raise bad_request(f'container "{name}" in pod "{pod}" is waiting to start: {reason}')
        since = None if since_seconds is None else seconds_before(self._clock.now(), since_seconds)
        return read_log(chosen, LogQuery(follow, tail_lines, since, timestamps, limit_bytes))

    def pod_endpoint(self, namespace: str, pod: str, port: int) -> tuple[str, int]:
        """Where the pod's `port` answers; ApiError 404 when this node does not run it."""
        return self._worker(namespace, pod).address, port

    async def execute(
        self, namespace: str, pod: str, container: str, command: list[str], *, timeout_seconds: float
    ) -> tuple[int, str] | None:
        """Runs `command` in the container without a terminal: exit code and output, or None when time ran out."""
        runner = self._container(namespace, pod, container)
        executing = asyncio.create_task(runner.execute(command, timeout_seconds=timeout_seconds))
        self._executing.add(executing)
        executing.add_done_callback(self._executing.discard)
        return await executing

    async def open_command(
        self, namespace: str, pod: str, container: str, arguments: Sequence[str], *, stdin: bool, tty: bool
    ) -> ExecutedCommand:
        """A further command in the container; ApiError 500 while that does not run."""
        running, sandbox = self._container(namespace, pod, container).running, self._sandbox
        if running is None or sandbox is None:
            raise _no_container(container)
        command = await open_command(sandbox, running, arguments, stdin=stdin, tty=tty)
        ending = asyncio.create_task(command.wait())
        self._commands[ending] = command
        ending.add_done_callback(self._commands.pop)
        return command

    async def attach(self, namespace: str, pod: str, container: str, *, stdin: bool) -> AttachedContainer:
        """The container's own ends; ApiError 500 while it does not run."""
        runner = self._container(namespace, pod, container)
        if runner.running is None or runner.log is None:
            raise _no_container(container)
        once = bool(runner.state.spec.get("stdinOnce"))
        return AttachedContainer(runner.running, runner.log, stdin=stdin, stdin_once=once)

    def usage(self) -> list[ContainerUsage]:
        """What every running container has used."""
        found = []
        for worker in self._workers.values():
            for runner in worker.runners:
                used, started = runner.usage(), runner.state.state.get("running")
                if used is not None and started:
                    metadata = worker.pod["metadata"]
                    name = runner.state.name
                    found.append(
                        ContainerUsage(metadata["namespace"], metadata["name"], name, started["startedAt"], used)
                    )
        return found

    # --- following the API ---------------------------------------------------------------------------------------

    def _pod_changed(self, runtime: Runtime, before: Object | None, after: Object | None) -> None:
        uid = (after or before or {})["metadata"]["uid"]
        worker = self._workers.get(uid)
        if after is None:
            if worker is not None:
                worker.forget()
        elif worker is not None:
            worker.update(after)
        elif after["spec"].get("nodeName") == self.settings.name:
            self._run_pod(runtime, after)

    def _run_pod(self, runtime: Runtime, pod: Object) -> None:
        host_network = bool(pod["spec"].get("hostNetwork"))
        last = (pod.get("status") or {}).get("podIP", "")
        address = self.settings.address if host_network else self._addresses.take(preferred=last)
        worker = PodWorker(runtime, pod, address=address)
        uid = pod["metadata"]["uid"]
        self._workers[uid] = worker
        task = asyncio.create_task(self._work(worker), name=f"worker of pod {uid}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._pod_left(uid, address, done))

    def _pod_left(self, uid: str, address: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._workers.pop(uid, None)
        self._addresses.free(address)

    async def _work(self, worker: PodWorker) -> None:
        while True:
            try:
                await worker.run()
            except Exception:  # outermost loop of a worker: one pod's trouble must not end the node
                log.exception("pod %s failed on this node, trying again", worker.pod["metadata"]["name"])
                await self._clock.sleep(_RETRY_SECONDS)
            else:
                return

    def _names_changed(self, _before: Object | None, _after: Object | None) -> None:
        self._dns_changed.set()

    async def _follow_names(self) -> None:
        """Hosts files once for many changes of the same moment."""
        while True:
            await self._dns_changed.wait()
            self._dns_changed.clear()
            self._hosts.update()
            await self._clock.sleep(0.05)

    def _records(self) -> list[tuple[str, str, tuple[str, ...]]]:
        host, _ = self.settings.api_server
        return records(self._services.list(), self._slices.list(), api_server=host)

    # --- finding -------------------------------------------------------------------------------------------------

    def _worker(self, namespace: str, name: str) -> PodWorker:
        for worker in self._workers.values():
            metadata = worker.pod["metadata"]
            if (metadata["namespace"], metadata["name"]) == (namespace, name):
                return worker
        raise not_found(resource="pods", group="", name=name)

    def _container(self, namespace: str, pod: str, container: str) -> ContainerRunner:
        worker = self._worker(namespace, pod)
        if not container and len(worker.containers) == 1:
            return worker.containers[0]
        for runner in worker.runners:
            if runner.state.name == container:
                return runner
        if container:
            raise bad_request(f"container {container} is not valid for pod {pod}")
        names = " ".join(runner.state.name for runner in worker.containers)
        raise bad_request(f"a container name must be specified for pod {pod}, choose one of: [{names}]")

    def _spawn(self, *works: Coroutine[Any, Any, None]) -> None:
        self._background += [asyncio.create_task(work) for work in works]


def _no_container(name: str) -> ApiError:
    return ApiError(500, "InternalError", f'unable to upgrade connection: container not found ("{name}")', {})


def _volume_changed(runtime: Runtime, before: Object | None, after: Object | None) -> None:
    if after is None and before is not None:
        remove_data(runtime.claims, before)
