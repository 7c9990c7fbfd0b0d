"""Waiting for whichever comes first, and for the end of what was cancelled; must not know what is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any


async def first_of(*waits: Awaitable[Any]) -> None:
    """Returns when one of the awaitables has; the others are cancelled, and have ended by then."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await cancelled(tasks)


async def cancelled(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancels them and waits for their end: until then they may have a process that nobody else ends."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await ended(tasks)


async def ended(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Waits for the end of each, however it ends. Who is cancelled meanwhile hears of it afterwards."""
    interruption: asyncio.CancelledError | None = None
    while left := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(left)
        except asyncio.CancelledError as error:
            interruption = error
    if interruption is not None:
        raise interruption
