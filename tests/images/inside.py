"""What must be true of an image's configuration and files. Reads a tree and a document; starts nothing."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

USER = "10001:10001"
BUILD_TOOLS = ("pip", "pip3", "gcc", "cc", "make", "node", "npm", "npx", "git", "curl", "wget")
LABELS = ("title", "description", "version", "revision", "licenses")
SECRET_WORDS = ("password", "token", "secret", "key")
LAYERS = 2
"""The user and group, and everything that is installed."""
OWN = "opt"
"""Everything that our stages add."""


def of_config(config: dict[str, Any], base: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the configuration, beside that of the image it stands on."""
    own = config["config"]
    if own.get("User") != USER:
        yield f"runs as {own.get('User')!r}, not as {USER}"
    if own.get("StopSignal") != "SIGTERM":
        yield f"its STOPSIGNAL is {own.get('StopSignal')!r}"
    if "Healthcheck" in own:
        yield "has a HEALTHCHECK; probes belong to the manifest"
    labels = own.get("Labels") or {}
    yield from (f"has no label {each}" for each in LABELS if not labels.get(f"org.opencontainers.image.{each}"))
    names = [each.partition("=")[0].lower() for each in own.get("Env") or []]
    yield from (f"its environment holds {each}" for each in names if any(word in each for word in SECRET_WORDS))
    added = len(config["rootfs"]["diff_ids"]) - len(base["rootfs"]["diff_ids"])
    if added > LAYERS:
        yield f"adds {added} layers"


def of_files(root: Path, *, needed: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the files."""
    yield from (f"lacks {each}" for each in needed if not (root / each).exists())
    yield from (f"{each} is left in the virtual environment" for each in BUILD_TOOLS if _is_there(root, each))
    for cache in ("root/.cache", "root/.npm", "tmp", "build"):
        if (root / cache).is_dir() and any((root / cache).iterdir()):
            yield f"/{cache} is not empty"
    for path in (root / OWN).rglob("*"):
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            continue
        name = "/" + str(path.relative_to(root))
        if found.st_uid or found.st_gid:
            yield f"{name} belongs to {found.st_uid}:{found.st_gid}"
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_ISUID | stat.S_ISGID):
            yield f"{name} has the mode {stat.filemode(found.st_mode)}"
    modules = (root / OWN / "surgeboard").rglob("*.py")
    yield from (f"{path.name} is not compiled" for path in modules if not list(_compiled(path)))


def size(root: Path) -> int:
    """Bytes that our stages add."""
    return sum(path.lstat().st_size for path in (root / OWN).rglob("*") if path.is_file() and not path.is_symlink())


def _is_there(root: Path, program: str) -> bool:
    return (root / OWN / "venv/bin" / program).exists()


def _compiled(path: Path) -> Iterator[Path]:
    return path.parent.glob(f"__pycache__/{path.stem}.*.pyc")
