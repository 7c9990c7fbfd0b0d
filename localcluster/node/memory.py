"""Watching a container's memory; must not decide anything but that one process out of memory ends the container."""

from __future__ import annotations

from collections.abc import Callable

from localcluster.controllers.clock import Clock
from localcluster.node.limits.protocol import Group

_LOOK_SECONDS = 1.0


async def watch_memory(group: Group, *, clock: Clock, kill: Callable[[], None]) -> None:
    """As `memory.oom.group` does where it exists. Ends only by cancellation."""
    while True:
        await clock.sleep(_LOOK_SECONDS)
        if group.out_of_memory():
            kill()
