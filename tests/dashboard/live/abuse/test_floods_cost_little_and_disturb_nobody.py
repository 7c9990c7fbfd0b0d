"""What one attacker can send to a real server: it costs a few megabytes at most, and who looks on notices nothing."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from collections.abc import Iterable
from typing import Any

import pytest

MEBIBYTE = 1024 * 1024
MOST = 8 * MEBIBYTE
HUGE = 200 * MEBIBYTE


def pour(peer: socket.socket, data: bytes, *, times: int) -> int:
    """Send it again and again until the server has had enough; how many bytes it took."""
    sent = 0
    with contextlib.suppress(OSError):
        for _ in range(times):
            peer.sendall(data)
            sent += len(data)
    return sent


def until_cut(peer: socket.socket, *, within: float = 60) -> bytes:
    """What the server still says before it closes; fails when it does not close."""
    peer.settimeout(within)
    said = b""
    with contextlib.suppress(ConnectionError):
        while data := peer.recv(65536):
            said += data
    return said


def frame(opcode: int, payload: bytes = b"", *, last: bool = True) -> bytes:
    """A masked frame; the mask is of zeros, so that the payload can be read."""
    return bytes([(0x80 if last else 0) | opcode, 0x80 | len(payload)]) + bytes(4) + payload


def test_a_frame_of_200_mebibytes_is_not_taken(serve: Any, viewer: Any) -> None:
    browser = serve.open()
    head = b"\x81" + struct.pack("!BQ", 0xFF, HUGE) + bytes(4)

    def attack() -> None:
        browser.socket.sendall(head)
        taken = pour(browser.socket, bytes(MEBIBYTE), times=200)
        assert taken < HUGE / 4, "it went on reading"

    assert serve.peak_while(attack) < MOST
    browser.close()
    viewer.until_more()


@pytest.mark.parametrize(
    ("what", "piece"),
    [
        ("messages", frame(1, b'42["resync",{}]')),
        ("packets that are no messages", frame(1, b"3")),
        ("packets that nobody knows", frame(1, b"2")),
        ("pings of the websocket", frame(9)),
        ("pieces of a message without end", frame(0, last=False)),
        ("binary", frame(2, b"x")),
    ],
)
def test_ten_thousand_tiny_frames_end_the_connection(serve: Any, viewer: Any, what: str, piece: bytes) -> None:
    browser = serve.open()
    if what.startswith("pieces"):
        browser.socket.sendall(frame(1, last=False))

    def attack() -> None:
        pour(browser.socket, piece * 1000, times=1000)
        until_cut(browser.socket)

    assert serve.peak_while(attack) < MOST, what
    browser.close()
    viewer.until_more()


def test_a_thousand_handshakes_are_refused_cheaply(serve: Any, viewer: Any) -> None:
    statuses: list[int] = []

    def attack() -> None:
        for _ in range(1000):
            browser = serve.open(hello=False)
            statuses.append(browser.status)
            browser.close()

    began = time.monotonic()
    assert serve.peak_while(attack) < MOST
    seconds = time.monotonic() - began
    let_in = statuses.count(101)
    assert let_in <= 50 + 10 * (seconds + 1)
    assert set(statuses) <= {101, 429}
    viewer.until_more()


def test_two_hundred_slow_heads_are_closed_and_pages_go_on(serve: Any, viewer: Any) -> None:
    peers = [serve.connect() for _ in range(200)]

    def attack() -> None:
        for peer in peers:
            peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert serve.get()[0] == 200
        viewer.until_more()
        waiting = set(peers)
        while waiting:
            assert _trickle(waiting), "some are served for ever"

    assert serve.peak_while(attack) < MOST
    for peer in peers:
        peer.close()


def _trickle(waiting: set[socket.socket], *, rounds: int = 600) -> bool:
    """A byte to each, again and again, until the server closes at least one of them."""
    for _ in range(rounds):
        closed, _, _ = select.select(list(waiting), [], [], 0.1)
        for peer in list(waiting):
            with contextlib.suppress(OSError):
                peer.send(b"x")
        waiting.difference_update(closed)
        if closed:
            return True
    return False


def test_a_head_of_ten_mebibytes_is_refused(serve: Any, viewer: Any) -> None:
    def attack() -> None:
        for head in (_one_line(), _one_field(), _many_fields()):
            with serve.connect() as peer:
                taken = sum(pour(peer, part, times=1) for part in head)
                assert taken < 10 * MEBIBYTE or until_cut(peer).split()[1].startswith(b"4")

    assert serve.peak_while(attack) < MOST
    viewer.until_more()


def _one_line() -> Iterable[bytes]:
    yield b"GET /"
    yield from [b"x" * MEBIBYTE] * 10


def _one_field() -> Iterable[bytes]:
    yield b"GET / HTTP/1.1\r\nX-Long: "
    yield from [b"x" * MEBIBYTE] * 10


def _many_fields() -> Iterable[bytes]:
    yield b"GET / HTTP/1.1\r\n"
    yield from [b"X-Many: many\r\n" * 75_000] * 10


def test_a_body_that_trickles_in_does_not_keep_its_place(serve: Any, viewer: Any) -> None:
    """Told as a signed-in person would, so that nothing but the clock can refuse it."""
    host = f"127.0.0.1:{serve.port}"
    with serve.connect() as peer:
        peer.sendall(
            f"POST /swarm/stop HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nHX-Request: true\r\n"
            f"Cookie: {serve.cookie}\r\nContent-Length: 100\r\n\r\nx".encode()
        )
        assert until_cut(peer).startswith(b"HTTP/1.1 408 ")
    viewer.until_more()
