"""Which custom resources there are now: worked out from the stored definitions, and kept until one changes."""

from __future__ import annotations

import re

from localcluster.apiserver.custom import structural
from localcluster.apiserver.storage import Storage
from localcluster.client import Object
from localcluster.customtype import CustomType
from localcluster.resources import CUSTOM_RESOURCE_DEFINITIONS, Resource

ESTABLISHED, NAMES_ACCEPTED, TERMINATING = "Established", "NamesAccepted", "Terminating"
_STAGES = {"alpha": 0, "beta": 1, "": 2}
_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_Key = tuple[str, int, bool, str]


class Catalogue:
    """The established custom resources of one storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._read_at = -1
        self._made: dict[_Key, tuple[Resource, ...]] = {}
        self._served: tuple[Resource, ...] = ()
        self._by_path: dict[tuple[str, str, str], Resource] = {}

    def resources(self) -> tuple[Resource, ...]:
        """One for each served version; a group's versions from the most stable on."""
        self._refresh()
        return self._served

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        self._refresh()
        return self._by_path.get((group, version, plural))

    def _refresh(self) -> None:
        changed_at = self._storage.changed_at(CUSTOM_RESOURCE_DEFINITIONS)
        if changed_at == self._read_at:
            return
        stored = [version.object for version in self._storage.all(CUSTOM_RESOURCE_DEFINITIONS)]
        found = {_key(definition): definition for definition in stored if is_true(definition, ESTABLISHED)}
        self._made = {key: self._made.get(key) or versions_of(found[key]) for key in found}
        served = [r for made in self._made.values() for r in made if r.custom is not None and r.custom.served]
        self._served = tuple(sorted(served, key=lambda r: (r.group, *version_rank(r.version), r.plural)))
        self._by_path = {(r.group, r.version, r.plural): r for r in self._served}
        self._read_at = changed_at


def versions_of(definition: Object) -> tuple[Resource, ...]:
    """Every version of a valid definition as a resource, served or not, the one of the storage first."""
    spec = definition["spec"]
    versions = sorted(spec["versions"], key=lambda version: not version["storage"])
    return tuple(_resource(definition, version) for version in versions)


def is_true(definition: Object, kind: str) -> bool:
    """Whether the condition holds."""
    return any(c["type"] == kind and c["status"] == "True" for c in conditions_of(definition))


def conditions_of(definition: Object) -> list[Object]:
    found: list[Object] = (definition.get("status") or {}).get("conditions") or []
    return found


def version_rank(version: str) -> tuple[int, int, int, str]:
    """Sorts v2 before v1 before v1beta2 before v1alpha1 before everything else by name."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return 1, 0, 0, version
    major, stage, minor = found.groups()
    return 0, -_STAGES[stage or ""], -int(major) * 1_000_000 - int(minor or 0), ""


def _key(definition: Object) -> _Key:
    metadata = definition["metadata"]
    names = (definition.get("status") or {}).get("acceptedNames") or {}
    return metadata["uid"], metadata.get("generation", 0), is_true(definition, TERMINATING), str(sorted(names.items()))


def _resource(definition: Object, version: Object) -> Resource:
    spec, metadata = definition["spec"], definition["metadata"]
    accepted = (definition.get("status") or {}).get("acceptedNames") or {}
    names = accepted if accepted.get("plural") else spec["names"]
    below = version.get("subresources") or {}
    document = (version.get("schema") or {}).get("openAPIV3Schema") or {structural.PRESERVE: True}
    custom = CustomType(
        names.get("listKind") or f"{names['kind']}List", document, structural.schema(document), structural.head(),
        f"{metadata['uid']}/{metadata.get('generation', 0)}/{version['name']}",
        columns=tuple(version.get("additionalPrinterColumns") or ()), scale=below.get("scale"),
        selectable=tuple(field["jsonPath"].removeprefix(".") for field in version.get("selectableFields") or ()),
        served=version["served"], terminating=is_true(definition, TERMINATING),
        deprecation=_deprecation(spec, names["kind"], version),
    )  # fmt: skip
    return Resource(
        spec["group"], version["name"], names["plural"], names["kind"], names.get("singular") or names["kind"].lower(),
        spec["scope"] == "Namespaced", tuple(names.get("shortNames") or ()),
        tuple(name for name in ("scale", "status") if name in below), tuple(names.get("categories") or ()),
        custom=custom,
    )  # fmt: skip


def _deprecation(spec: Object, kind: str, version: Object) -> str:
    if not version.get("deprecated"):
        return ""
    return version.get("deprecationWarning") or f"{spec['group']}/{version['name']} {kind} is deprecated"
