"""Reads a bundle: ours, or any folder of YAML, single file or kustomization. Only reads; `rendering` runs kubectl.

All that is wrong with a bundle is told at once. What an object means for the order of applying is in `stages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dashboard.errors import Refused
from dashboard.stack.bundles import comments, generated, rendering
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret, ObjectRef, ref_of
from dashboard.stack.bundles.documents import documents_of
from dashboard.stack.bundles.faults import Place
from dashboard.stack.bundles.files import SUFFIXES, Files
from dashboard.stack.bundles.kustomization import NAMES, Tree, kustomization_in, tree_of
from dashboard.stack.bundles.names import NAMESPACE_RULE, is_label
from dashboard.stack.bundles.refusals import (
    Located,
    objects_of,
    refuse_duplicates,
    refuse_other_namespaces,
    warnings_of,
)

ORDER = ("metrics-server", "mongodb", "flask", "load")
"""The bundles that come with Surgeboard, in the order of their dependencies."""

ITSELF = "dashboard"
"""The bundle that Surgeboard itself is installed by. It is not part of the stack, and only asked for by name."""

_HANDED_OVER = (
    "Its replicas belong to the HorizontalPodAutoscaler: the number in the file counts only when it is created."
)


@dataclass(frozen=True, slots=True)
class _Content:
    """What the files come to. `comment`: the one on top of the kustomization."""

    objects: Sequence[Located]
    comment: str = ""
    warnings: tuple[str, ...] = ()


def read_all(folder: Path) -> tuple[Bundle, ...]:
    """Every bundle of the stack below `folder`, the known ones first in order of dependency, then by name."""
    return tuple(read(folder / name) for name in names_in(folder))


def names_in(folder: Path) -> list[str]:
    """The folders that hold a bundle of the stack, in the order in which they are deployed."""
    names = [path.parent.name for path in folder.glob("*/kustomization.yaml") if path.parent.name != ITSELF]
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def read(folder: Path, *, run: rendering.Run = rendering.run_alone) -> Bundle:
    """One of our bundles. Raises Refused with file, line and column of everything that is wrong."""
    return _read(folder, folder.name, own=False, cluster_scoped=True, within=None, run=run)


def read_path(
    path: Path,
    *,
    name: str | None = None,
    cluster_scoped: bool = False,
    within: Path | None = None,
    run: rendering.Run = rendering.run_alone,
) -> Bundle:
    """A person's own stack: a folder of YAML, one file, or a kustomization. Raises Refused.

    `name`: what it is called; None: as the folder or the file is. `within`: the folder that kustomizations must not
    reach out of; None: anywhere on this machine.
    """
    path = path.expanduser().absolute()
    if path.name in NAMES:
        path = path.parent
    if not path.exists():
        raise Refused(f"{path} is not there; name a folder of YAML, a file or a kustomization.", status=422)
    called = name if name is not None else (path.resolve().name if path.is_dir() else path.stem)
    if not is_label(called):
        raise Refused(
            f"{called!r} cannot be the name of a stack, which takes {NAMESPACE_RULE}. "
            "Rename it, or give it another name with --name.",
            status=422,
        )
    return _read(path.resolve() if path.is_dir() else path, called, own=True, cluster_scoped=cluster_scoped,
                 within=within, run=run)  # fmt: skip


def _read(path: Path, name: str, *, own: bool, cluster_scoped: bool, within: Path | None, run: rendering.Run) -> Bundle:
    files = Files(path)
    folder = path if path.is_dir() else path.parent
    if path.is_dir() and kustomization_in(path):
        content = _kustomized(path, files, within, run)
    else:
        content = _listed(path, files)
    secrets = [] if path.is_file() else _secrets(folder, files)
    if not files.faults.found:
        refuse_duplicates([*content.objects, *(each for each, _ in secrets)], files.faults)
    files.faults.refuse()
    title, text = comments.title_and_text(content.comment, name=name)
    bundle = Bundle(
        name=name,
        objects=tuple(each.manifest for each in content.objects),
        secrets=tuple(secret for _, secret in secrets),
        title=title,
        text=text,
        own=own,
        cluster_scoped=cluster_scoped,
        places={each.ref.id: str(each.place) for each in content.objects},
        warnings=content.warnings,
        reasons=_reasons([*content.objects, *(each for each, _ in secrets)]),
    )
    return _with_hand_over(bundle)


def _listed(path: Path, files: Files) -> _Content:
    """A single file, or all of a folder's files by name; sub-folders are not entered."""
    if path.is_file():
        chosen, root = [path], path.parent
    else:
        held = _entries(path)
        chosen = [
            each for each in held if each.suffix in SUFFIXES and each.name != generated.FILE and not each.is_dir()
        ]
        root = path
    documents = [document for file in chosen for document in files.documents(file, root=root)]
    located = objects_of(documents, files.faults)
    if not located and not files.faults.found:
        files.faults.add(Place(files.label(path)), "it holds no Kubernetes object; name a folder or file with YAML.")
    return _Content(located, warnings=warnings_of(located))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise Refused(f"{folder} cannot be read: {error.strerror}.", status=422) from error


def _kustomized(folder: Path, files: Files, within: Path | None, run: rendering.Run) -> _Content:
    """What a kustomization comes to: its files as they are, or rendered where it changes them."""
    tree = tree_of(folder, files, within=within)
    located = _sources(tree, files)
    comment = tree.top.comment if tree.top else ""
    warnings = warnings_of(located)
    if tree.listing or files.faults.found:
        return _Content(located, comment, warnings)
    label = f"{files.label(folder)} as rendered"
    text = rendering.rendered(folder, label=files.label(folder), run=run)
    rendered = objects_of(documents_of(text, file=label, faults=files.faults), files.faults)
    told = {(each.ref.kind, each.ref.name): each.comment for each in located}
    kept = [Located(each.manifest, each.place, told.get((each.ref.kind, each.ref.name), "")) for each in rendered]
    return _Content(kept, comment, warnings or warnings_of(rendered))


def _sources(tree: Tree, files: Files) -> list[Located]:
    """The objects of all files that a kustomization reaches, in its order."""
    found: list[Located] = []
    for source in tree.sources:
        located = objects_of(files.documents(source.path, root=source.root), files.faults)
        if source.namespace is not None:
            refuse_other_namespaces(located, source.namespace, files.faults)
        found += located
    return found


def _secrets(folder: Path, files: Files) -> list[tuple[Located, GeneratedSecret]]:
    file = folder / generated.FILE
    if not file.exists():
        return []
    found = generated.secrets_of(files.documents(file, root=folder), files.faults)
    return [(Located(_manifest(secret.ref), document.place(), why), secret) for secret, document, why in found]


def _manifest(ref: ObjectRef) -> dict[str, object]:
    metadata = {"name": ref.name, "namespace": ref.namespace}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata}


def _reasons(located: Sequence[Located]) -> dict[str, str]:
    return {each.ref.id: each.comment for each in located if each.comment}


def _with_hand_over(bundle: Bundle) -> Bundle:
    """Says at each workload that names a number of replicas beside its HPA what becomes of that number."""
    reasons = dict(bundle.reasons)
    for each in bundle.objects:
        ref = ref_of(each)
        if ref in bundle.scaled and "replicas" in each["spec"]:
            reasons[ref.id] = f"{reasons[ref.id]} {_HANDED_OVER}" if ref.id in reasons else _HANDED_OVER
    return replace(bundle, reasons=reasons)
