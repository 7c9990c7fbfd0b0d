"""Starts the local cluster as a child and waits until it is ready; knows only its command line."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PR_SET_PDEATHSIG = 1
STOP_S = 20
"""Seconds the cluster gets to end its pods."""


class NotStarted(Exception):
    """The local cluster said why on stderr and ended."""


def end_with_parent() -> None:
    """Run in the child: the kernel ends it when the launcher dies, even by kill -9 (Linux prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def running(folder: Path, *, port: int) -> Iterator[Path]:
    """A local cluster for as long as the block runs; gives its kubeconfig. Raises NotStarted."""
    command = [sys.executable, "-m", "localcluster", "up", "--dir", str(folder), "--port", str(port)]
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509
    )
    try:
        _wait_until_ready(child)
        yield folder / "kubeconfig"
    finally:
        stop(child)


def stop(child: subprocess.Popen[str]) -> None:
    """Asks it to end, and insists after a while."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _wait_until_ready(child: subprocess.Popen[str]) -> None:
    """Its first line on stdout is `ready …`; everything else it has to say goes to stderr."""
    assert child.stdout is not None  # noqa: S101 - a pipe was asked for
    for line in child.stdout:
        if line.startswith("ready"):
            return
    raise NotStarted(f"the local cluster ended with {child.wait()}; the lines above say why.")
