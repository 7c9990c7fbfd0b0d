"""Repairs of the websocket under Flask-SocketIO, put in place once at start and checked to work.

simple-websocket 1.1.0 calls `send` and ignores how much went out: under gevent a slow browser gets a torn stream.
Here every write is whole and one at a time; nothing is compressed (which costs 100 KB a browser); a message from a
browser is small or ends the connection; and what waits for a browser is bounded. It must not know what is sent.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import socket
import threading
import time
from typing import Any

import engineio.exceptions
import engineio.socket
import simple_websocket
from wsproto.frame_protocol import CloseReason

from dashboard.access.paces import Pace

REPAIRED_VERSION = "1.1.0"
LARGEST_MESSAGE = 16 * 1024  # bytes, from a browser
BYTES_PER_SECOND = 8 * 1024  # from a browser; ours send fewer than a hundred
BYTES_AT_ONCE = 64 * 1024
SAYABLE = frozenset(
    {"1", "3", "40", "40{}", '40{"audience":"full"}', '40{"audience":"shared"}', "41", '42["resync",{}]'}
)
"""Packets of a browser: going, answering a ping, connecting (for an audience), disconnecting, the one event."""
PACKETS_PER_SECOND = 40  # from a browser, of any kind; ours send one message a second at most
MOST_QUEUED = 64  # packets for one browser; the hub queues two at most, so more is a defect
_NOT_IN_PLACE = "websocket messages do not arrive as they were sent: the repair is not in place"


class WholeSocket:
    """A socket whose `send` is all or an error, by one writer at a time, and whose peer may say only so much.

    The rest is the socket's own. Bytes are counted, since pings and pieces of messages never get to our handlers.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._lock = threading.Lock()
        self._pace = Pace(BYTES_PER_SECOND, burst=BYTES_AT_ONCE, steady=time.monotonic)

    def recv(self, size: int, *flags: int) -> bytes:
        data: bytes = self._raw.recv(size, *flags)
        if not self._pace.allows(cost=len(data)):
            raise ConnectionError("a browser has less to say")
        return data

    def send(self, data: bytes) -> int:
        with self._lock:
            self._raw.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


class RepairedServer(simple_websocket.Server):  # type: ignore[misc]  # the library has no types
    """The server side of one websocket. `environ` itself keeps the raw socket, for those who must cut it."""

    def __init__(self, environ: dict[str, Any], **options: Any) -> None:
        kept = {key: value for key, value in environ.items() if key != "HTTP_SEC_WEBSOCKET_EXTENSIONS"}
        for key in ("werkzeug.socket", "gunicorn.socket"):
            if key in kept:
                kept[key] = WholeSocket(kept[key])
        super().__init__(kept, **{**options, "max_message_size": LARGEST_MESSAGE})

    def receive(self, timeout: float | None = None) -> Any:
        """What it says, if it is one of the few things that our page says; anything else ends the connection.

        The libraries answer what they do not understand with an exception, and leave the browser in their tables.
        """
        said = super().receive(timeout)
        if said is None or said in SAYABLE:
            return said
        raise simple_websocket.ConnectionClosed(CloseReason.POLICY_VIOLATION)

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        """As before, but a peer that is gone already is no error."""
        try:
            super().close(reason, message)
        except OSError:
            self.connected = False


class BoundedSocket(engineio.socket.Socket):  # type: ignore[misc]  # the library has no types
    """engine.io's side of one browser, with an end to patience."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pace = Pace(PACKETS_PER_SECOND, steady=time.monotonic)

    def receive(self, pkt: Any) -> None:
        """Packets that are no messages count too: the library would read them for ever."""
        if self._pace.allows():
            super().receive(pkt)
            return
        self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)
        raise engineio.exceptions.SocketIsClosedError

    def send(self, pkt: Any) -> None:
        if self.queue.qsize() >= MOST_QUEUED and not self.closed:
            self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)
            return
        super().send(pkt)


def repair() -> None:
    """Before the first browser; again does nothing more. Raises RuntimeError when the repair does not fit."""
    version = importlib.metadata.version("simple-websocket")
    if version != REPAIRED_VERSION:
        raise RuntimeError(
            f"simple-websocket is {version}, but dashboard/live/websocket.py repairs {REPAIRED_VERSION}: install that "
            "one, or see whether the repair is still needed and run tests/dashboard/live"
        )
    if importlib.util.find_spec("geventwebsocket"):
        raise RuntimeError("the package gevent-websocket breaks every websocket here: uninstall it")
    simple_websocket.Server = RepairedServer
    engineio.socket.Socket = BoundedSocket


def check() -> None:
    """Send more than a socket holds to a peer that reads late, and see it arrive whole; RuntimeError when not."""
    ours, theirs = socket.socketpair()
    message = "whole " * 500_000
    environ = {
        "werkzeug.socket": ours,
        "HTTP_HOST": "check",
        "HTTP_UPGRADE": "websocket",
        "HTTP_CONNECTION": "Upgrade",
        "HTTP_SEC_WEBSOCKET_KEY": "AAAAAAAAAAAAAAAAAAAAAA==",
        "HTTP_SEC_WEBSOCKET_VERSION": "13",
        "HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate",
    }
    server = simple_websocket.Server(environ)
    writer = threading.Thread(target=server.send, args=(message,), name="websocket-check", daemon=True)
    try:
        theirs.settimeout(10)
        if b"permessage-deflate" in _read_head(theirs):
            raise RuntimeError(_NOT_IN_PLACE)
        writer.start()
        frame = _read_exactly(theirs, 10 + len(message))
    except OSError as error:
        raise RuntimeError(f"a websocket message did not arrive: {error}") from error
    finally:
        theirs.close()
        server.thread.join(10)
    if frame[10:] != message.encode():
        raise RuntimeError(_NOT_IN_PLACE)


def _read_head(peer: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        head += _some(peer, 1)
    return head


def _read_exactly(peer: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        data += _some(peer, length - len(data))
    return bytes(data)


def _some(peer: socket.socket, length: int) -> bytes:
    data = peer.recv(min(length, 65536))
    if not data:
        raise ConnectionError("the other side closed")
    return data
