"""The repair is in place, is checked at start, and refuses what it does not fit."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import socket
import struct
import threading
import time
from typing import Any

import engineio
import engineio.socket
import pytest
import simple_websocket
from engineio import packet
from flask import Flask

from dashboard.live import websocket
from dashboard.live.sockets import Sockets
from dashboard.store.views import Views


class ShortSocket:
    """Takes a thousand bytes at a time, as a gevent socket with a slow peer does."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def send(self, data: bytes) -> int:
        self.taken += data[:1000]
        return min(1000, len(data))

    def sendall(self, data: bytes) -> None:
        while data:
            data = data[self.send(data) :]


def test_a_write_is_whole() -> None:
    raw = ShortSocket()
    assert websocket.WholeSocket(raw).send(b"x" * 5000) == 5000
    assert len(raw.taken) == 5000


def test_whoever_says_too_many_bytes_at_once_is_not_heard() -> None:
    """Pings, and pieces of a message without end, get to nobody who could count them."""

    class Talkative:
        def recv(self, size: int) -> bytes:
            return b"x" * size

    talkative = websocket.WholeSocket(Talkative())
    assert len(talkative.recv(websocket.BYTES_AT_ONCE // 2)) == websocket.BYTES_AT_ONCE // 2
    with pytest.raises(ConnectionError):
        talkative.recv(websocket.BYTES_AT_ONCE)


def test_a_message_is_refused_by_its_head_before_it_is_read() -> None:
    websocket.repair()
    ours, theirs = socket.socketpair()
    theirs.settimeout(30)
    environ = {
        "werkzeug.socket": ours, "HTTP_HOST": "x", "HTTP_UPGRADE": "websocket", "HTTP_CONNECTION": "Upgrade",
        "HTTP_SEC_WEBSOCKET_KEY": "AAAAAAAAAAAAAAAAAAAAAA==", "HTTP_SEC_WEBSOCKET_VERSION": "13",
    }  # fmt: skip
    server = simple_websocket.Server(environ)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += theirs.recv(1)
    size = websocket.LARGEST_MESSAGE + 1
    theirs.sendall(b"\x81" + struct.pack("!BH", 0xFE, size) + bytes(4) + bytes(size))
    answer = b""
    while len(answer) < 4:
        answer += theirs.recv(4 - len(answer)) or b"gone"
    theirs.close()
    server.thread.join(30)
    ours.close()
    opcode, _length, code = struct.unpack("!BBH", answer)
    assert (opcode & 15, code) == (8, 1009), "too big; 1008 would be for what it says"


def test_what_waits_for_one_browser_has_an_end() -> None:
    """The hub queues two packets at most; whoever queues more without an end loses that browser, not the memory."""
    websocket.repair()
    server = engineio.Server(async_mode="threading")
    peer = engineio.socket.Socket(server, "sid")
    server.sockets["sid"] = peer
    for _ in range(10 * websocket.MOST_QUEUED):
        if peer.closed:
            break
        peer.send(packet.Packet(packet.MESSAGE, data="x"))
    assert peer.closed
    assert peer.queue.qsize() <= websocket.MOST_QUEUED + 1


def test_two_writers_never_mix_their_frames() -> None:
    class Slow:
        def __init__(self) -> None:
            self.inside, self.most = 0, 0

        def sendall(self, _data: bytes) -> None:
            self.inside += 1
            self.most = max(self.most, self.inside)
            time.sleep(0.01)
            self.inside -= 1

    raw = Slow()
    whole = websocket.WholeSocket(raw)
    writers = [threading.Thread(target=whole.send, args=(b"x",)) for _ in range(8)]
    for each in writers:
        each.start()
    for each in writers:
        each.join(30)
    assert raw.most == 1


def test_the_check_passes_after_the_repair() -> None:
    websocket.repair()
    websocket.repair()
    websocket.check()


def test_the_check_notices_a_missing_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library as it is accepts compression, which the repair must not."""
    monkeypatch.setattr(simple_websocket, "Server", websocket.RepairedServer.__mro__[1])
    with pytest.raises(RuntimeError, match="repair is not in place"):
        websocket.check()


def test_the_check_notices_a_message_that_arrives_torn(monkeypatch: pytest.MonkeyPatch) -> None:
    websocket.repair()
    whole = websocket.WholeSocket.send

    def torn(self: websocket.WholeSocket, data: bytes) -> int:
        return whole(self, data if len(data) < 1000 else data[:-7] + b"another")

    monkeypatch.setattr(websocket.WholeSocket, "send", torn)
    with pytest.raises(RuntimeError, match="repair is not in place"):
        websocket.check()


def test_no_dashboard_begins_with_a_websocket_that_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise RuntimeError("the repair is not in place")

    monkeypatch.setattr(websocket, "check", fails)
    sockets = Sockets(
        Flask("test"), Views(), origins=["http://a.test"], authorize=lambda _environ: None, async_mode="threading"
    )
    with pytest.raises(RuntimeError, match="not in place"):
        sockets.start()


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "1.2.0")
    with pytest.raises(RuntimeError, match=r"1\.2\.0"):
        websocket.repair()


def test_a_stray_gevent_websocket_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())
    with pytest.raises(RuntimeError, match="uninstall"):
        websocket.repair()


@pytest.mark.parametrize("origins", [[], ["*"], "http://dashboard.test", ["http://dashboard.test", "*"]])
def test_an_open_list_of_origins_is_refused(origins: Any) -> None:
    with pytest.raises(ValueError, match="origins"):
        Sockets(Flask("test"), Views(), origins=origins, authorize=lambda _environ: None, async_mode="threading")
