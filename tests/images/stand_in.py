"""A Debian with its own Python in the place of python:3.12-slim, for machines that reach no image registry.

It has what the Dockerfiles expect of the base: `python` with pip on the path, in /usr/local/bin. Its Python may be an
older one than the base's, which is said.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.images.builder import CannotBuild

SUITE = "bookworm"
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"


def make(tree: Path) -> str:
    """Fills the folder, unless it is filled already; returns its Python's version."""
    if not (tree / "usr/local/bin/python").is_symlink():
        shutil.rmtree(tree, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(tree)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise CannotBuild("debootstrap failed:\n" + "\n".join(ended.stdout.strip().splitlines()[-8:]))
        # Debian forbids pip to install beside its own packages; the image's Python is nobody else's.
        for each in tree.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):
            each.unlink()
        (tree / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    ended = subprocess.run(["chroot", tree, "python3", "--version"], capture_output=True, text=True, check=True)
    return ended.stdout.strip()
