"""One cluster a directory: held by a lock, which ends with its process, and told by a file with its number."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class Claimed(Exception):
    """Another process has the directory."""


@contextlib.contextmanager
def claim(pid_file: Path) -> Iterator[None]:
    """Raises Claimed, or OSError where the directory cannot be written to."""
    with pid_file.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Claimed from error
        pid_file.write_text(f"{os.getpid()}\n")
        try:
            yield
        finally:
            pid_file.unlink(missing_ok=True)
