"""A pseudo-terminal: one end for a program, the other as streams. Must not know what runs on it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import termios

_MAX_SIDE = 0xFFFF


class Terminal:
    """Our end. What the program writes, to either output, comes out of `stdout`."""

    def __init__(self, number: int, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self.stdin: asyncio.StreamWriter = stdin
        self.stdout: asyncio.StreamReader = stdout
        self._number = number
        self._reading: asyncio.BaseTransport | None = None

    @classmethod
    async def open(cls) -> tuple[Terminal, int]:
        """The terminal, and the descriptor of the program's end, which the caller closes."""
        ours, inside = os.openpty()
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        reading, _ = await loop.connect_read_pipe(lambda: _Ending(reader), os.fdopen(os.dup(ours), "rb", buffering=0))
        writing, protocol = await loop.connect_write_pipe(
            lambda: asyncio.streams.FlowControlMixin(loop=loop), os.fdopen(os.dup(ours), "wb", buffering=0)
        )
        terminal = cls(ours, asyncio.StreamWriter(writing, protocol, None, loop), reader)
        terminal._reading = reading
        return terminal, inside

    def resize(self, *, columns: int, rows: int) -> None:
        if self._number >= 0 and 0 < columns <= _MAX_SIDE and 0 < rows <= _MAX_SIDE:
            with contextlib.suppress(OSError):  # the program may have ended meanwhile
                fcntl.ioctl(self._number, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self) -> None:
        """Whoever is still on it is hung up. May be called more than once."""
        if self._number < 0:
            return
        self.stdin.close()
        if self._reading is not None:
            self._reading.close()
        os.close(self._number)
        self._number = -1


class _Ending(asyncio.StreamReaderProtocol):
    """A terminal whose program has gone reads as an error of its own; it is an end like any other."""

    def connection_lost(self, _error: Exception | None) -> None:
        super().connection_lost(None)
