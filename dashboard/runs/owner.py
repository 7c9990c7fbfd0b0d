"""Who records: a locked file for each process, so that others can tell a recording from one that was killed.

The kernel drops the lock with the process, however it ended. It must not be asked across machines.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

from dashboard.errors import Refused
from dashboard.locked_file import is_locked

PREFIX, SUFFIX = "recording-", ".lock"


class Owner:
    """This process among those that record into the same folder."""

    def __init__(self, folder: Path) -> None:
        self.id = secrets.token_hex(8)
        self._folder = folder
        self._descriptor: int | None = None

    def claim(self) -> None:
        """From now on this owner counts as alive. Raises Refused when its file cannot be made."""
        try:
            while self._descriptor is None:
                self._descriptor = self._locked()
        except OSError as error:
            raise Refused(f"Nothing can be recorded in {self._folder}: {error}.", status=503) from error

    def release(self) -> None:
        """Not alive any more."""
        if self._descriptor is not None:
            _file(self._folder, self.id).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None

    def _locked(self) -> int | None:
        """None when somebody swept the file away before it was locked."""
        file = _file(self._folder, self.id)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)
        return None


def is_alive(folder: Path, owner: str) -> bool:
    """Whether the process with that id still records."""
    return is_locked(_file(folder, owner))


def sweep(folder: Path) -> None:
    """Removes what dead owners left."""
    for file in folder.glob(f"{PREFIX}*{SUFFIX}"):
        if not is_locked(file):
            file.unlink(missing_ok=True)


def _file(folder: Path, owner: str) -> Path:
    return folder / f"{PREFIX}{owner}{SUFFIX}"
