"""Listening to a container as it runs, and speaking to its standard input; its log goes on beside."""

from __future__ import annotations

import asyncio

from localcluster.node.logs import ContainerLog
from localcluster.node.sandbox import Running


class AttachedContainer:
    """The ends of a container's first process, from now on. A slow listener misses what it has no room for."""

    def __init__(self, running: Running, log: ContainerLog, *, stdin: bool, stdin_once: bool) -> None:
        self.stdin = running.stdin if stdin else None
        self.stdout: asyncio.StreamReader | None = asyncio.StreamReader()
        self.stderr: asyncio.StreamReader | None = asyncio.StreamReader()
        self._rooms = {"stdout": _Room(), "stderr": _Room()}
        self._readers = {"stdout": self.stdout, "stderr": self.stderr}
        for name, reader in self._readers.items():
            reader.set_transport(self._rooms[name])
        self._stdin_once = stdin_once
        self._log = log
        log.listeners.add(self._hear)

    async def wait(self) -> int:
        """Success once the output has ended: how the program ended is told by its status."""
        return 0

    def end_input(self) -> None:
        if self.stdin is not None and self._stdin_once:
            self.stdin.close()

    def resize(self, *, columns: int, rows: int) -> None:
        """The first process has no terminal."""

    def close(self) -> None:
        self._log.listeners.discard(self._hear)
        self.end_input()

    def _hear(self, name: str, chunk: bytes) -> None:
        """`chunk` is empty when the log ends."""
        if not chunk:
            for reader in self._readers.values():
                reader.feed_eof()
        elif not self._rooms[name].full:
            self._readers[name].feed_data(chunk)


class _Room(asyncio.Transport):
    """Stands where a reader expects whom to ask for a pause."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False

    def pause_reading(self) -> None:
        self.full = True

    def resume_reading(self) -> None:
        self.full = False
