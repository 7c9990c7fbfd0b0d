"""The end of a container's process: hook, turn, SIGTERM, patience, SIGKILL, its last words; must not decide when."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from localcluster.node.logs import ContainerLog
from localcluster.node.patience import Patience
from localcluster.node.racing import first_of
from localcluster.node.sandbox import Running


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
    running: Running, ended: asyncio.Event, *, patience: Patience, pre_stop: Callable[[], Awaitable[Any]] | None,
    turn: Callable[[], Awaitable[Any]] | None = None,
) -> None:  # fmt: skip
    """Returns when `ended` is set. `turn` returns when those have ended that are to end before this one."""
    for first in (pre_stop, turn):
        if first is not None and patience.left > 0:
            await first_of(first(), ended.wait(), patience.over())
    running.signal(signal.SIGTERM)
    await first_of(ended.wait(), patience.over_for_a_process())
    if not ended.is_set():
        running.signal(signal.SIGKILL)
        await ended.wait()
