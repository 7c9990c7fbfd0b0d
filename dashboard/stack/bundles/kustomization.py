"""What a kustomization reaches: its files in order, and whether listing them is all that it does. Runs nothing.

Everything it refers to must lie on this machine: remote references are faults here, at any nesting, before anything
could fetch them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.stack.bundles.documents import Document
from dashboard.stack.bundles.faults import Place
from dashboard.stack.bundles.files import Files, is_within

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
VISITS_MAX = 200
"""Kustomizations in one bundle, each counted as often as it is named."""

_LISTING = frozenset({"apiVersion", "kind", "metadata", "resources"})
_MEMBERS = ("resources", "bases", "components")
_FILES = ("crds", "configurations", "patchesStrategicMerge")
_FILES_INSIDE = ("patches", "patchesJson6902", "replacements", "openapi", "configMapGenerator", "secretGenerator")
_HARMLESS = frozenset({
    "namespace", "namePrefix", "nameSuffix", "commonLabels", "labels", "commonAnnotations", "images", "replicas",
    "generatorOptions", "vars", "sortOptions", "buildMetadata",
})  # fmt: skip
_KNOWN = _LISTING | _HARMLESS | {*_MEMBERS, *_FILES, *_FILES_INSIDE}
_PROGRAMS = frozenset({
    "helmCharts", "helmGlobals", "helmChartInflationGenerator", "generators", "transformers", "validators",
})  # fmt: skip
"""Fields that run or fetch something else."""
_REMOTE = re.compile(r"[:?@]|//|github\.com|\.git(/|\Z)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of manifests. `namespace`: what the kustomization that names it declares for it, None: nothing."""

    path: Path
    root: Path
    namespace: str | None


@dataclass(slots=True)
class Tree:
    """All that a kustomization reaches. `listing`: neither it nor any below does more than list files."""

    sources: list[Source] = field(default_factory=list)
    listing: bool = True
    top: Document | None = None


