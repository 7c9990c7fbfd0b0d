"""One container's life: started, probed, ended, started again with back-off; keeps its `ContainerState` true.

Must not know the pod's other containers; the pod is told of every change by a callback.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from localcluster.controllers.clock import timestamp
from localcluster.controllers.recorder import EventKind
from localcluster.errors import ApiError
from localcluster.node import orders as ordering
from localcluster.node import probes
from localcluster.node.checks import Checks
from localcluster.node.commands import run_command
from localcluster.node.ending import end, recorded
from localcluster.node.environment import ConfigError
from localcluster.node.images import Image, ImageError, resolve
from localcluster.node.limits.protocol import Group, Usage
from localcluster.node.logs import ContainerLog
from localcluster.node.memory import watch_memory
from localcluster.node.patience import Patience
from localcluster.node.racing import cancelled, ended
from localcluster.node.resuming import starts_again
from localcluster.node.runtime import Runtime
from localcluster.node.sandbox import Orders, Running, StartError
from localcluster.node.status import ContainerState, without_hope
from localcluster.node.termination import NOT_STARTED, terminated_state, termination_message
from localcluster.node.waiting import Waiting

log = logging.getLogger(__name__)


class ContainerRunner:
    """Runs one container of one pod until it has ended for good.

    `policy`: Always, OnFailure or Never, of this container. `changed` publishes the pod's status.
    """

    def __init__(
        self, runtime: Runtime, setting: Callable[[], ordering.Setting], state: ContainerState, *, policy: str,
        changed: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self.state = state
        self.log: ContainerLog | None = None
        self.previous_log: ContainerLog | None = None
        self.has_started = asyncio.Event()
        self.tried = asyncio.Event()  # set once something became of its first start
        self._runtime = runtime
        self._setting = setting
        self._policy = policy
        self._publish = changed
        self._hooks = state.spec.get("lifecycle") or {}
        self._stopping = asyncio.Event()
        self._waiting = Waiting(
            state, runtime.clock, pod=lambda: setting().pod, event=self._event, changed=self._changed,
            stopping=self._stopping,
        )  # fmt: skip
        self.running: Running | None = None  # the program, while it runs
        self._group: Group | None = None
        self.gone = asyncio.Event()  # set while it has no process
        self.gone.set()
        self._failed_liveness: asyncio.Task[None] | None = None
        self._unhealthy = False  # whether a probe has ended the last run
        self._hook_failure = ""  # why its postStart hook has ended it

    # --- from outside --------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until the container has ended and its policy does not start it again, or `stop` was called."""
        if self.state.exit_code is not None and not self._starts_again(self.state.exit_code):
            return  # it had ended before the node was started again
        try:
            while not self._stopping.is_set():
                code = await self._one_run()
                if code is not None and not self._starts_again(code):
                    return
                if code is not None:
                    await self._waiting.to_restart(unhealthy=self._unhealthy)
                    self.has_started.clear()
        finally:
            self.kill()

    def will_stop(self) -> None:
        """From now on it is not started again."""
        self._stopping.set()
        self.state.state = without_hope(self.state, pod=self._setting().pod)

    async def stop(self, patience: Patience, *, turn: Callable[[], Awaitable[Any]] | None = None) -> None:
        """preStop, its `turn`, SIGTERM, at most `patience`, SIGKILL; returns when the process has gone."""
        self._stopping.set()
        if self.running is not None:
            self._event("Normal", "Killing", f"Stopping container {self.state.name}")
            await self._terminate(patience, turn=turn)

    def kill(self) -> None:
        """SIGKILL at once."""
        if self.running is not None:
            self.running.signal(signal.SIGKILL)

    def usage(self) -> Usage | None:
        """None while the container does not run."""
        return self._group.usage() if self._group is not None and self.running is not None else None

    async def execute(self, command: list[str], *, timeout_seconds: float) -> tuple[int, str] | None:
        """Runs `command` inside the container; None when time ran out."""
        running, sandbox = self.running, self._runtime.sandbox
        if running is None or sandbox is None:
            return 1, f"container {self.state.name} is not running"
        return await run_command(sandbox, running, command, timeout_seconds=timeout_seconds)

    # --- one run -------------------------------------------------------------------------------------------------

    async def _one_run(self) -> int | None:
        """The exit code, or None when the container could not be made and is to be tried again."""
        try:
            image = resolve(self.state.spec["image"], places=self._runtime.places)
        except ImageError as error:
            await self._waiting.without_image(error)
            return None
        self._waiting.has_image()
        try:
            return await self._made(image)
        except (ConfigError, ApiError) as error:
            await self._waiting.because("CreateContainerConfigError", str(error))
        except OSError as error:
            await self._waiting.because("CreateContainerError", str(error))
        return None

    async def _made(self, image: Image) -> int:
        name = f"{self._setting().pod['metadata']['uid']}-{self.state.name}-{self.state.restart_count}"
        group = self._runtime.limiter.create(name, ordering.limits_of(self.state.spec))
        try:
            return await self._in_group(image, group, self._directory)
        finally:
            self.running = self._group = None
            group.close()

    async def _in_group(self, image: Image, group: Group, directory: Path) -> int:
        setting = replace(self._setting(), directory=directory)
        orders = await ordering.build(self._runtime, setting, self.state.spec, image, cgroups=tuple(group.join_files))
        self._event("Normal", "Created", "Container created")
        output = self._new_log(directory)
        self.state.container_id = f"localprocess://{secrets.token_hex(32)}"
        self.state.image_id = f"localprocess://{image.name}"
        try:
            running = await self._start(orders)
        except BaseException as error:
            output.close()
            if not isinstance(error, StartError):
                raise
            await self._waiting.not_started(str(error), again=self._starts_again(NOT_STARTED))
            return NOT_STARTED
        self.running, self._group = running, group
        self.gone.clear()
        self._hook_failure = ""
        group.attach(running.pid)
        if self._stopping.is_set():
            self.kill()  # `stop` came while it was being started, and found nothing
        self._event("Normal", "Started", "Container started")
        return await self._live(running, group, output)

    async def _start(self, orders: Orders) -> Running:
        if self._runtime.sandbox is None:
            raise StartError(f"this machine cannot run containers: {self._runtime.sandbox_text}")
        return await self._runtime.sandbox.start(orders)

    async def _live(self, running: Running, group: Group, output: ContainerLog) -> int:
        """From the start to the end of the process; `state` is terminated on return."""
        started_at = timestamp(self._runtime.clock.now())
        try:
            async with recorded(running, output):
                tasks = [asyncio.create_task(watch_memory(group, clock=self._runtime.clock, kill=self.kill))]
                try:
                    if "postStart" not in self._hooks:
                        await self._tell_running(started_at)
                    tasks.append(asyncio.create_task(self._begin(started_at)))
                    code = await running.wait()
                finally:
                    await cancelled(tasks)
        finally:
            ending = self._failed_liveness
            self.running, self._unhealthy = None, ending is not None
            self.gone.set()
            # Who was ending it is waited for, since its hook may be a process yet.
            await ended([] if ending is None else [ending])
        out_of_memory = code == 128 + signal.SIGKILL and group.out_of_memory()
        message = termination_message(self.state.spec, ordering.termination_log(self._directory), output, code)
        self.state.state = terminated_state(
            code, out_of_memory=out_of_memory, started_at=started_at, finished_at=timestamp(self._runtime.clock.now()),
            container_id=self.state.container_id, message=message,
        )  # fmt: skip
        self.state.ready = self.state.started = False
        if self._hook_failure and self._starts_again(code):
            await self._waiting.after_hook(self._hook_failure)
        elif not self._stopping.is_set() and not (self._unhealthy and self._starts_again(code)):
            await self._changed()  # else kubelet is in the middle of ending it, and tells the outcome alone
        return code

    async def _begin(self, started_at: str) -> None:
        """postStart, then Running, then the probes until the process ends."""
        checks = self._checks()
        if not self.state.running:
            outcome = await checks.hook("postStart")
            if not outcome.ok:
                self._hook_failure = outcome.message
                self._event("Normal", "Killing", "FailedPostStartHook")
                await self._terminate(Patience(self._grace, clock=self._runtime.clock))
                return
            await self._tell_running(started_at)
        await checks.probe(
            self.has_started, on_started=self._on_started, on_readiness=self._on_readiness,
            on_unhealthy=self._on_unhealthy,
        )  # fmt: skip

    async def _tell_running(self, started_at: str) -> None:
        self.state.state = {"running": {"startedAt": started_at}}
        await self._set_started(started="startupProbe" not in self.state.spec)

    async def _set_started(self, *, started: bool) -> None:
        self.state.started = started
        self.state.ready = started and "readinessProbe" not in self.state.spec
        if started:
            self.has_started.set()
        await self._changed()

    # --- health --------------------------------------------------------------------------------------------------

    def _checks(self) -> Checks:
        setting = self._setting()
        ports = {port["name"]: port["containerPort"] for port in self.state.spec.get("ports") or () if port.get("name")}
        target = probes.Target(setting.pod_ip, ports, self.execute)
        return Checks(
            self.state.spec, target, clock=self._runtime.clock, event=self._event, grace=self._grace, born=setting.born
        )

    async def _on_started(self) -> None:
        if not self.state.started:
            await self._set_started(started=True)

    async def _on_readiness(self, *, ready: bool) -> None:
        if not self._stopping.is_set():
            self.state.ready = ready
            await self._changed()

    async def _on_unhealthy(self, label: str, grace_seconds: float) -> None:
        """A liveness or startup probe has failed for good."""
        if self._stopping.is_set() or self._failed_liveness is not None:
            return
        text = f"Container {self.state.name} failed {label} probe, will be restarted"
        self._event("Normal", "Killing", text)
        self._failed_liveness = asyncio.create_task(self._terminate(Patience(grace_seconds, clock=self._runtime.clock)))
        self._failed_liveness.add_done_callback(self._forget_liveness)

    def _forget_liveness(self, _task: asyncio.Task[None]) -> None:
        self._failed_liveness = None

    async def _terminate(self, patience: Patience, *, turn: Callable[[], Awaitable[Any]] | None = None) -> None:
        if self.running is not None:
            hook = partial(self._checks().hook, "preStop") if "preStop" in self._hooks else None
            await end(self.running, self.gone, patience=patience, pre_stop=hook, turn=turn)

    # --- parts ---------------------------------------------------------------------------------------------------

    async def _changed(self) -> None:
        self.tried.set()
        await self._publish()

    def _starts_again(self, code: int) -> bool:
        if self._stopping.is_set():
            return False
        return starts_again(self._policy, code)

    def _new_log(self, directory: Path) -> ContainerLog:
        if self.previous_log is not None:
            self.previous_log.remove()
        self.previous_log = self.log
        self.log = ContainerLog(directory / "logs" / f"{self.state.restart_count}.log", self._runtime.clock)
        return self.log

    @property
    def _directory(self) -> Path:
        return self._setting().directory / "containers" / self.state.name

    @property
    def _grace(self) -> float:
        return float(self._setting().pod["spec"].get("terminationGracePeriodSeconds", 30))

    def _event(self, kind: EventKind, reason: str, message: str) -> None:
        field = f"spec.containers{{{self.state.name}}}"
        self._runtime.recorder.event(self._setting().pod, kind, reason, message, field_path=field)
