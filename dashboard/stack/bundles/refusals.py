"""What a manifest must not be, whoever wrote it; every fault with its place, all of them at once.

What can be told from the files alone is told when they are read; what only the cluster knows (which kinds belong to
the whole cluster) by `check`, at plan time.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.stack.bundles.bundle import Bundle, Manifest, ObjectRef, ref_of
from dashboard.stack.bundles.documents import Document
from dashboard.stack.bundles.faults import Faults, Place, Unreadable
from dashboard.stack.bundles.names import NAMESPACE_RULE, is_api_version, is_kind, is_label, is_object_name
from dashboard.stack.cluster import Locator

_ENCODED = {"Secret": ("data", "stringData"), "ConfigMap": ("binaryData", "data")}
"""Kind → the field whose values are base64, and the one for plain text."""

_SERVERS_OWN = ("managedFields", "resourceVersion", "uid")


@dataclass(frozen=True, slots=True)
class Located:
    """An object that is whole enough to be named, where it stands, and the comment above it."""

    manifest: dict[str, Any]
    place: Place
    comment: str = ""
    namespace_place: Place | None = None

    @property
    def ref(self) -> ObjectRef:
        """Which object it is."""
        return ref_of(self.manifest)


def objects_of(documents: Sequence[Document], faults: Faults) -> list[Located]:
    """The objects in the documents, Lists unfolded; what cannot be one goes to the faults."""
    return [each for document in documents for each in _objects(document, document.content, document.comment, faults)]


def _objects(document: Document, content: Any, comment: str, faults: Faults) -> Iterator[Located]:
    place = document.place(content)
    if not isinstance(content, dict):
        faults.add(place, f"it holds {_article(content)} where an object is expected.")
    elif str(content.get("kind")).endswith("List") and isinstance(content.get("items"), list):
        items = content["items"]
        for item in items:
            yield from _objects(document, item, document.comment_above(item) or comment, faults)
    else:
        problems = list(_problems(document, content))
        for where, sentence in problems:
            faults.add(where, sentence)
        if not problems:
            metadata = content["metadata"]
            yield Located(content, place, comment, document.place(metadata, "namespace"))


def _problems(document: Document, content: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    for key, allows, example in (("apiVersion", is_api_version, "apps/v1"), ("kind", is_kind, "Deployment")):
        value = content.get(key)
        if value is None:
            yield document.place(content), f"`{key}` is missing; write one, like {key}: {example}."
        elif not allows(value):
            yield document.place(content, key), f"`{key}` must be a text like {example}."
    metadata = content.get("metadata")
    if not isinstance(metadata, Mapping):
        yield document.place(content, "metadata"), "`metadata` with a name is missing."
    else:
        yield from _metadata_problems(document, metadata)
    yield from _encoding_problems(document, content)
    for key in ("spec", "data", "stringData") if content.get("kind") == "Secret" else ("spec",):
        if not isinstance(content.get(key), Mapping | None):
            yield document.place(content, key), f"`{key}` must be a mapping."


def _encoding_problems(document: Document, content: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Values that are to be base64 and are not; the API server would say so only once their namespace is there."""
    if content.get("apiVersion") != "v1":
        return
    field, otherwise = _ENCODED.get(str(content.get("kind")), ("", ""))
    values = content.get(field)
    for key, value in values.items() if isinstance(values, Mapping) else ():
        if value is not None and not _is_base64(value):
            yield (
                document.place(values, key),
                f"`{field}.{key}` is not base64; encode its value, or write it plainly under `{otherwise}`.",
            )


def _is_base64(value: Any) -> bool:
    """As the API server reads it: the alphabet with + and /, padded; line ends do not count."""
    try:
        base64.b64decode(re.sub("[\r\n]", "", value), validate=True)
    except (TypeError, ValueError):  # no text, or none of that alphabet
        return False
    return True


