"""Anything at all, said over a socket: at worst the connection ends, and nothing is in the log. FUZZ_CASES: longer."""

from __future__ import annotations

import contextlib
import os
import random
import struct
import time
from typing import Any

CASES = int(os.environ.get("FUZZ_CASES", "400"))
A_SOCKET = 15
"""Messages a socket; more than twenty a second would end it for that alone."""
WORDS = (
    '42["resync",{}]', '42["resync"]', '42["resync",1,2,3]', '42[]', '42', '42{"resync":1}', '42["connect"]',
    '42["disconnect"]', '42["unknown",null]', '420["resync",{}]', '42[["resync"],{}]', '42["message","x"]',
    '51-["resync",{"_placeholder":true,"num":0}]', '5', '51-', '59999999999-[]', '6', '61-["x",{"_placeholder":true}]',
    '40', '40{"token":"x"}', '40/admin,', '40/,', '41', '41/x', '43[]', '430[]', '44{}', '4', '49', '4x', '45', '0',
    '1', '2probe', '3', '3probe', '5', '6', '7', '9', 'x', '', 'b', 'bAAAA', 'b!!!!', '42["resync",' + "[" * 5000,
    '42["resync",' + "9" * 5000 + "]", '42["\\ud800"]', '42["resync",{"__proto__":{}}]', '4' * 900, '42\x00', "🎈" * 60,
)  # fmt: skip


def made(rng: random.Random) -> tuple[int, bytes]:
    """The opcode and payload of a frame: a message of the protocol, one with a few bytes changed, or noise."""
    kind = rng.random()
    if kind < 0.15:
        return rng.choice((0, 1, 2, 3, 8, 9, 10, 15)), rng.randbytes(rng.randrange(100))
    payload = bytearray(rng.choice(WORDS).encode())
    if kind < 0.6:
        for _ in range(rng.randrange(1, 4)):
            payload[rng.randrange(len(payload) + 1) :] = rng.randbytes(rng.randrange(3)) + payload[3:]
    return (1 if rng.random() < 0.85 else 2), bytes(payload[:60_000])


def framed(opcode: int, payload: bytes) -> bytes:
    size = struct.pack("!B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
    return bytes([0x80 | opcode]) + size + bytes(4) + payload


def opened(serve: Any, rng: random.Random) -> Any:
    """A socket, with or without the hello; waits while they are opened too fast."""
    while True:
        browser = serve.open(hello=rng.random() < 0.7)
        if browser.status == 101:
            return browser
        browser.close()
        time.sleep(0.2)


def test_nothing_said_over_a_socket_breaks_it(serve: Any, viewer: Any) -> None:
    rng = random.Random(7)  # noqa: S311 - the same noise each time
    for _ in range(max(1, CASES // A_SOCKET)):
        browser = opened(serve, rng)
        with contextlib.suppress(OSError):
            for _ in range(A_SOCKET):
                browser.socket.sendall(framed(*made(rng)))
        browser.close()
    viewer.until_more()
    assert serve.get()[0] == 200
    log = serve.log.read_text()
    assert "Traceback" not in log, log[-4000:]
    assert "rror" not in log.replace("not reached", ""), log[-4000:]
