"""All bundles there are: those that come with Surgeboard, and the own stacks of configured folders.

Read anew when a file has changed, from memory otherwise, so that asking every second costs a few look-ups of files.
A folder that cannot be read is a problem told beside the others, never the end of them.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.errors import Refused
from dashboard.stack.bundles import reading, rendering
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.files import is_within
from dashboard.stack.bundles.names import NAMESPACE_RULE, TAKEN, is_label

FILES_MAX = 5000
"""Files below the folders; more is a folder that was not meant."""

_Files = tuple[tuple[str, int, int, int], ...]
_Stamp = tuple[_Files, str | None]


@dataclass(frozen=True, slots=True)
class _Held:
    bundles: Mapping[str, Bundle]
    problems: Mapping[str, str]


@dataclass(slots=True)
class Catalogue:
    """`own_dirs` hold one sub-folder a stack. `cluster_scoped`: own stacks may hold objects of the whole cluster.

    `itself`: the bundle that Surgeboard is installed by is one of them. A page never offers it, since tearing it down
    would end the page, and deploying it the dashboard that is at it.
    """

    bundles_dir: Path
    own_dirs: Sequence[Path] = ()
    cluster_scoped: bool = False
    itself: bool = False
    run: rendering.Run = rendering.run_alone
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _stamp: _Stamp | None = field(default=None, repr=False)
    _held: _Held = field(default_factory=lambda: _Held({}, {}), repr=False)

    def all(self) -> tuple[Bundle, ...]:
        """Ours first, in the order of their dependencies, then own ones by name. Without those that have a problem."""
        return tuple(self._current().bundles.values())

    def get(self, name: str) -> Bundle:
        """The bundle of that name. Raises Refused: 404 when there is none, 422 when it cannot be read."""
        held = self._current()
        if name in held.bundles:
            return held.bundles[name]
        if name in held.problems:
            raise Refused(f"{name} cannot be used: {held.problems[name]}", status=422)
        raise Refused(f"There is no bundle {name}; there are {', '.join(held.bundles) or 'none'}.", status=404)

    def problems(self) -> Mapping[str, str]:
        """Name of each folder that cannot be used → why; its whole path where a bundle has that name."""
        return self._current().problems

    def _current(self) -> _Held:
        with self._lock:
            try:
                stamp = (_stamp_of([self.bundles_dir, *self.own_dirs]), rendering.kubectl())
            except Refused as refused:
                stamp, self._held = None, _Held(self._held.bundles, {"folders": refused.sentence})
            if stamp is not None and stamp != self._stamp:
                self._held = self._read()
            self._stamp = stamp
            return self._held

    def _read(self) -> _Held:
        bundles: dict[str, Bundle] = {}
        problems: dict[str, str] = {}
        for name in self._ours():
            try:
                bundles[name] = reading.read(self.bundles_dir / name, run=self.run)
            except Refused as refused:
                problems[name] = refused.sentence
        ours = frozenset({reading.ITSELF, *bundles, *problems})
        for folder in sorted(self._folders(), key=lambda each: (each.name, str(each))):
            try:
                bundle = self._read_own(folder, ours, bundles)
            except Refused as refused:
                known = folder.name in bundles or folder.name in problems
                problems[str(folder) if known else folder.name] = refused.sentence
            else:
                bundles[bundle.name] = bundle
        return _Held(bundles, problems)

    def _ours(self) -> list[str]:
        is_there = self.itself and (self.bundles_dir / reading.ITSELF / "kustomization.yaml").is_file()
        return [*reading.names_in(self.bundles_dir), *([reading.ITSELF] if is_there else [])]

    def _folders(self) -> Iterator[Path]:
        for own in self.own_dirs:
            with contextlib.suppress(OSError):  # taken away or closed meanwhile: as if it held nothing
                yield from (each for each in own.iterdir() if each.is_dir() and not each.name.startswith("."))

    def _read_own(self, folder: Path, ours: frozenset[str], taken: Mapping[str, Bundle]) -> Bundle:
        name = folder.name
        if not is_label(name):
            raise Refused(
                f"{name!r} cannot be the name of a stack, which takes {NAMESPACE_RULE}; rename the folder.",
                status=422,
            )
        if name in TAKEN:
            raise Refused(f"{name} is the name of a page; rename the folder of the stack.", status=422)
        if name in ours:
            raise Refused(f"{name} is the name of a bundle that comes with Surgeboard; rename the folder.", status=422)
        if name in taken:
            raise Refused(f"{name} is there twice; {folder} is left out, rename one of the folders.", status=422)
        if not is_within(folder, folder.parent):
            raise Refused(f"{name} is a link that leads out of {folder.parent}; put a copy there.", status=422)
        return reading.read_path(
            folder, name=name, cluster_scoped=self.cluster_scoped, within=folder.parent, run=self.run
        )


def _stamp_of(folders: Sequence[Path]) -> _Files:
    """Changes whenever a file below is written, added, renamed or taken away."""
    stamp: list[tuple[str, int, int, int]] = []
    for path in (each for folder in folders for each in _files_below(folder)):
        try:
            found = path.stat()
        except OSError:  # a link to nowhere, or gone meanwhile
            stamp.append((str(path), 0, 0, 0))
        else:
            stamp.append((str(path), found.st_mtime_ns, found.st_ctime_ns, found.st_size))
        if len(stamp) > FILES_MAX:
            raise Refused(
                f"There are more than {FILES_MAX} files below {folders[-1]}; name a smaller folder.", status=422
            )
    return tuple(sorted(stamp))


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if each != ".git"]
        yield Path(parent)
        yield from (Path(parent, each) for each in (*folders, *files))
