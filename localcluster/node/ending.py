"""The end of a container's process: hook, SIGTERM, patience, SIGKILL, its last words; must not decide when."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable

from localcluster.controllers.clock import Clock
from localcluster.node.logs import ContainerLog
from localcluster.node.sandbox import Running

_LEFT_FOR_THE_PROCESS_SECONDS = 2.0


@contextlib.asynccontextmanager
async def recorded(running: Running, output: ContainerLog) -> AsyncIterator[None]:
    """Everything the process says goes into `output`. Left early, it leaves no process and no open file behind."""
    drains = asyncio.gather(output.drain("stdout", running.stdout), output.drain("stderr", running.stderr))
    try:
        yield
        await drains
    except BaseException:
        running.signal(signal.SIGKILL)
        await running.wait()
        drains.cancel()
        raise
    finally:
        output.close()


async def end(
    running: Running, ended: asyncio.Event, *, clock: Clock, grace_seconds: float,
    pre_stop: Callable[[], Awaitable[bool]] | None,
) -> None:  # fmt: skip
    """Returns when `ended` is set, which it is at most `grace_seconds` later (with a hook a little later)."""
    deadline = clock.monotonic() + grace_seconds
    if pre_stop is not None and grace_seconds > 0:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await pre_stop()
    running.signal(signal.SIGTERM)
    # As kubelet, at least two seconds for the process itself when the hook has used up the time.
    left = max(deadline - clock.monotonic(), 0.0 if pre_stop is None else _LEFT_FOR_THE_PROCESS_SECONDS)
    try:
        async with asyncio.timeout(left):
            await ended.wait()
    except TimeoutError:
        running.signal(signal.SIGKILL)
        await ended.wait()
