"""What the API server needs of a node: the logs of its containers, and commands in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Protocol


class Command(Protocol):
    """A program's ends, as somebody outside its container holds them. A missing end is None."""

    stdin: asyncio.StreamWriter | None
    stdout: asyncio.StreamReader | None
    stderr: asyncio.StreamReader | None

    async def wait(self) -> int:
        """The exit code as a shell tells it, once the program has ended."""

    def end_input(self) -> None:
        """The holder has no more to say to the program."""

    def resize(self, *, columns: int, rows: int) -> None:
        """The client's window has another size; without a terminal it does not matter."""

    def close(self) -> None:
        """The holder has gone. May be called more than once."""


class Kubelet(Protocol):
    """Implemented by the node agent. A refusal (ApiError) comes with the call, not with the iteration."""

    async def logs(
        self, namespace: str, pod: str, container: str, *, follow: bool, previous: bool, tail_lines: int | None,
        since_seconds: float | None, timestamps: bool, limit_bytes: int | None,
    ) -> AsyncIterator[bytes]: ...  # fmt: skip

    async def open_command(
        self, namespace: str, pod: str, container: str, arguments: Sequence[str], *, stdin: bool, tty: bool
    ) -> Command: ...

    async def attach(self, namespace: str, pod: str, container: str, *, stdin: bool) -> Command: ...
