"""A browser down to its socket, and a real gunicorn to look at."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ORIGIN = "http://dashboard.test"


class Browser:
    """A websocket client that reads only when told to; frames are checked as a browser checks them."""

    def __init__(self, port: int, *, cookie: str = "good", origin: str | None = ORIGIN, hello: bool = True) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self._data = bytearray()
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Extensions: permessage-deflate",
            f"Cookie: {cookie}",
        ]
        if origin:
            lines.append(f"Origin: {origin}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.head = self._until(b"\r\n\r\n").decode()
        self.status = int(self.head.split()[1])
        if self.status == 101 and hello:
            assert self.text().startswith("0{")
            self.say("40")
            self.welcome = self.text()

    def say(self, text: str) -> None:
        payload = text.encode()
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        size = struct.pack("!B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
        self.socket.sendall(b"\x81" + size + mask + masked)

    def text(self) -> str:
        """The next text frame; pings of engine.io are answered on the way."""
        while True:
            opcode, payload = self._frame()
            if opcode == 8:
                raise ConnectionError("the server closed")
            assert opcode == 1, f"a frame with opcode {opcode} was never sent: the stream is torn"
            text = payload.decode()
            if text != "2":
                return text
            self.say("3")

    def event(self) -> tuple[str, dict[str, Any]]:
        """The next Socket.IO event."""
        text = self.text()
        assert text.startswith("42"), text[:80]
        name, payload = json.loads(text[2:])
        return name, payload

    def wait_for(self, reached: Callable[[dict[str, Any]], bool]) -> list[tuple[str, dict[str, Any]]]:
        """Events up to and including the first whose payload is what was waited for."""
        events = []
        while not events or not reached(events[-1][1]):
            events.append(self.event())
        return events

    def until_closed(self) -> None:
        """Read on until the server closes; fails when it does not for twenty seconds."""
        with contextlib.suppress(ConnectionError):
            while True:
                self.text()

    def close(self) -> None:
        self.socket.close()

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._exactly(2)
        assert first & 0x70 == 0, "reserved bits are set: the stream is torn, or compressed"
        assert first & 0x80, "the server does not fragment"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._exactly(8))
        return first & 0x0F, bytes(self._exactly(length))

    def _exactly(self, length: int) -> bytearray:
        while len(self._data) < length:
            self._more()
        taken, self._data = self._data[:length], self._data[length:]
        return taken

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._data:
            self._more()
        end = self._data.index(mark) + len(mark)
        taken, self._data = self._data[:end], self._data[end:]
        return bytes(taken)

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the connection ended")
        self._data += data


class Server:
    """The served app, and its levers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.browsers: list[Browser] = []

    def open(self, **options: Any) -> Browser:
        self.browsers.append(Browser(self.port, **options))
        return self.browsers[-1]

    def put(self, rows: int, *, size: int = 100, first: int = 0) -> None:
        self._call(f"/put?rows={rows}&size={size}&first={first}", method="POST")

    def sign_everybody_out(self) -> None:
        self._call("/sign-out", method="POST")

    def begin_anew(self) -> None:
        """As if it had just been started: nobody looks on, and there are no rows."""
        for browser in self.browsers:
            browser.close()
        self.browsers.clear()
        self._call("/begin-anew", method="POST")
        self.wait_until(lambda about: about["browsers"] == 0)

    def about(self) -> dict[str, int]:
        answer: dict[str, int] = json.loads(self._call("/about"))
        return answer

    def wait_until(self, reached: Callable[[dict[str, int]], bool], *, seconds: float = 60) -> dict[str, int]:
        deadline = time.monotonic() + seconds
        while not reached(about := self.about()):
            assert time.monotonic() < deadline, f"not reached: {about}"
            time.sleep(0.1)
        return about

    def _call(self, path: str, *, method: str = "GET") -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()


@pytest.fixture(scope="session")
def origin() -> str:
    return ORIGIN


@pytest.fixture(scope="session")
def browser() -> Callable[..., Browser]:
    """Opens a browser's socket on a port."""
    return Browser


@pytest.fixture
def server(served: Server) -> Iterator[Server]:
    """The served app, begun anew."""
    yield served
    served.begin_anew()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """gunicorn with the gevent worker, as the dashboard is served, with room for four."""
    with serving(tmp_path_factory.mktemp("served"), places=4) as running:
        yield running


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Server]:
    """The same with room for sixty."""
    with serving(tmp_path, places=60) as running:
        yield running


@contextlib.contextmanager
def serving(folder: Path, *, places: int) -> Iterator[Server]:
    """A process of its own; it ends with the block."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    listener.set_inheritable(True)
    log = (folder / "gunicorn.log").open("wb")
    command = [
        *(sys.executable, "-m", "gunicorn", "-k", "gevent", "-w", "1", "--worker-connections", "1000"),
        *("--graceful-timeout", "1", "--no-control-socket", "--chdir", str(HERE), "served_app:app"),
        *("--bind", f"fd://{listener.fileno()}"),
    ]
    environ = {**os.environ, "PYTHONPATH": str(HERE.parents[2]), "PLACES": str(places)}
    process = subprocess.Popen(command, pass_fds=[listener.fileno()], stdout=log, stderr=log, env=environ)
    running = Server(listener.getsockname()[1])
    try:
        with contextlib.suppress(OSError):
            running.about()
        running.wait_until(lambda _about: True)
        yield running
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: nobody is left to be polite to
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        listener.close()
        log.close()
        print((folder / "gunicorn.log").read_text()[-4000:])
