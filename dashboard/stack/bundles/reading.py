"""Reads a bundle: a folder of plain YAML with a kustomization and the list of Secrets to generate.

Only reads files; what an object means for the order of applying is in `stages`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dashboard.errors import Refused
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret, ObjectRef, SecretKeySource, ref_of

ORDER = ("metrics-server", "mongodb", "flask", "load")
"""The bundles that come with Surgeboard, in the order of their dependencies."""

KUSTOMIZATION_FIELDS = {"apiVersion", "kind", "resources"}


def read_all(folder: Path) -> tuple[Bundle, ...]:
    """Every bundle below `folder`, the known ones first in order of dependency, then by name."""
    names = [path.parent.name for path in folder.glob("*/kustomization.yaml")]
    ranked = sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    return tuple(read(folder / name) for name in ranked)


def read(folder: Path) -> Bundle:
    """The bundle in `folder`. Raises Refused with file, line and column for YAML that cannot be read."""
    kustomization = _single(folder / "kustomization.yaml")
    unknown = set(kustomization) - KUSTOMIZATION_FIELDS
    if unknown:
        raise Refused(
            f"{folder.name}/kustomization.yaml uses {', '.join(sorted(unknown))}; only `resources` is understood here. "
            "Apply it with `kubectl apply -k` instead.",
            status=422,
        )
    objects = [each for file in kustomization.get("resources", []) for each in _documents(folder / file)]
    _refuse_duplicates(folder.name, objects)
    return Bundle(name=folder.name, objects=tuple(objects), secrets=_secrets(folder / "generated-secrets.yaml"))


def _secrets(file: Path) -> tuple[GeneratedSecret, ...]:
    if not file.exists():
        return ()
    return tuple(
        GeneratedSecret(
            namespace=entry["namespace"],
            name=entry["name"],
            generate=dict(entry.get("generate", {})),
            copy={key: SecretKeySource(**source) for key, source in entry.get("copy", {}).items()},
        )
        for entry in _single(file)["secrets"]
    )


def _refuse_duplicates(bundle: str, objects: list[dict[str, Any]]) -> None:
    seen: set[ObjectRef] = set()
    for each in objects:
        ref = ref_of(each)
        if ref in seen:
            raise Refused(f"Bundle {bundle} holds {ref} twice; remove one.", status=422)
        seen.add(ref)


def _single(file: Path) -> dict[str, Any]:
    documents = _documents(file)
    if len(documents) != 1:
        raise Refused(f"{file.parent.name}/{file.name} must hold one document, it holds {len(documents)}.", status=422)
    return documents[0]


def _documents(file: Path) -> list[dict[str, Any]]:
    where = f"{file.parent.name}/{file.name}"
    try:
        loaded = [each for each in yaml.safe_load_all(file.read_text(encoding="utf-8")) if each is not None]
    except FileNotFoundError:
        raise Refused(f"{where} is named by the bundle but is not there.", status=422) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Refused(f"{where}{place}: {error.problem}.", status=422) from error
    for each in loaded:
        if not isinstance(each, dict):
            raise Refused(f"{where} holds {type(each).__name__} where an object is expected.", status=422)
    return loaded
