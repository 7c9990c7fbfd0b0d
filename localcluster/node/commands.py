"""Running a further command inside a container, without a terminal; must not keep it beyond its time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from localcluster.node.sandbox import Running, Sandbox


async def open_command(
    sandbox: Sandbox, running: Running, arguments: Sequence[str], *, stdin: bool = False, merged: bool = False
) -> asyncio.subprocess.Process:
    """Starts it with the container's environment; its ends are pipes. `merged`: errors go into the output."""
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        *sandbox.command_in(running, arguments),
        stdin=pipe if stdin else null,
        stdout=pipe,
        stderr=asyncio.subprocess.STDOUT if merged else pipe,
        env=running.orders.environment,
    )


async def run_command(
    sandbox: Sandbox, running: Running, arguments: Sequence[str], *, timeout_seconds: float
) -> tuple[int, str] | None:
    """Exit code and whole output, or None when time ran out (the command is killed)."""
    process = await open_command(sandbox, running, arguments, merged=True)
    try:
        output, _ = await asyncio.wait_for(process.communicate(), timeout_seconds)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    code = process.returncode or 0
    return (code if code >= 0 else 128 - code), output.decode(errors="replace")
