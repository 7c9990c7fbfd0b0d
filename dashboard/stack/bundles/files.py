"""The files of a bundle: read as documents, within a bound of size, and never outside of their folder.

A folder may be somebody else's work: what it links to must not become readable through it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from dashboard.stack.bundles.documents import DEPTH_MAX, SIZE_MAX, Document, documents_of
from dashboard.stack.bundles.faults import Faults, Place

SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(slots=True)
class Files:
    """Reads for one bundle. `top`: what a person named; places are told relative to the folder above it."""

    top: Path
    faults: Faults = field(default_factory=Faults)
    _read: int = 0

    def label(self, path: Path) -> str:
        """How a file is called in sentences: `shop/a.yaml`."""
        return os.path.relpath(path, self.top.parent)

    def documents(self, path: Path, *, root: Path) -> list[Document]:
        """The documents of a file at or below `root`; what is wrong goes to the faults."""
        text = self._text(path, root)
        if text is None:
            return []
        if path.suffix == ".json":
            return self._json(text, path)
        return documents_of(text, file=self.label(path), faults=self.faults)

    def _text(self, path: Path, root: Path) -> str | None:
        place = Place(self.label(path))
        try:
            if not is_within(path, root):
                self.faults.add(place, f"it leads out of the folder {root.name}; put a copy into the folder.")
                return None
            if not path.is_file():
                self.faults.add(place, "it is not there any more." if not path.exists()
                                else "it is no regular file.")  # fmt: skip
                return None
            with path.open("rb") as file:
                raw = file.read(SIZE_MAX - self._read + 1)
        except OSError as error:
            self.faults.add(place, f"it cannot be read: {error.strerror}.")
            return None
        return self._decoded(raw, place)

    def _decoded(self, raw: bytes, place: Place) -> str | None:
        if len(raw) > SIZE_MAX - self._read:
            self.faults.add(place, f"the bundle is larger than {SIZE_MAX // 2**20} MiB with it; divide the bundle.")
            return None
        self._read += len(raw)
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start)
            column = error.start - raw.rfind(b"\n", 0, error.start)
            self.faults.add(Place(place.file, line + 1, column), "it is not UTF-8 text; save it as UTF-8.")
            return None

    def _json(self, text: str, path: Path) -> list[Document]:
        label = self.label(path)
        try:
            content = json.loads(text, object_pairs_hook=self._unique(label), parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            self.faults.add(Place(label, error.lineno, error.colno), f"{error.msg}.")
            return []
        except (ValueError, RecursionError) as error:
            told = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            self.faults.add(Place(label), f"{told}.")
            return []
        if _is_deeper(content, DEPTH_MAX):
            self.faults.add(Place(label), f"more than {DEPTH_MAX} levels deep; no Kubernetes object is.")
            return []
        return [Document(label, content)] if content is not None else []

    def _unique(self, label: str) -> Any:
        def mapping(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
            built: dict[str, Any] = {}
            for key, value in pairs:
                if key in built:
                    self.faults.add(Place(label), f"`{key}` stands twice in one object; only one can be meant.")
                built.setdefault(key, value)
            return built

        return mapping


def is_within(path: Path, root: Path) -> bool:
    """Whether a path leads to `root` or below it, after all links."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except RuntimeError:  # links in a circle
        return False


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _is_deeper(value: Any, depth: int) -> bool:
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return False
    return depth <= 0 or any(_is_deeper(each, depth - 1) for each in value)
