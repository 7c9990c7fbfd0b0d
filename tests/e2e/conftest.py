"""The whole product as a person starts it: `surgeboard up` on free ports with a data folder of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

STOP_S = 40


@dataclass(frozen=True)
class Running:
    """A running `surgeboard up`."""

    process: subprocess.Popen[str]
    url: str
    data_dir: Path
    log: Path

    @property
    def kubeconfig(self) -> Path:
        return self.data_dir / "cluster" / "kubeconfig"

    def kubectl(self, *arguments: str) -> str:
        """kubectl against its cluster; stdout."""
        kubectl = Path(sys.executable).with_name("kubectl")
        command = [str(kubectl), "--kubeconfig", str(self.kubeconfig), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("surgeboard")
    log = data_dir / "log"
    command = [sys.executable, "-m", "dashboard", "up", "--port", str(free_port()), "--api-port", "0"]
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [*command, "--data-dir", str(data_dir)], stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:"), log.read_text()
    yield Running(process, url, data_dir, log)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_S)
    finally:
        process.kill()
        process.stdout.close()
