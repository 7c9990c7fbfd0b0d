"""One pod's life on this node: volumes, init containers, containers, status, graceful end.

One worker a pod; it reads the pod as last seen and writes only `status`, and at the end deletes the pod.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from localcluster.client import Object
from localcluster.controllers.clock import timestamp
from localcluster.errors import ApiError
from localcluster.node.container import ContainerRunner
from localcluster.node.eviction import Verdict, sentenced, until_outgrown, until_overdue
from localcluster.node.mounting import mounted
from localcluster.node.orders import Setting
from localcluster.node.patience import Patience
from localcluster.node.racing import cancelled
from localcluster.node.resuming import take_up
from localcluster.node.runtime import Runtime
from localcluster.node.sequence import Containers
from localcluster.node.status import (
    ContainerState,
    Place,
    is_sidecar,
    never_located,
    pod_status,
    waits_to_be_made,
)
from localcluster.node.statuspatch import patch_of
from localcluster.node.volumes import Volumes
from localcluster.resources import PODS

log = logging.getLogger(__name__)

_RETRY_STATUS_SECONDS = 1.0
_FORCED_GRACE_SECONDS = 2.0
_SANDBOX_CHANGED = "Pod sandbox changed, it will be killed and re-created."


class PodWorker:
    """`update` and `forget` come from the watch; `run` ends when the pod has left the node."""

    def __init__(self, runtime: Runtime, pod: Object, *, address: str) -> None:
        self.pod = pod
        self.address = address
        self._runtime = runtime
        self._directory = runtime.settings.directory / "pods" / pod["metadata"]["uid"]
        self._paths: dict[str, Path] = {}
        self._deleting = asyncio.Event()
        self._leaving = asyncio.Event()  # deleted or sentenced
        self._updated = asyncio.Event()
        self._verdict: Verdict | None = None
        self._patience: Patience | None = None  # what its end may take, once that has begun
        self._gone = False
        self._ending = False
        self._sandbox_ready = False
        self._shut_down = False
        self._publishing = asyncio.Lock()
        before = pod.get("status") or {}
        self._published: Object = before
        start_time = before.get("startTime") or timestamp(runtime.clock.now())
        self._place = Place(address, runtime.settings.address, start_time, told="podIP" in before)
        self._born = runtime.clock.monotonic()
        spec = pod["spec"]
        self.init = [self._runner(entry, init=True) for entry in spec.get("initContainers") or ()]
        self.containers = [self._runner(entry, init=False) for entry in spec["containers"]]
        self._order = Containers(self.init, self.containers, leaving=self._leaving, changed=self.publish)
        self.update(pod)

    @property
    def runners(self) -> list[ContainerRunner]:
        return [*self.init, *self.containers]

    @property
    def finished(self) -> bool:
        """Whether it ran to its end before this agent knew it."""
        return (self.pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}

    def update(self, pod: Object) -> None:
        self.pod = pod
        self._updated.set()
        if pod["metadata"].get("deletionTimestamp"):
            self._leave()

    def forget(self) -> None:
        """The pod is gone from the API (forced deletion)."""
        self._gone = True
        self._leave()

    async def run(self) -> None:
        """Until the pod was deleted; whatever it left on this machine is removed."""
        if not self.finished and not self._deleting.is_set():
            await self._live()
        elif not self.finished:
            self._ending = True
            await self.publish()
        await self._deleting.wait()
        if not self._gone:
            await self._delete()
        self._clean()

    async def shut_down(self, grace_seconds: float) -> None:
        """The node stops: containers end, the API keeps the pod as it is."""
        self._gone = self._shut_down = True
        patience = Patience(grace_seconds, clock=self._runtime.clock, least=0.0)
        await asyncio.gather(*(runner.stop(patience) for runner in self.runners))
        self._leave()

    async def publish(self) -> None:
        """Patches the pod's status when it has changed; tries again when the API is in trouble."""
        async with self._publishing:
            while not self._gone:
                status = self._status()
                if all(self._published.get(key) == value for key, value in status.items()):
                    return
                try:
                    await self._patch(status)
                    self._published = {**self._published, **status}
                except ApiError as error:
                    if error.code in {404, 409}:
                        return
                    log.warning("status of pod %s was not taken, trying again: %s", self._name, error)
                    await self._runtime.clock.sleep(_RETRY_STATUS_SECONDS)

    # --- the life ------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        work = asyncio.create_task(self._work(), name=f"pod {self._name}")
        overdue = until_overdue(
            lambda: self.pod, started=self._place.start_time, updated=self._updated, clock=self._runtime.clock
        )
        deadline = asyncio.create_task(self._sentence(overdue))
        leaving = asyncio.create_task(self._leaving.wait())
        try:
            await asyncio.wait((work, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await self._stop()
            await work
        finally:
            await cancelled((leaving, deadline, work))
        if self._verdict is not None and self._verdict.disrupted:
            await asyncio.to_thread(self._volumes().remove)  # what it was evicted for
        await self._tell_end()

    async def _tell_end(self) -> None:
        """What is known with the sandbox still there, what without it, and last what nobody found."""
        waiting = [runner.state for runner in self.containers if "waiting" in runner.state.state]
        if self._leaving.is_set() and waiting:
            self._sandbox_ready = False
            await self.publish()
            for state in waiting:
                never_located(state)
        self._ending = True
        if not self._deleting.is_set():
            await self.publish()
        self._sandbox_ready = False
        await self.publish()

    async def _work(self) -> None:
        if any(runner.state.container_id for runner in self.runners):
            self._runtime.recorder.event(self.pod, "Normal", "SandboxChanged", _SANDBOX_CHANGED)
        await self.publish()
        volumes = self._volumes()
        paths = await mounted(volumes, lambda: self.pod, runtime=self._runtime, leaving=self._leaving)
        if paths is None:
            return
        self._paths = paths
        self._sandbox_ready = True
        await self.publish()
        self._place = replace(self._place, told=True)
        fresh = volumes.keep_fresh(lambda: self.pod)
        outgrown = until_outgrown(self.pod, self._paths, clock=self._runtime.clock)
        aside = [asyncio.create_task(fresh), asyncio.create_task(self._sentence(outgrown))]
        try:
            await self._order.run(patience=self._last_patience)
        finally:
            await cancelled(aside)

    async def _stop(self) -> None:
        for runner in self.runners:
            runner.will_stop()
        await self.publish()
        await self._order.stop(self._last_patience())

    def _last_patience(self) -> Patience:
        """One for the whole end of the pod, which a later word about it may shorten."""
        if self._patience is None:
            self._patience = Patience(self._grace, clock=self._runtime.clock)
        return self._patience

    async def _delete(self) -> None:
        metadata = self.pod["metadata"]
        try:
            await self._runtime.client.delete(
                PODS, metadata["name"], namespace=metadata["namespace"], uid=metadata["uid"], grace_period_seconds=0
            )
        except ApiError as error:
            if error.code not in {404, 409}:
                raise

    def _clean(self) -> None:
        for runner in self.runners:
            runner.kill()
            self._runtime.hosts.remove(self._container_directory(runner.state.name) / "etc" / "hosts")
        if not (self._shut_down and self._runtime.settings.keep):
            shutil.rmtree(self._directory, ignore_errors=True)

    # --- parts ---------------------------------------------------------------------------------------------------

    async def _sentence(self, waiting: Coroutine[Any, Any, Verdict | None]) -> None:
        """The node ends the pod by itself when it comes to a verdict."""
        verdict = await waiting
        if verdict is not None and not self._leaving.is_set():
            self._verdict = verdict
            self._runtime.recorder.event(self.pod, verdict.event, verdict.reason, verdict.message)
            self._leaving.set()

    def _leave(self) -> None:
        self._deleting.set()
        self._leaving.set()
        if self._patience is not None:
            self._patience.shorten(self._grace)

    async def _patch(self, status: Object) -> None:
        metadata = self.pod["metadata"]
        await self._runtime.client.patch(
            PODS, metadata["name"], {"metadata": {"uid": metadata["uid"]}, "status": patch_of(self._published, status)},
            patch_type="application/strategic-merge-patch+json", namespace=metadata["namespace"], subresource="status",
            field_manager="kubelet",
        )  # fmt: skip

    def _status(self) -> Object:
        scheduled = (self.pod.get("status") or {}).get("conditions") or []
        known = {condition["type"]: condition for condition in [*scheduled, *(self._published.get("conditions") or [])]}
        now = timestamp(self._runtime.clock.now())
        status = pod_status(
            self.pod, {**self._published, "conditions": list(known.values())}, place=self._place,
            init=[runner.state for runner in self.init], containers=[runner.state for runner in self.containers],
            sandbox_ready=self._sandbox_ready, ending=self._ending, now=now,
        )  # fmt: skip
        if self._verdict is not None and self._ending and not self._sandbox_ready:
            return sentenced(status, self._verdict, previous=known.get("DisruptionTarget"), now=now)
        return status

    def _runner(self, spec: Object, *, init: bool) -> ContainerRunner:
        policy = self.pod["spec"].get("restartPolicy", "Always")
        if init:
            policy = "Always" if is_sidecar(spec) else "Never" if policy == "Never" else "OnFailure"
        state = ContainerState(spec, waits_to_be_made(self.pod))
        before = self._published.get("initContainerStatuses" if init else "containerStatuses") or ()
        runner = ContainerRunner(self._runtime, self._setting, state, policy=policy, changed=self.publish)
        # Init containers run again in a new sandbox, however they ended in the one before.
        again, directory = "Always" if init and policy != "Never" else policy, self._container_directory(state.name)
        runner.log = take_up(state, before, directory=directory, policy=again, clock=self._runtime.clock)
        return runner

    def _setting(self) -> Setting:
        return Setting(self.pod, self._directory, self.address, self._paths, self._born)

    def _container_directory(self, name: str) -> Path:
        return Path(self._directory, "containers", name)

    def _volumes(self) -> Volumes:
        runtime = self._runtime
        return Volumes(
            directory=self._directory / "volumes", claims=runtime.claims, client=runtime.client, clock=runtime.clock,
            token_issuer=runtime.token_issuer, enforce_owner=runtime.enforces_users, allocatable=runtime.allocatable,
        )  # fmt: skip

    @property
    def _grace(self) -> float:
        metadata = self.pod["metadata"]
        if self._gone:
            return _FORCED_GRACE_SECONDS
        if self._verdict is not None and self._verdict.grace is not None:
            return self._verdict.grace
        return float(
            metadata.get("deletionGracePeriodSeconds", self.pod["spec"].get("terminationGracePeriodSeconds", 30))
        )

    @property
    def _name(self) -> str:
        return f"{self.pod['metadata']['namespace']}/{self.pod['metadata']['name']}"