def kustomization_in(folder: Path) -> Path | None:
    """The kustomization file of a folder; None when it has none."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def tree_of(folder: Path, files: Files, *, within: Path | None = None) -> Tree:
    """What the kustomization in `folder` reaches; folders outside of `within` are faults. Faults go to `files`."""
    walk = _Walk(files, within)
    walk.visit(folder, ())
    return walk.tree


@dataclass(slots=True)
class _Walk:
    files: Files
    within: Path | None
    tree: Tree = field(default_factory=Tree)
    visits: int = 0

    def visit(self, folder: Path, above: tuple[Path, ...]) -> None:
        document = self._document(folder)
        self.visits += 1
        if document is None:
            return
        self.tree.top = self.tree.top or document
        self._check_fields(document)
        namespace = document.content.get("namespace")
        for name in _MEMBERS:
            for entry, place in self._entries(document, name):
                self._follow(entry, place, folder, (*above, folder), namespace if isinstance(namespace, str) else None)
        for entry, place in self._files_named(document):
            self._check_file(entry, place, folder)

    def _document(self, folder: Path) -> Document | None:
        file = kustomization_in(folder)
        if file is None:
            self._fault(Place(self.files.label(folder)), "the folder holds no kustomization.yaml.")
            return None
        documents = self.files.documents(file, root=folder)
        label = self.files.label(file)
        if len(documents) == 1 and isinstance(documents[0].content, dict):
            return documents[0]
        if len(documents) != 1 and not any(each.place.file == label for each in self.files.faults.found):
            self._fault(Place(label), f"it must hold one document, it holds {len(documents)}.")
        elif documents:
            self._fault(documents[0].place(), "it must be a mapping.")
        return None

    def _check_fields(self, document: Document) -> None:
        fields = set(document.content)
        self.tree.listing = self.tree.listing and fields <= _LISTING
        for name in sorted(fields & _PROGRAMS):
            self._fault(
                document.place(document.content, name),
                f"`{name}` runs or fetches other programs' work; render it yourself and deploy the result: "
                "kubectl kustomize FOLDER > stack.yaml.",
            )
        for name in sorted(fields - _KNOWN - _PROGRAMS):
            self._fault(document.place(document.content, name), f"`{name}` is no field of a kustomization.")

    def _entries(self, document: Document, name: str) -> Iterator[tuple[str, Place]]:
        held = document.content.get(name)
        if held is None:
            return
        if not isinstance(held, list):
            self._fault(document.place(document.content, name), f"`{name}` must be a list.")
            return
        for index, entry in enumerate(held):
            if isinstance(entry, str) and entry:
                yield entry, document.place(held, index)
            else:
                self._fault(document.place(held, index), f"an entry of `{name}` must be a text.")

    def _files_named(self, document: Document) -> Iterator[tuple[str, Place]]:
        for name in _FILES:
            yield from ((entry, place) for entry, place in self._entries(document, name) if "\n" not in entry)
        for name in _FILES_INSIDE:
            held = document.content.get(name)
            for each in held if isinstance(held, list) else [held]:
                if isinstance(each, dict):
                    yield from ((entry, document.place(each)) for entry in _paths_in(each))

    def _follow(self, entry: str, place: Place, folder: Path, above: tuple[Path, ...], namespace: str | None) -> None:
        path = self._local(entry, place, folder)
        if path is None:
            return
        if not path.exists():
            self._fault(place, f"{entry} is named here but is not there.")
        elif not path.is_dir():
            self.tree.sources.append(Source(path, folder, namespace))
        elif not self._may_enter(path, folder):
            self._fault(place, f"{entry} leads out of the folder; put a copy into the folder.")
        elif path.resolve() in {each.resolve() for each in above}:
            self._fault(place, f"{entry} leads back to a kustomization that names this one.")
        elif self.visits >= VISITS_MAX:
            self._fault(place, f"more than {VISITS_MAX} kustomizations; divide the bundle.")
        else:
            self.visit(path, above)

    def _may_enter(self, path: Path, folder: Path) -> bool:
        """A folder beside this one may be named, as kustomize has it, but not be reached through a link."""
        straight = Path(os.path.normpath(folder.resolve() / os.path.relpath(path, folder)))
        unlinked = path.resolve() == straight or is_within(path, folder)
        return unlinked and (self.within is None or is_within(path, self.within))

    def _check_file(self, entry: str, place: Place, folder: Path) -> None:
        path = self._local(entry, place, folder)
        if path is None:
            return
        if not path.is_file():
            self._fault(place, f"{entry} is named here but is not there.")
        elif not is_within(path, folder):
            self._fault(place, f"{entry} leads out of the folder; put a copy into the folder.")

    def _local(self, entry: str, place: Place, folder: Path) -> Path | None:
        if _CONTROL.search(entry) or len(entry) > 1000:
            self._fault(place, "this is no path of a file.")
        elif _REMOTE.search(entry):
            self._fault(place, f"{entry} is not on this machine; download it into the folder and name the file.")
        else:
            path = Path(os.path.normpath(folder / entry))
            try:
                path.exists()
            except OSError as error:  # a name longer than the file system takes, a folder that may not be entered
                self._fault(place, f"{entry} cannot be read: {error.strerror}.")
            else:
                return path
        return None

    def _fault(self, place: Place, sentence: str) -> None:
        self.files.faults.add(place, sentence)


def _paths_in(entry: dict[str, Any]) -> Iterator[str]:
    """The files that a patch, a replacement or a generator names (`key=path` where it gives the key a name).

    Capitals do not matter, because they do not to kustomize.
    """
    for key, held in entry.items():
        if key.lower() not in ("path", "files", "envs", "env"):
            continue
        for each in held if isinstance(held, list) else [held]:
            if isinstance(each, str):
                yield each.partition("=")[2] or each if key.lower() == "files" else each
