"""Who records: a locked file for each process, so that others can tell a recording from one that was killed.

The kernel drops the lock with the process, however it ended. It must not be asked across machines.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

from dashboard.errors import Refused


class Owner:
    """This process among those that record into the same folder."""

    def __init__(self, folder: Path) -> None:
        self.id = secrets.token_hex(8)
        self._folder = folder
        self._descriptor: int | None = None

    def claim(self) -> None:
        """From now on this owner counts as alive. Raises Refused when its file cannot be made."""
        if self._descriptor is None:
            try:
                self._descriptor = os.open(_file(self._folder, self.id), os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Refused(f"Nothing can be recorded in {self._folder}: {error}.", status=503) from error

    def release(self) -> None:
        """Not alive any more."""
        if self._descriptor is not None:
            _file(self._folder, self.id).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None


def is_alive(folder: Path, owner: str) -> bool:
    """Whether the process with that id still records."""
    try:
        descriptor = os.open(_file(folder, owner), os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def sweep(folder: Path, owner: str) -> None:
    """Removes what a dead owner left."""
    _file(folder, owner).unlink(missing_ok=True)


def _file(folder: Path, owner: str) -> Path:
    return folder / f"recording-{owner}.lock"
