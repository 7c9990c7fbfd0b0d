"""What a container that does not run says, and how long it waits: for its image, its configuration, its next start.

Writes the waiting state and its Events; must not start anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from localcluster.client import Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.recorder import EventKind
from localcluster.node.backoff import FIRST_SECONDS, BackOff
from localcluster.node.images import ImageError
from localcluster.node.status import ContainerState

_RETRY_SECONDS = 5.0
_BETWEEN_PULL_AND_BACK_OFF_SECONDS = 1.0


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

    def has_image(self) -> None:
        image = self._state.spec["image"]
        present = f'Container image "{image}" already present on machine and can be accessed by the pod'
        self._event("Normal", "Pulled", present)

    async def without_image(self, error: ImageError) -> None:
        """The Events and states of a failed pull, then the back-off."""
        image = self._state.spec["image"]
        seconds = max(FIRST_SECONDS, self._pulls.after(0.0))
        if error.reason == "InvalidImageName":
            self._event("Warning", "InspectFailed", error.message)
            await self._wait(error.reason, error.message, seconds, told=error.reason)
            return
        self._event("Normal", "Pulling", f'Pulling image "{image}"')
        self._event("Warning", "Failed", f'Failed to pull image "{image}": {error.message}')
        await self._wait(error.reason, error.message, _BETWEEN_PULL_AND_BACK_OFF_SECONDS, told=error.reason)
        if self._stopping.is_set():
            return
        self._event("Normal", "BackOff", f'Back-off pulling image "{image}"')
        text = f'Back-off pulling image "{image}": {error.reason}: {error.message}'
        await self._wait("ImagePullBackOff", text, seconds, told="ImagePullBackOff")

    async def because(self, reason: str, message: str) -> None:
        """A container that cannot be made yet; what is missing may appear."""
        await self._wait(reason, message, _RETRY_SECONDS, told=message)

    async def to_restart(self, ran_seconds: float) -> None:
        """After a run that ended: the back-off, then the next restart is counted."""
        if "terminated" in self._state.state:
            self._state.last_state = self._state.state
        seconds = self._restarts.after(ran_seconds)
        if seconds:
            metadata = self._pod()["metadata"]
            pod = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
            name = self._state.name
            self._event("Warning", "BackOff", f"Back-off restarting failed container {name} in pod {pod}")
            text = f"back-off {_spoken(seconds)} restarting failed container={name} pod={pod}"
            self._state.state = {"waiting": {"reason": "CrashLoopBackOff", "message": text}}
            await self._changed()
            await self._pause(seconds)
        if not self._stopping.is_set():
            self._state.restart_count += 1

    async def _wait(self, reason: str, message: str, seconds: float, *, told: str) -> None:
        self._event("Warning", "Failed", f"Error: {told}")
        self._state.state = {"waiting": {"reason": reason, "message": message}}
        await self._changed()
        await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((sleep, stop), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            stop.cancel()


def _spoken(seconds: float) -> str:
    """As Go prints a duration: 40s, 1m20s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
