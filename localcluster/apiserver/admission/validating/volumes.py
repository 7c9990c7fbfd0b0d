"""Validation of a pod's volumes: names, one source each, and what the sources say about files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from localcluster import names, quantity
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.environment import (
    FILE_PATHS,
    validate_field_reference,
    validate_resource_reference,
)
from localcluster.client import Object

_MOST_MODE = 0o777
_MODE_RULE = "must be a number between 0 and 0777 (octal), both inclusive"
_HOST_PATH_TYPES = (
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
)  # fmt: skip
_NEEDED = {
    "configMap": "name",
    "secret": "secretName",
    "persistentVolumeClaim": "claimName",
    "hostPath": "path",
    "local": "path",
}
_SHORTEST, _LONGEST = 600, 1 << 32


def validate_volumes(volumes: Sequence[Object], *, field: str) -> tuple[list[Cause], set[str]]:
    """The causes, and the names that containers may mount."""
    causes: list[Cause] = []
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        place, name = f"{field}[{index}]", volume.get("name", "")
        causes += validate_source(volume, field=place)
        if not name:
            causes.append(faults.required(f"{place}.name"))
        else:
            causes += faults.each_invalid(f"{place}.name", name, names.label_faults(name))
            if name in seen:
                causes.append(faults.duplicate(f"{place}.name", name))
        seen.add(name)
    return causes, seen


def validate_source(volume: Object, *, field: str, besides: frozenset[str] = frozenset({"name"})) -> Iterator[Cause]:
    """Exactly one source, and a sensible one; `besides` are fields that are none."""
    sources = sorted(set(volume) - besides)
    if not sources:
        yield faults.required(field, "must specify a volume type")
    for source in sources[:1]:
        yield from _source(source, volume[source] or {}, field=f"{field}.{source}")
    for extra in sources[1:]:
        yield faults.forbidden(f"{field}.{extra}", "may not specify more than 1 volume type")


def descending_path_faults(field: str, path: str) -> list[Cause]:
    """A path below some directory that does not climb out of it."""
    causes = [faults.invalid(field, path, "must be a relative path")] if path.startswith("/") else []
    return causes + _backstep_faults(field, path)


def _source(kind: str, source: Object, *, field: str) -> Iterator[Cause]:
    if kind in _NEEDED and not source.get(_NEEDED[kind]):
        yield faults.required(f"{field}.{_NEEDED[kind]}")
    if kind in ("configMap", "secret", "downwardAPI", "projected"):
        yield from _mode(source.get("defaultMode"), field=f"{field}.defaultMode")
    if kind in ("configMap", "secret"):
        yield from _items(source.get("items") or [], field=f"{field}.items")
    elif kind == "hostPath":
        yield from _host_path(source, field=field)
    elif kind == "emptyDir" and quantity.parse(source.get("sizeLimit", "0")) < 0:
        yield faults.forbidden(f"{field}.sizeLimit", "SizeLimit field must be a valid resource quantity")
    elif kind == "downwardAPI":
        for item in source.get("items") or []:
            yield from _pod_file(item, field=field)
    elif kind == "projected":
        for index, each in enumerate(source.get("sources") or []):
            yield from _projection(each, field=f"{field}.sources[{index}]", above=field)


def _host_path(source: Object, *, field: str) -> Iterator[Cause]:
    yield from _backstep_faults(f"{field}.path", source.get("path", ""))
    if source.get("type", "") not in _HOST_PATH_TYPES:
        yield faults.unsupported(f"{field}.type", source["type"], _HOST_PATH_TYPES)


def _projection(source: Object, *, field: str, above: str) -> Iterator[Cause]:
    """One of a projected volume's sources; Kubernetes tells the path of a token as one of the volume, `above`."""
    for kind in ("secret", "configMap"):
        if kind in source:
            if not source[kind].get("name"):
                yield faults.required(f"{field}.{kind}.name")
            yield from _items(source[kind].get("items") or [], field=f"{field}.{kind}.items")
    for item in (source.get("downwardAPI") or {}).get("items") or []:
        yield from _pod_file(item, field=f"{field}.downwardAPI")
    if "serviceAccountToken" in source:
        token = source["serviceAccountToken"]
        seconds = token.get("expirationSeconds", _SHORTEST)
        place = f"{field}.serviceAccountToken.expirationSeconds"
        if seconds < _SHORTEST:
            yield faults.invalid(place, seconds, "may not specify a duration less than 10 minutes")
        if seconds > _LONGEST:
            yield faults.invalid(place, seconds, "may not specify a duration larger than 2^32 seconds")
        if not token.get("path"):
            yield faults.required(f"{above}.path")
        else:
            yield from _own_path(f"{above}.path", token["path"])
    if len(source) > 1:
        yield faults.forbidden(field, "may not specify more than 1 volume type per source")


def _items(items: Sequence[Object], *, field: str) -> Iterator[Cause]:
    for index, item in enumerate(items):
        place = f"{field}[{index}]"
        for name in ("key", "path"):
            if not item.get(name):
                yield faults.required(f"{place}.{name}")
        yield from _own_path(f"{place}.path", item.get("path", ""))
        yield from _mode(item.get("mode"), field=f"{place}.mode")


def _pod_file(item: Object, *, field: str) -> Iterator[Cause]:
    """A file about the pod. Kubernetes does not tell which one of the list is wrong."""
    if not item.get("path"):
        yield faults.required(f"{field}.path")
    yield from _own_path(f"{field}.path", item.get("path", ""))
    if "fieldRef" in item:
        yield from validate_field_reference(item["fieldRef"], field=f"{field}.fieldRef", paths=FILE_PATHS)
        if "resourceFieldRef" in item:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            yield faults.invalid(field, "resource", detail)
    elif "resourceFieldRef" in item:
        place = f"{field}.resourceFieldRef"
        yield from validate_resource_reference(item["resourceFieldRef"], field=place, names_container=True)
    else:
        yield faults.required(field, "one of fieldRef and resourceFieldRef is required")
    yield from _mode(item.get("mode"), field=f"{field}.mode")


def _mode(mode: Any, *, field: str) -> list[Cause]:
    return [] if mode is None or 0 <= mode <= _MOST_MODE else [faults.invalid(field, mode, _MODE_RULE)]


def _own_path(field: str, path: str) -> list[Cause]:
    """Files beginning with `..` are those by which a volume is swapped."""
    causes = descending_path_faults(field, path)
    if path.startswith("..") and not path.startswith("../") and path != "..":
        causes.append(faults.invalid(field, path, "must not start with '..'"))
    return causes


def _backstep_faults(field: str, path: str) -> list[Cause]:
    return [faults.invalid(field, path, "must not contain '..'")] if ".." in path.split("/") else []
