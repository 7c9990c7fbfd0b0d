"""A little room on the disk, taken in good time, so that a full disk can be told of. Must not know what is kept."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

BYTES = 256 * 1024
"""Enough for the last few pages of a run that is cut off, twice: once in the log and once in the file."""


class Reserve:
    """A file of nothing beside another one."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".reserve")

    def fill(self) -> None:
        """Takes the room. Without any there is nothing to be done, and what comes next tells."""
        with contextlib.suppress(OSError):
            if self._path.exists() and self._path.stat().st_size >= BYTES:
                return
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, bytes(BYTES))  # written, since a file of holes takes no room
            finally:
                os.close(descriptor)

    def give(self) -> None:
        """Gives the room back."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
