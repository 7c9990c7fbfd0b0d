"""How long `surgeboard up` takes until it prints the sign-in URL, first and again, and how long it takes to end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tables import seconds, show


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def once(folder: Path) -> tuple[float, float]:
    """Seconds to the URL, and from SIGTERM to the end."""
    command = [sys.executable, "-m", "dashboard", "up", "--port", str(free_port()), "--api-port", "0"]
    began = time.monotonic()
    with subprocess.Popen(
        [*command, "--data-dir", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://"), "it did not start; run `surgeboard up` to see why"
        ready = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    return ready - began, time.monotonic() - ready


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        runs = [(name, *once(Path(folder))) for name in ("first", "second", "third")]
    rows = [(name, seconds(up), seconds(down)) for name, up, down in runs]
    show("surgeboard up, with one data folder", ("start", "to the sign-in URL", "SIGTERM to the end"), rows)


if __name__ == "__main__":
    main()
