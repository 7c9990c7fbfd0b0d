"""A real `surgeboard serve`, a signed-in viewer that must not notice anything, and attackers of our own."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

KUBECONFIG = """{apiVersion: v1, kind: Config, current-context: nowhere,
 clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:9"}}], users: [{name: nobody, user: {}}],
 contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]}"""
"""A cluster that is away: the dashboard goes on telling of samples, one a second."""
MEBIBYTE = 1024 * 1024


class Serve:
    """The process, how much memory its worker has, and ways to reach it."""

    def __init__(self, folder: Path, browser: Callable[..., Any], **settings: str) -> None:
        """`settings`: such as AUTH. But for AUTH=local nobody is signed in: there is no cluster that knows anybody."""
        (folder / "kubeconfig").write_text(KUBECONFIG)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._browser = browser
        self.log = folder / "log"
        command = [sys.executable, "-m", "dashboard", "serve", "--port", str(self.port), "--data-dir", str(folder)]
        environ = {**os.environ, **{f"SURGEBOARD_{name}": text for name, text in settings.items()}}
        with self.log.open("w") as stderr:
            self.process = subprocess.Popen(
                [*command, "--kubeconfig", str(folder / "kubeconfig")],
                stdout=subprocess.PIPE, stderr=stderr, text=True, env=environ,
            )  # fmt: skip
        assert self.process.stdout is not None
        url = self.process.stdout.readline().strip()
        if not url:
            self.end()
            raise AssertionError(self.log.read_text())
        self.cookie = ""
        if settings.get("AUTH", "local") == "local":
            self._sign_in(url.partition(str(self.port))[2])

    def _sign_in(self, path: str) -> None:
        status, headers, _ = self.get(path)
        assert status == 303
        self.cookie = headers["Set-Cookie"].partition(";")[0]

    def get(self, path: str = "/healthz", **headers: str) -> tuple[int, dict[str, str], bytes]:
        return self.ask("GET", path, headers)

    def ask(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, headers=dict(headers))
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def open(self, **more: Any) -> Any:
        """A signed-in browser's socket."""
        told = {"cookie": self.cookie, "origin": f"http://127.0.0.1:{self.port}", **more}
        return self._browser(self.port, **told)

    def connect(self, *, patience: float = 60) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=patience)

    def resident(self) -> int:
        """Bytes of memory of the worker."""
        (worker,) = psutil.Process(self.process.pid).children()
        return int(worker.memory_info().rss)

    def peak_while(self, attack: Callable[[], None]) -> int:
        """By how many bytes memory has grown at the most while `attack` ran."""
        before, peak, over = self.resident(), 0, threading.Event()

        def look() -> None:
            nonlocal peak
            while not over.wait(0.05):
                peak = max(peak, self.resident())

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            attack()
        finally:
            over.set()
            watcher.join()
        return max(peak, self.resident()) - before

    def end(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()
            assert self.process.stdout is not None
            self.process.stdout.close()


class Viewer:
    """Somebody who looks on in peace: reads what comes, and checks that nothing is missing between."""

    def __init__(self, serve: Serve) -> None:
        self.trouble: list[str] = []
        self.samples = 0
        self._browser = serve.open()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def until_more(self, count: int = 3) -> None:
        """Wait for `count` more samples, which come one a second."""
        wanted, end = self.samples + count, time.monotonic() + 60
        while self.samples < wanted:
            assert not self.trouble, self.trouble
            assert time.monotonic() < end, "the viewer hears nothing any more"
            time.sleep(0.05)

    def leave(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._browser.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(30)
        self._browser.close()

    def _read(self) -> None:
        seq = None
        try:
            while not self._over.is_set():
                name, payload = self._browser.event()
                if name == "snapshot" and seq is not None:
                    self.trouble.append("a snapshot was needed")
                if name == "delta":
                    if payload["from_seq"] != seq:
                        self.trouble.append(f"{payload['from_seq']} came after {seq}")
                    self.samples += sum(view == "samples" for view, _, _ in payload["changes"])
                seq = payload["seq"]
        except (AssertionError, OSError) as error:
            if not self._over.is_set():
                self.trouble.append(repr(error))


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory, browser: Callable[..., Any]) -> Iterator[Serve]:
    running = Serve(tmp_path_factory.mktemp("serve"), browser)
    yield running
    running.end()
    print(running.log.read_text()[-4000:])


@pytest.fixture
def viewer(serve: Serve) -> Iterator[Viewer]:
    made = Viewer(serve)
    made.until_more(1)
    yield made
    made.leave()
    assert made.trouble == []


@pytest.fixture(scope="session")
def start(browser: Callable[..., Any]) -> Callable[..., Serve]:
    """Starts one of the test's own, with settings."""
    return lambda folder, **settings: Serve(folder, browser, **settings)
