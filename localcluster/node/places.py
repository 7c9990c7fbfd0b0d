"""Where containers find this project, its Python and mongod: at places of their own, which no pod's volume covers.

A checkout may lie under /tmp, over which most pods mount a volume. Only names places; must not mount anything.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/.surgeboard")
PROJECT, ENVIRONMENT, MONGOD = _ROOT / "project", _ROOT / "environment", _ROOT / "mongod"
_SYSTEM = Path("/usr")
"""Shown in every container under its own name."""


@dataclass(frozen=True, slots=True)
class Places:
    """Directories of this machine and where containers see them, read-only."""

    shown: tuple[tuple[Path, Path], ...]

    def inside(self, path: Path) -> Path:
        """What containers call `path`; itself when it is not in one of the directories."""
        found = self.all_inside(path)
        return found[-1] if found else path

    def all_inside(self, path: Path) -> list[Path]:
        """Every name under which containers see `path`: one directory may lie in another. The closest is the last."""
        around = [(source, target) for source, target in self.shown if path.is_relative_to(source)]
        around.sort(key=lambda pair: len(pair[0].parts))
        return [target / path.relative_to(source) for source, target in around]


def places_of(project_root: Path, *, mongod: Path | None) -> Places:
    """The places on this machine. The interpreter keeps its path, because the virtual environment names it."""
    python = Path(sys.base_prefix)
    wanted = [(project_root, PROJECT), (Path(sys.prefix), ENVIRONMENT), (python, python)]
    if mongod is not None:
        wanted.append((mongod.parent, MONGOD))
    return Places(tuple(_not_of_the_system(wanted)))


def _not_of_the_system(pairs: Iterable[tuple[Path, Path]]) -> Iterable[tuple[Path, Path]]:
    for source, target in pairs:
        path = source.absolute()
        if not path.is_relative_to(_SYSTEM):
            yield path, target
