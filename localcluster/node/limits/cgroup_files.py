"""Reading and removing cgroup directories, alike in both versions; must not decide what is limited."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

log = logging.getLogger(__name__)


def number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def fields(path: Path) -> dict[str, int]:
    """A `name value` file such as memory.stat; empty when it has gone."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    return {name: int(value) for name, _, value in (line.partition(" ") for line in lines) if value.isdigit()}


def remove_tree(directory: Path) -> None:
    """rmdir from the leaves up; a group that still has processes stays, and the log says so."""
    if not directory.is_dir():
        return
    for child in directory.iterdir():
        if child.is_dir():
            remove_tree(child)
    try:
        directory.rmdir()
    except OSError as error:
        log.debug("cgroup %s stays: %s", directory, error.strerror)


def usable(directory: Path, *, needed: tuple[str, ...]) -> bool:
    """Whether `directory` can be made and is a real cgroup with the files `needed`."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    if all((directory / name).exists() for name in needed):
        return True
    with contextlib.suppress(OSError):
        directory.rmdir()
    return False


def own_paths() -> dict[str, str]:
    """Controller → path of this process' cgroup, from /proc/self/cgroup; "" is the unified hierarchy."""
    paths: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path
    return paths
