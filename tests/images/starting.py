"""Starts a program of an image as a pod would: its user, no capabilities, a read-only root, /tmp of its own."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

PATH = "PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin"
PATIENCE_S = 60.0
_ENTER = """
set -e
mount --make-rprivate /
mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"
mount -t proc -o nosuid,nodev,noexec proc "$1/proc"
mount --bind /dev "$1/dev"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$1/tmp"
root="$1"; shift
exec chroot "$root" setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --bounding-set=-all \\
    --inh-caps=-all -- "$@"
"""


def command(root: Path, *program: str, folder: str = "/opt/surgeboard", **environment: str) -> list[str]:
    """The command line that starts it; it ends with its starter."""
    given = [f"{name}={value}" for name, value in environment.items()]
    inside = ["env", "-i", f"--chdir={folder}", PATH, "PYTHONDONTWRITEBYTECODE=1", *given, *program]
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _ENTER, "sh", str(root), *inside]


def said(root: Path, *program: str, **environment: str) -> tuple[int, str]:
    """How a program that ends by itself has ended, and its last line."""
    ended = subprocess.run(
        command(root, *program, **environment), capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    lines = (ended.stdout + ended.stderr).strip().splitlines()
    return ended.returncode, lines[-1] if lines else ""


def answer(root: Path, *program: str, url: str, **environment: str) -> str | None:
    """None when a server answers 200 there and ends well by SIGTERM; else what it did instead."""
    started = subprocess.Popen(
        command(root, *program, **environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        problem = _until_answered(started, url)
        for each in psutil.Process(started.pid).children():  # `unshare` itself does not pass the signal on
            each.terminate()
        output, _ = started.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return "does not end by SIGTERM"
    finally:
        started.kill()
    if problem is None and started.returncode:
        problem = f"ends by SIGTERM with {started.returncode}"
    return f"{problem}: {output.strip()[-800:]}" if problem else None


def _until_answered(started: subprocess.Popen[str], url: str) -> str | None:
    deadline = time.monotonic() + PATIENCE_S
    last = "nothing"
    while time.monotonic() < deadline:
        if started.poll() is not None:
            return f"ended with {started.returncode}"
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return None
        except urllib.error.HTTPError as error:
            last = str(error)
        except OSError as error:
            last = str(error)
        time.sleep(0.2)
    return f"does not answer at {url} ({last})"
