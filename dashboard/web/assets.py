"""Makes sure at start that the browser files of others are there; without them a page would look merely broken."""

from __future__ import annotations

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
