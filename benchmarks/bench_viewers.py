"""Viewers: 500 websockets of one server, two updates a second of 4 KB; then 50 of them stop reading.

How long an update takes to each viewer (from the moment it is put into the server's views until the client, on the same
machine, has read it), and the server's memory. Every message is checked: its `from_seq` must be the `seq` before it.
Ends with 1 when a message is missing, or a viewer that reads is cut off.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import resource
import selectors
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from tables import show

ROOT = Path(__file__).resolve().parents[1]
SERVED = ROOT / "tests" / "dashboard" / "live"
SIZE = 4000
EVERY_S = 0.5
MEBIBYTE = 1024 * 1024


class Viewer:
    """One socket; `read` takes what is there."""

    def __init__(self, port: int, number: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Cookie: good-{number}\r\nOrigin: http://dashboard.test\r\n\r\n".encode()
        )
        self._data = bytearray()
        while b"\r\n\r\n" not in self._data:
            self._data += self.socket.recv(4096)
        head, _, rest = bytes(self._data).partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise SystemExit(f"viewer {number} was not let in: {head[:80]!r}")
        self._data = bytearray(rest)
        self._say("40")
        self.seq: int | None = None
        self.missing = 0

    def read(self) -> list[float]:
        """The moments at which the updates that have come were made; raises OSError once the server has closed."""
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError
        self._data += data
        return [moment for text in self._texts() for moment in self._take(text)]

    def _take(self, text: str) -> list[float]:
        if text == "2":
            self._say("3")
        if not text.startswith("42"):
            return []
        name, payload = json.loads(text[2:])
        if name == "delta" and payload["from_seq"] != self.seq:
            self.missing += 1
        self.seq = payload["seq"]
        return [row["at"] for _, _, row in payload.get("changes", []) if row and "at" in row]

    def _texts(self) -> list[str]:
        texts = []
        while len(self._data) >= 2:
            length, start = self._data[1] & 0x7F, 2
            if length >= 126:
                start = 4 if length == 126 else 10
                if len(self._data) < start:
                    break
                (length,) = struct.unpack("!H" if start == 4 else "!Q", self._data[2:start])
            if len(self._data) < start + length:
                break
            if self._data[0] & 0x0F == 1:
                texts.append(self._data[start : start + length].decode())
            del self._data[: start + length]
        return texts

    def _say(self, text: str) -> None:
        self.socket.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text.encode())


class Server:
    """The real hub and sockets under gunicorn, without a cluster."""

    def __init__(self, places: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        command = [
            *(sys.executable, "-m", "gunicorn", "-k", "gevent", "-w", "1", "--worker-connections", str(places + 200)),
            *("--graceful-timeout", "1", "--no-control-socket", "--chdir", str(SERVED), "served_app:app"),
            *("--bind", f"127.0.0.1:{self.port}", "--log-level", "warning"),
        ]
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "PLACES": str(places)}
        self.process = subprocess.Popen(command, env=environ)
        for _ in range(600):
            try:
                self.about()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit("the server does not answer")

    def about(self) -> dict[str, int]:
        answer: dict[str, int] = json.loads(self._call("/about"))
        return answer

    def put(self, number: int) -> None:
        self._call(f"/put?rows=1&size={SIZE}&first={number}", method="POST")

    def _call(self, path: str, method: str = "GET") -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return bytes(answer.read())


class Watching:
    """Reads all viewers that read; `delays` are those of the phase that goes on."""

    def __init__(self, viewers: list[Viewer]) -> None:
        self.delays: list[float] = []
        self.lost: list[Viewer] = []
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._run, daemon=True)
        for viewer in viewers:
            self._selector.register(viewer.socket, selectors.EVENT_READ, viewer)
        self._thread.start()

    def stall(self, viewers: list[Viewer]) -> None:
        """Read nothing more of these."""
        for viewer in viewers:
            self._selector.unregister(viewer.socket)

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select(1):
                try:
                    made = key.data.read()
                except OSError:
                    self._selector.unregister(key.fileobj)
                    self.lost.append(key.data)
                    continue
                now = time.time()
                self.delays += [now - each for each in made]


def measure(server: Server, watching: Watching, *, seconds: float, first: int) -> tuple[list[str], int]:
    """One phase: its row of the table, and the number of the next update."""
    watching.delays.clear()
    end, number, most = time.monotonic() + seconds, first, 0
    while time.monotonic() < end:
        began = time.monotonic()
        server.put(number)
        number += 1
        most = max(most, server.about()["resident"])
        time.sleep(max(0.0, EVERY_S - (time.monotonic() - began)))
    time.sleep(2)
    delays = sorted(watching.delays)
    told = [f"{1000 * delays[min(len(delays) - 1, int(len(delays) * part))]:.0f} ms" for part in (0.5, 0.99, 1)]
    about = server.about()
    return [str(about["browsers"]), str(len(delays)), *told, f"{most / MEBIBYTE:.0f} MiB"], number


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=500)
    parser.add_argument("--stalled", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60, help="of each phase")
    wanted: Any = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = Server(wanted.viewers + 20)
    try:
        viewers = [Viewer(server.port, number) for number in range(wanted.viewers)]
        watching = Watching(viewers)
        time.sleep(3)
        free, number = measure(server, watching, seconds=wanted.seconds, first=0)
        watching.stall(viewers[: wanted.stalled])
        stalled, _ = measure(server, watching, seconds=wanted.seconds, first=number)
        head = ["phase", "looking on at its end", "updates read", "median", "p99", "max", "memory, most"]
        show(f"{wanted.viewers} viewers, one update of {SIZE} bytes every {EVERY_S} s",
             head, [["all read", *free], [f"{wanted.stalled} stalled", *stalled]])  # fmt: skip
        missing = sum(viewer.missing for viewer in viewers)
        print(f"messages missing: {missing}; viewers that read and were cut off: {len(watching.lost)}")
        return 1 if missing or watching.lost else 0
    finally:
        server.process.terminate()
        server.process.wait(30)


if __name__ == "__main__":
    raise SystemExit(main())
