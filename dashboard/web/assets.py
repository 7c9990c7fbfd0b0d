"""The browser's files: that those of others are there at start, and the version that is part of every address.

A page of an earlier version must never load modules of a later one; as modules name each other by relative addresses,
a version in the path holds for all of them. It never serves a file.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
STATIC = PACKAGE / "static"
TEMPLATES = PACKAGE / "templates"
VENDOR_FILES = ("htmx.min.js", "socket.io.esm.min.js", "uPlot.esm.js", "uPlot.min.css")


class MissingBrowserFiles(Exception):
    """The app cannot start; the text says what to run."""


def check(static: Path = STATIC) -> None:
    """Raise MissingBrowserFiles when one of them is absent."""
    missing = [name for name in VENDOR_FILES if not (static / "vendor" / name).is_file()]
    if missing:
        raise MissingBrowserFiles(
            f"The browser files {', '.join(missing)} are missing from {static / 'vendor'}: "
            "run `python hatch_build.py` in the source tree, or install the package again."
        )


def version(static: Path = STATIC) -> str:
    """Twelve hexadecimal digits that change with any of the files."""
    digest = hashlib.sha256()
    for path in sorted(each for each in static.rglob("*") if each.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(static)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:12]
