"""Who follows the swarms of which cluster: a locked file for each process, in the data folder.

A swarm that nobody follows ends by itself, so whoever starts one and goes away must know that somebody does. The kernel
drops the lock with the process, however it ended. It must not be asked across machines.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

from dashboard.locked_file import is_locked

PREFIX, SUFFIX = "following-", ".lock"


class Follower:
    """This process among those that follow the swarms of the cluster at `server`."""

    def __init__(self, folder: Path, server: str) -> None:
        self._file = folder / f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"
        self._server = server
        self._descriptor: int | None = None

    def claim(self) -> None:
        """From now on the cluster counts as followed. Raises OSError."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._file.parent.glob(f"{PREFIX}*{SUFFIX}"):
            if not is_locked(left):
                left.unlink(missing_ok=True)
        half = self._file.with_suffix(".part")
        descriptor = os.open(half, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, self._server.encode())
        half.rename(self._file)  # seen only once it is locked, so that nobody sweeps it away before
        self._descriptor = descriptor

    def release(self) -> None:
        """Not any more."""
        if self._descriptor is not None:
            self._file.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None


def is_followed(folder: Path, server: str) -> bool:
    """Whether a process with this data folder follows the swarms of that cluster now."""
    return any(is_locked(each) and _text(each) == server for each in folder.glob(f"{PREFIX}*{SUFFIX}"))


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return None
