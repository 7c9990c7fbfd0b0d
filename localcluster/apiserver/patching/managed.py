"""managedFields: who set which field of an object, kept as Kubernetes keeps it.

Every writer but server-side apply goes through `track_update`; applying shares the bookkeeping below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from localcluster.apiserver.patching import fieldsets, typed, zero
from localcluster.apiserver.patching.fieldsets import FieldSet
from localcluster.client import Object
from localcluster.resources import Resource
from localcluster.schema import Schema, schema_of

_NEVER_OWNED: FieldSet = frozenset(
    {("f:apiVersion",), ("f:kind",)}
    | {
        ("f:metadata", f"f:{name}")
        for name in (
            "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields",
            "resourceVersion",
        )
    }
)  # fmt: skip
_METADATA = ("f:metadata",)


@dataclass(frozen=True, slots=True)
class Entry:
    """One writer's fields. Two writes are the same writer's when name, operation, subresource and, except for
    applying, the API version agree.
    """

    manager: str
    operation: str
    api_version: str
    subresource: str = ""
    time: str | None = None
    fields: FieldSet = field(default=fieldsets.EMPTY)

    @property
    def key(self) -> tuple[str, str, str, str]:
        version = "" if self.operation == "Apply" else self.api_version
        return self.manager, self.operation, version, self.subresource

    def encoded(self) -> Object:
        """As the object carries it."""
        result: Object = {"manager": self.manager, "operation": self.operation, "apiVersion": self.api_version}
        if self.time is not None:
            result["time"] = self.time
        result |= {"fieldsType": "FieldsV1", "fieldsV1": fieldsets.to_fields_v1(self.fields)}
        if self.subresource:
            result["subresource"] = self.subresource
        return result


def read_entries(obj: Mapping[str, Any] | None) -> list[Entry]:
    """The entries of an object; those without a manager (a client asking for a reset) are left out."""
    if obj is None:
        return []
    return [
        Entry(
            manager=entry.get("manager", ""),
            operation=entry["operation"],
            api_version=entry.get("apiVersion", ""),
            subresource=entry.get("subresource", ""),
            time=entry.get("time"),
            fields=fieldsets.from_fields_v1(entry.get("fieldsV1") or {}),
        )
        for entry in (obj.get("metadata") or {}).get("managedFields") or []
        if entry.get("operation")
    ]


def with_entries(obj: Object, entries: Iterable[Entry]) -> Object:
    """A copy of the object that carries `entries`, in the API's order."""
    kept = sorted((entry for entry in entries if entry.fields), key=_rank)
    metadata = {name: value for name, value in (obj.get("metadata") or {}).items() if name != "managedFields"}
    if kept:
        metadata["managedFields"] = [entry.encoded() for entry in kept]
    return {**obj, "metadata": metadata}


def without_entries(obj: Mapping[str, Any]) -> Object:
    """A copy of the object without managedFields."""
    return with_entries(dict(obj), ())


def ignored_by(resource: Resource, *, subresource: str) -> FieldSet:
    """What a write through this path can never own."""
    if subresource == "status":
        return _NEVER_OWNED | {("f:spec",)}
    if resource.has_status and not subresource:
        return _NEVER_OWNED | {("f:status",)}
    return _NEVER_OWNED


def owned(paths: FieldSet | set[fieldsets.Path], *, ignored: FieldSet) -> FieldSet:
    """Those of `paths` that may be owned."""
    return typed.outside(paths, ignored) - {_METADATA}


def take_away(entries: Iterable[Entry], comparison: typed.Comparison) -> list[Entry]:
    """What other writers keep after somebody changed or removed fields."""
    lost = comparison.added | comparison.modified | comparison.removed
    return [replace(entry, fields=entry.fields - lost) for entry in entries]


def track_update(
    before: Object | None,
    after: Object,
    *,
    resource: Resource,
    manager: str,
    operation: Literal["Update"] = "Update",
    subresource: str = "",
    now: str,
) -> Object:
    """`after` with managedFields that give the changed fields to `manager`.

    `before` is None on creation. A write that changes nothing leaves the entries and their times alone.
    """
    schema = schema_of(resource)
    old = without_entries(before) if before is not None else _blank(schema)
    comparison = typed.compare(old, without_entries(after), schema)
    entries = _starting_entries(before, after, subresource=subresource)
    gained = owned(comparison.added | comparison.modified, ignored=ignored_by(resource, subresource=subresource))
    writer = Entry(manager, operation, _api_version(after, resource), subresource, now, gained)
    mine = next((entry for entry in entries if entry.key == writer.key), None)
    others = take_away((entry for entry in entries if entry.key != writer.key), comparison)
    if mine is not None:
        kept = mine.fields - comparison.removed
        writer = replace(writer, fields=gained | kept, time=now if gained or kept != mine.fields else mine.time)
    return with_entries(after, [*others, writer])


def _blank(schema: Schema) -> Object:
    return zero.empty(schema)


def _starting_entries(before: Object | None, after: Object, *, subresource: str) -> list[Entry]:
    """A client may edit managedFields by writing them to the object itself, and nowhere else."""
    if before is None:
        return []
    sent = (after.get("metadata") or {}).get("managedFields")
    if subresource or not sent:
        return read_entries(before)
    return read_entries(after)


def _api_version(obj: Mapping[str, Any], resource: Resource) -> str:
    return str(obj.get("apiVersion") or resource.api_version)


def _rank(entry: Entry) -> tuple[str, str, str, str, str]:
    return entry.operation, entry.time or "", entry.manager, entry.api_version, entry.subresource
