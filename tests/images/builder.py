"""Builds images with buildah in a store of its own, and opens what was built. It judges nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRUSTED = Path("/etc/ssl/certs")
"""What this machine trusts the builder trusts too; of a package registry behind a company's proxy it has to."""
DEBIAN_NAMES = {"buildah": "buildah", "debootstrap": "debootstrap", "setpriv": "util-linux", "unshare": "util-linux"}


class CannotBuild(Exception):
    """Something this machine lacks, or a build that failed; the text is the sentence to show."""


def check_programs() -> None:
    """Raises CannotBuild for what is not installed."""
    missing = sorted({package for program, package in DEBIAN_NAMES.items() if shutil.which(program) is None})
    if missing:
        raise CannotBuild(f"not installed: {', '.join(missing)}; on Debian: sudo apt-get install {' '.join(missing)}")


@dataclass(frozen=True, slots=True)
class Builder:
    """`folder`: where images and containers are kept; needs a gigabyte or two while it works."""

    folder: Path

    def base(self, tree: Path, name: str) -> None:
        """Makes an image of nothing but a file tree."""
        container = self._buildah("from", "scratch")
        self._buildah("add", "--quiet", container, str(tree), "/")
        self._buildah("config", "--cmd", "python3", "--env", "LANG=C.UTF-8", container)
        self._buildah("commit", "--quiet", container, name)
        self._buildah("rm", container)

    def build(self, dockerfile: Path, name: str, *, arguments: dict[str, str]) -> None:
        """Builds `name` from the folder of the Dockerfile, fetching no image."""
        npm = self.folder / "npmrc"
        npm.write_text(f"cafile={TRUSTED}/ca-certificates.crt\n", encoding="utf-8")
        given = [each for key, value in arguments.items() for each in ("--build-arg", f"{key}={value}")]
        volumes = ["--volume", f"{TRUSTED}:{TRUSTED}:ro", "--volume", f"{npm}:/root/.npmrc:ro"]
        self._buildah(
            "build", "--quiet", "--isolation", "chroot", "--pull-never", "--layers=false", "--network", "host",
            *volumes, *given, "--file", str(dockerfile), "--tag", name, str(dockerfile.parent),
        )  # fmt: skip

    def config(self, name: str) -> dict[str, Any]:
        """The image's configuration as the Open Container Initiative names its fields."""
        told: dict[str, Any] = json.loads(self._buildah("inspect", "--type", "image", name))
        found: dict[str, Any] = told["OCIv1"]
        return found

    @contextmanager
    def opened(self, name: str) -> Iterator[Path]:
        """The image's file tree."""
        container = self._buildah("from", "--pull-never", name)
        try:
            yield Path(self._buildah("mount", container))
        finally:
            self._buildah("umount", container)
            self._buildah("rm", container)

    def _buildah(self, *arguments: str) -> str:
        where = ["--root", str(self.folder / "store"), "--runroot", str(self.folder / "run"), "--storage-driver", "vfs"]
        ended = subprocess.run(["buildah", *where, *arguments], capture_output=True, text=True, check=False)
        if ended.returncode:
            said = (ended.stderr or ended.stdout).strip().splitlines()[-15:]
            raise CannotBuild(f"buildah {arguments[0]} failed:\n" + "\n".join(said))
        return ended.stdout.strip()
