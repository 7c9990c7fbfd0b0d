"""What a container that does not run says, and how long it waits: for its image, its configuration, its next start.

Writes the waiting state and its Events; must not start anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from localcluster.client import Object
from localcluster.controllers.clock import Clock, timestamp
from localcluster.controllers.recorder import EventKind
from localcluster.node.backoff import BackOff
from localcluster.node.images import ImageError
from localcluster.node.racing import first_of
from localcluster.node.status import ContainerState
from localcluster.node.termination import not_started_state

_FIRST_LOOK_SECONDS = 0.5
_LOOK_SECONDS = 12.5
"""kubelet looks at a pod in trouble again after ten seconds and up to half as long more."""
_LATE = 1.1
"""A back-off that has ended is noticed by the next look, a little after."""


class Waiting:
    """The waits of one container. Every wait ends at once when `stopping` is set."""

    def __init__(
        self, state: ContainerState, clock: Clock, *, pod: Callable[[], Object],
        event: Callable[[EventKind, str, str], None], changed: Callable[[], Awaitable[None]], stopping: asyncio.Event,
    ) -> None:  # fmt: skip
        self._state = state
        self._clock = clock
        self._pod = pod
        self._event = event
        self._changed = changed
        self._stopping = stopping
        self._restarts = BackOff()
        self._pulls = BackOff()
        self._looked = False
        self._ended: float | None = None  # when the last run ended

    def has_image(self) -> None:
        image = self._state.spec["image"]
        present = f'Container image "{image}" already present on machine and can be accessed by the pod'
        self._event("Normal", "Pulled", present)

    async def without_image(self, error: ImageError) -> None:
        """The Events and states of a failed pull, then the back-off."""
        image = self._state.spec["image"]
        if error.reason == "InvalidImageName":
            self._event("Warning", "InspectFailed", error.message)
            await self._tell(error.reason, error.message, told=error.reason)
            await self._until_next_look()
            return
        self._event("Normal", "Pulling", f'Pulling image "{image}"')
        self._event("Warning", "Failed", f'Failed to pull image "{image}": {error.message}')
        await self._tell(error.reason, error.message, told=error.reason)
        failed = self._clock.monotonic()
        self._pulls.grow(ended=failed, now=failed)
        left = self._pulls.seconds
        left -= await self._until_next_look()
        while left > 0 and not self._stopping.is_set():
            self._event("Normal", "BackOff", f'Back-off pulling image "{image}"')
            self._event("Warning", "Failed", "Error: ImagePullBackOff")
            left -= await self._until_next_look()
            text = f'Back-off pulling image "{image}": {error.reason}: {error.message}'
            await self._show("ImagePullBackOff", text)

    async def because(self, reason: str, message: str) -> None:
        """A container that cannot be made yet; what is missing may appear."""
        await self._tell(reason, message, told=message)
        await self._until_next_look()

    async def not_started(self, message: str, *, again: bool) -> None:
        """A program that could not be started counts as a run that ended with 128."""
        self._event("Warning", "Failed", f"Error: {message}")
        now = timestamp(self._clock.now())
        self._state.state = not_started_state(now, container_id=self._state.container_id, message=message)
        if again:
            self._put_off("RunContainerError", message)
        await self._changed()

    async def after_hook(self, message: str) -> None:
        """After a run that was ended because its postStart hook had failed."""
        self._put_off("PostStartHookError", message)
        await self._changed()

    async def to_restart(self, *, unhealthy: bool) -> None:
        """After a run that ended: the back-off, then the next restart is counted.

        Where a probe ended the run (`unhealthy`), kubelet restarts in the same breath, and judges by the run before.
        """
        now = self._clock.monotonic()
        ended, self._ended = (self._ended if unhealthy else now), now
        if "terminated" in self._state.state:
            self._state.last_state = self._state.state
        if ended is not None:
            if self._restarts.holds(ended=ended, now=now):
                await self._back_off(self._restarts.seconds, at_once=unhealthy)
            self._restarts.grow(ended=ended, now=self._clock.monotonic())
        if not self._stopping.is_set():
            self._state.restart_count += 1

    async def _back_off(self, seconds: float, *, at_once: bool) -> None:
        """The state is told when kubelet next looks at the pod: most often when the wait is over."""
        metadata = self._pod()["metadata"]
        pod = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        name = self._state.name
        text = f"back-off {_spoken(seconds)} restarting failed container={name} pod={pod}"
        self._event("Warning", "BackOff", f"Back-off restarting failed container {name} in pod {pod}")
        if at_once:
            await self._show("CrashLoopBackOff", text)
        await self._pause(seconds * _LATE)
        if not at_once:
            await self._show("CrashLoopBackOff", text)

    async def _tell(self, reason: str, message: str, *, told: str) -> None:
        self._event("Warning", "Failed", f"Error: {told}")
        await self._show(reason, message)

    async def _show(self, reason: str, message: str) -> None:
        if not self._stopping.is_set():
            self._state.state = {"waiting": {"reason": reason, "message": message}}
            await self._changed()

    def _put_off(self, reason: str, message: str) -> None:
        """It has ended, and is going to be started again."""
        self._state.last_state = self._state.state
        self._state.state = {"waiting": {"reason": reason, "message": message}}

    async def _until_next_look(self) -> float:
        """Seconds waited for: kubelet's second look comes soon, the others at leisure."""
        seconds = _LOOK_SECONDS if self._looked else _FIRST_LOOK_SECONDS
        self._looked = True
        await self._pause(seconds)
        return seconds

    async def _pause(self, seconds: float) -> None:
        await first_of(self._clock.sleep(seconds), self._stopping.wait())


def _spoken(seconds: float) -> str:
    """As Go prints a duration: 40s, 1m20s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
