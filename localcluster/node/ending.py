"""The end of a container's process: hook, turn, SIGTERM, patience, SIGKILL, its last words; must not decide when."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from localcluster.node.logs import ContainerLog
from localcluster.node.patience import Patience
from localcluster.node.racing import cancelled, ended, first_of
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
        try:
            await ended([asyncio.create_task(running.wait())])
        finally:
            await cancelled([drains])
        raise
    finally:
        output.close()


async def end(
    running: Running, gone: asyncio.Event, *, patience: Patience, pre_stop: Callable[[], Awaitable[Any]] | None,
    turn: Callable[[], Awaitable[Any]] | None = None,
) -> None:  # fmt: skip
    """Returns when `gone` is set. `turn` returns when those have ended that are to end before this one."""
    for first in (pre_stop, turn):
        if first is not None and patience.left > 0:
            await first_of(first(), gone.wait(), patience.over())
    running.signal(signal.SIGTERM)
    await first_of(gone.wait(), patience.over_for_a_process())
    if not gone.is_set():
        running.signal(signal.SIGKILL)
        await gone.wait()
