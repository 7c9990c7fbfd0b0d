"""Preparing a pod's volumes until it works: an Event for every failure, ever longer waits; makes no volume itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from localcluster.client import Object
from localcluster.node.racing import first_of
from localcluster.node.runtime import Runtime
from localcluster.node.volumes import VolumeError, Volumes

_FIRST_RETRY_SECONDS = 0.5
_LONGEST_RETRY_SECONDS = 122.0


async def mounted(
    volumes: Volumes, pod: Callable[[], Object], *, runtime: Runtime, leaving: asyncio.Event
) -> dict[str, Path] | None:
    """Volume name → directory; None when the pod left before."""
    wait = _FIRST_RETRY_SECONDS
    while not leaving.is_set():
        try:
            return await volumes.prepare(pod())
        except VolumeError as error:
            runtime.recorder.event(pod(), "Warning", "FailedMount", str(error))
            await first_of(runtime.clock.sleep(wait), leaving.wait())
            wait = min(wait * 2, _LONGEST_RETRY_SECONDS)
    return None
