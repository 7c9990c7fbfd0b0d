"""Running a further command inside a container, with or without a terminal; must not keep it beyond its time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from localcluster.errors import ApiError
from localcluster.node.racing import ended
from localcluster.node.sandbox import Running, Sandbox
from localcluster.node.terminal import Terminal

_NOT_FOUND = (
    "error executing command in container: failed to exec in container: unable to start container process: "
    'exec: "{}": {}: unknown'
)


class ExecutedCommand:
    """A started command, for whoever asked for it: it ends when they leave."""

    def __init__(self, process: asyncio.subprocess.Process, terminal: Terminal | None = None) -> None:
        self._process = process
        self._terminal = terminal
        self.stdin = terminal.stdin if terminal else process.stdin
        self.stdout = terminal.stdout if terminal else process.stdout
        self.stderr = None if terminal else process.stderr

    async def wait(self) -> int:
        return _as_shell(await self._process.wait())

    def end_input(self) -> None:
        """A terminal has no end of its own: that is a character the user types."""
        if self.stdin is not None and self._terminal is None:
            self.stdin.close()

    def resize(self, *, columns: int, rows: int) -> None:
        if self._terminal is not None:
            self._terminal.resize(columns=columns, rows=rows)

    def close(self) -> None:
        _let_go(self._process)
        if self._terminal is not None:
            self._terminal.close()


async def open_command(
    sandbox: Sandbox, running: Running, arguments: Sequence[str], *, stdin: bool, tty: bool
) -> ExecutedCommand:
    """Starts it with the container's environment. ApiError 500 when there is no such program."""
    _check_program(running, arguments[0])
    if not tty:
        return ExecutedCommand(await _start(sandbox, running, arguments, stdin=stdin))
    terminal, inside = await Terminal.open()
    try:
        process = await asyncio.create_subprocess_exec(
            *sandbox.command_in(running, ["setsid", "--ctty", "--wait", *arguments]),
            stdin=inside, stdout=inside, stderr=inside, env={"TERM": "xterm", **running.orders.environment},
            start_new_session=True,
        )  # fmt: skip
    except BaseException:
        terminal.close()
        raise
    finally:
        os.close(inside)
    return ExecutedCommand(process, terminal)


async def run_command(
    sandbox: Sandbox, running: Running, arguments: Sequence[str], *, timeout_seconds: float
) -> tuple[int, str] | None:
    """Exit code and whole output, or None when time ran out (the command is killed)."""
    process = await _start(sandbox, running, arguments, merged=True)
    try:
        async with asyncio.timeout(timeout_seconds):
            output, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        _let_go(process)
        await _reaped(process)
    return _as_shell(process.returncode or 0), output.decode(errors="replace")


async def _start(
    sandbox: Sandbox, running: Running, arguments: Sequence[str], *, stdin: bool = False, merged: bool = False
) -> asyncio.subprocess.Process:
    """Its ends are pipes. `merged`: errors go into the output."""
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    starting = asyncio.create_task(
        asyncio.create_subprocess_exec(
            *sandbox.command_in(running, arguments),
            stdin=pipe if stdin else null, stdout=pipe, stderr=asyncio.subprocess.STDOUT if merged else pipe,
            env=running.orders.environment, start_new_session=True,
        )
    )  # fmt: skip
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await ended([asyncio.create_task(_undone(starting))])
        raise


async def _undone(starting: asyncio.Task[asyncio.subprocess.Process]) -> None:
    """asyncio alone would end the first process, and wait for what that has started."""
    with contextlib.suppress(OSError):  # it could not be started in the first place
        process = await starting
        _let_go(process)
        await process.wait()


def _let_go(process: asyncio.subprocess.Process) -> None:
    """Ends it, if it has not ended, and closes its pipes, which something it has started may hold for ever.

    It leads a group of its own: the command inside is a child of the one that entered, and may not yet know it.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    transport = process._transport  # type: ignore[attr-defined]  # noqa: SLF001 - the only way to them
    for number in range(3):
        pipe = transport.get_pipe_transport(number)
        if pipe is not None:
            pipe.close()


async def _reaped(process: asyncio.subprocess.Process) -> None:
    """It was killed, so this does not take long, and somebody in a hurry waits for it too."""
    await ended([asyncio.create_task(process.wait())])


def _check_program(running: Running, program: str) -> None:
    """Whether the container has it, links not followed: they lead where only the container can see."""
    root = Path(f"/proc/{running.pid}/root")
    if "/" in program:
        found = not program.startswith("/") or os.path.lexists(root / program.lstrip("/"))
        problem = f"stat {program}: no such file or directory"
    else:
        places = running.orders.environment.get("PATH", "").split(":")
        found = any(os.path.lexists(root / place.lstrip("/") / program) for place in places)
        problem = "executable file not found in $PATH"
    if not found:
        message = f"Internal error occurred: {_NOT_FOUND.format(program, problem)}"
        raise ApiError(500, "InternalError", message, {"causes": [{"message": message}]})


def _as_shell(code: int) -> int:
    return code if code >= 0 else 128 - code
