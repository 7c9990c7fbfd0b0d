"""Copies bytes between two TCP connections, both ways, with back-pressure and half-closed ends kept half-closed."""

from __future__ import annotations

import asyncio
from typing import cast


class Side(asyncio.Protocol):
    """One of the two connections; `peer` is the other one, once it is there."""

    def __init__(self) -> None:
        self.peer: Side | None = None
        self.transport: asyncio.Transport | None = None
        self.closed = asyncio.Event()
        self._ended = False
        self._early = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def join(self, peer: Side) -> None:
        """From now on, what one says the other hears."""
        self.peer, peer.peer = peer, self
        if self.closed.is_set():
            peer.abort()
            return
        for side in (self, peer):
            side.give_early_words()
            if side.transport is not None and not side.transport.is_closing():
                side.transport.resume_reading()

    def give_early_words(self) -> None:
        """To the peer, what came before there was one."""
        early, self._early = self._early, b""
        if early:
            self.data_received(early)
        if self._ended:
            self.eof_received()

    def abort(self) -> None:
        """Resets the connection."""
        if self.transport is not None:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.peer is None:
            self._early += data
            if self.transport is not None:
                # Here and not in connection_made, whose pause Python before 3.11.5 forgets.
                self.transport.pause_reading()
        elif self.peer.transport is not None and not self.peer.transport.is_closing():
            self.peer.transport.write(data)

    def eof_received(self) -> bool:
        """True keeps our writing half open until the other side has ended too."""
        self._ended = True
        peer = self.peer
        if peer is None:
            return True
        if peer.transport is None or peer.transport.is_closing():
            return False
        if peer.transport.can_write_eof():
            peer.transport.write_eof()
        if peer.ended:
            peer.transport.close()
            return False
        return True

    @property
    def ended(self) -> bool:
        return self._ended

    def pause_writing(self) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.peer is not None and self.peer.transport is not None and not self.peer.transport.is_closing():
            self.peer.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
        if self.peer is not None and self.peer.transport is not None:
            if exc is not None:
                self.peer.transport.abort()
            else:
                self.peer.transport.close()
