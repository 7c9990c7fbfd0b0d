"""Starts the local cluster as a child and waits until it is ready; knows only its command line."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboard.cli import ending

PR_SET_PDEATHSIG = 1
STOP_S = 12
"""Seconds the cluster gets to end its pods. After that the kernel ends them with it."""


class NotStarted(Exception):
    """The local cluster said why on stderr and ended."""


@dataclass(frozen=True, slots=True)
class LocalCluster:
    """A running one: how to reach it, its process, and the file with its log."""

    kubeconfig: Path
    process: subprocess.Popen[str]
    log: Path


def end_with_parent() -> None:
    """Run in the child: the kernel ends it when the launcher dies, even by kill -9 (Linux prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def running(folder: Path, *, port: int, verbose: bool = False) -> Iterator[LocalCluster]:
    """A local cluster for as long as the block runs. Raises NotStarted."""
    command = [sys.executable, "-m", "localcluster", "up", "--dir", str(folder), "--port", str(port)]
    command += ["--verbose"] if verbose else []
    child = start(command, stdout=subprocess.PIPE)
    try:
        ending.heed()
        _wait_until_ready(child)
        yield LocalCluster(folder / "kubeconfig", child, folder / "log")
    finally:
        stop(child, within=STOP_S)


def is_running(folder: Path) -> bool:
    """Whether a cluster runs from `folder` now; it leaves a file with its process' number there."""
    try:
        number = int((folder / "pid").read_text(encoding="utf-8"))
        return b"localcluster" in Path(f"/proc/{number}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False


def start(command: list[str], *, stdout: int | None = None) -> subprocess.Popen[str]:
    """A child in a session of its own, so that Ctrl-C reaches it through us alone and in order."""
    with ending.held():
        return subprocess.Popen(
            command,
            stdout=stdout,
            text=True,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509
        )


def stop(child: subprocess.Popen[str], *, within: float) -> None:
    """Asks it to end, and insists after a while."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(within)
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