def _metadata_problems(document: Document, metadata: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if "generateName" in metadata:
        yield (
            document.place(metadata, "generateName"),
            "`generateName` would make another object at every deploy; write metadata.name instead.",
        )
    elif name is None or name == "":
        yield document.place(metadata), "metadata.name is missing."
    elif not is_object_name(name):
        yield document.place(metadata, "name"), "metadata.name is no name of an object."
    if namespace is not None and not is_label(namespace):
        yield (
            document.place(metadata, "namespace"),
            f"metadata.namespace must be {NAMESPACE_RULE}.",
        )
    for key in _SERVERS_OWN:
        if key in metadata:
            yield (
                document.place(metadata, key),
                f"metadata.{key} is the server's own; take out what an export from a cluster has added.",
            )


def refuse_duplicates(located: Sequence[Located], faults: Faults) -> None:
    """Notes each object that is there a second time, whatever version of its API it is written in."""
    seen: dict[tuple[str, str, str, str], Located] = {}
    for each in located:
        ref = each.ref
        first = seen.setdefault((ref.group, ref.kind, ref.namespace, ref.name), each)
        if first is not each:
            faults.add(each.place, f"{ref} stands here twice, first at {first.place}; remove one.")


def refuse_other_namespaces(located: Sequence[Located], namespace: str, faults: Faults) -> None:
    """Notes each object whose own namespace is not the one that its kustomization declares."""
    for each in located:
        if each.ref.namespace not in ("", namespace):
            faults.add(
                each.namespace_place or each.place,
                f"{each.ref.kind} {each.ref.name} says namespace {each.ref.namespace}, but its kustomization declares "
                f"{namespace}; correct one of them.",
            )


def check(bundle: Bundle, locator: Locator, *, cluster_scoped: bool | None = None) -> None:
    """Refuses what the cluster's own discovery forbids, all at once: `scope_faults`, and kinds that nobody serves.

    Raises Unreadable (a Refused), and ApiError when the cluster does not answer.
    """
    faults = dict(scope_faults(bundle, locator, cluster_scoped=cluster_scoped))
    coming = _defined_kinds(bundle)
    for ref in map(ref_of, bundle.objects):
        if (ref.group, ref.kind) not in coming and not locator.serves(ref.api_version, ref.kind):
            faults[ref.id] = _told(
                bundle, ref,
                f"The cluster serves no {ref.kind} in {ref.api_version}; install what provides it, or correct the "
                "manifest.",
            )  # fmt: skip
    if faults:
        raise Unreadable(faults[ref.id] for ref in map(ref_of, bundle.objects) if ref.id in faults)


def scope_faults(bundle: Bundle, locator: Locator, *, cluster_scoped: bool | None = None) -> Mapping[str, str]:
    """Object id → what is wrong with where it wants to be; kinds that nobody serves are left to others.

    An own stack may hold objects of the whole cluster, Namespaces among them, only when `cluster_scoped` says so
    (None: as the bundle was read with). Our bundles always may. Raises ApiError when the cluster does not answer.
    """
    allowed = not bundle.own or (bundle.cluster_scoped if cluster_scoped is None else cluster_scoped)
    coming = _defined_kinds(bundle)
    faults = {}
    for ref in map(ref_of, bundle.objects):
        namespaced = coming.get((ref.group, ref.kind))
        if namespaced is None and locator.serves(ref.api_version, ref.kind):
            namespaced = locator.is_namespaced(ref.api_version, ref.kind)
        if namespaced is not None and (sentence := _scope_fault(ref, is_namespaced=namespaced, allowed=allowed)):
            faults[ref.id] = _told(bundle, ref, sentence)
    return faults


def _told(bundle: Bundle, ref: ObjectRef, sentence: str) -> str:
    place = bundle.places.get(ref.id)
    return f"{place}: {sentence}" if place else sentence


def _scope_fault(ref: ObjectRef, *, is_namespaced: bool, allowed: bool) -> str | None:
    if is_namespaced:
        return None if ref.namespace else (
            f"{ref} names no namespace; add metadata.namespace, or a kustomization with `namespace:`."
        )  # fmt: skip
    if ref.namespace:
        return f"{ref.kind} {ref.name} belongs to the whole cluster; take metadata.namespace out."
    return None if allowed else (
        f"{ref} belongs to the whole cluster; if that is meant, deploy with --cluster-scoped "
        "(for a configured folder: SURGEBOARD_STACKS_CLUSTER_SCOPED=true)."
    )  # fmt: skip


def _defined_kinds(bundle: Bundle) -> dict[tuple[str, str], bool | None]:
    """(group, kind) → whether it is namespaced, for the kinds that the bundle itself brings; None: it does not say."""
    defined: dict[tuple[str, str], bool | None] = {}
    for each in bundle.objects:
        spec = each.get("spec")
        if each["kind"] == "CustomResourceDefinition" and isinstance(spec, Mapping):
            names = spec.get("names")
            kind = names.get("kind") if isinstance(names, Mapping) else None
            scopes = {"Namespaced": True, "Cluster": False}
            defined[str(spec.get("group")), str(kind)] = scopes.get(str(spec.get("scope")))
    return defined


def warnings_of(located: Sequence[Located]) -> tuple[str, ...]:
    """What is unwise: passwords in files."""
    return tuple(
        f"{each.place}: {each.ref} holds its data in a file, where everyone who has the file can read them; "
        "a generated-secrets.yaml makes them at deploy time instead."
        for each in located
        if _holds_secret_data(each.manifest)
    )


def _holds_secret_data(manifest: Manifest) -> bool:
    return manifest["kind"] == "Secret" and bool(manifest.get("data") or manifest.get("stringData"))


def _article(value: Any) -> str:
    return {list: "a list", str: "a text", bool: "true or false"}.get(type(value), "a number")
