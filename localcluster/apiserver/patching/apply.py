"""Server-side apply: a writer states the fields it wants; others' fields stay, conflicts are refused or forced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from localcluster.apiserver.admission.normalising import normalise
from localcluster.apiserver.patching import fieldsets, managed, typed
from localcluster.apiserver.patching.fieldsets import FieldSet, Path
from localcluster.apiserver.patching.managed import Entry
from localcluster.client import Object
from localcluster.errors import ApiError, bad_request
from localcluster.resources import Resource
from localcluster.schema import Schema, schema_of

_EARLIER = "before-first-apply"
_KEPT_METADATA = ("name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp")


def server_side_apply(
    live: Object | None,
    applied: Object,
    *,
    resource: Resource,
    manager: str,
    force: bool,
    now: str,
    subresource: str = "",
) -> Object:
    """The object after `manager` applied `applied`; `live` itself when that changes nothing.

    `live` is None when the object does not exist yet. Raises 409 with one cause a field when another writer owns a
    field that would change, unless `force` takes it over.
    """
    schema = schema_of(resource)
    if (applied.get("metadata") or {}).get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    _refuse_unknown_fields(applied, schema)
    config = normalise(managed.without_entries(applied), schema)
    ignored = managed.ignored_by(resource, subresource=subresource)
    config = _without_ignored(config, schema, ignored=ignored)
    entries = _entries_of(live, resource=resource)
    wanted = managed.owned(typed.field_set(config, schema), ignored=ignored)
    mine = Entry(manager, "Apply", resource.api_version, subresource, None, wanted)
    previous = next((entry for entry in entries if entry.key == mine.key), None)
    others = [entry for entry in entries if entry.key != mine.key]

    old: Object = managed.without_entries(live) if live is not None else {}
    merged: Object = typed.merge(old, config, schema)
    if previous is not None:
        merged = typed.remove(merged, schema, _given_up(previous.fields, mine=wanted, others=others, schema=schema))
    comparison = typed.compare(old, merged, schema).without(ignored)
    if not force:
        _refuse_conflicts(others, comparison)
    others = managed.take_away(others, comparison)
    unchanged = comparison.is_same and live is not None
    time = (previous.time if previous else None) if unchanged else now
    result = managed.with_entries(_with_identity(merged, live), [*others, replace(mine, time=time)])
    return live if live is not None and unchanged and _entries(result) == _entries(live) else result


def _entries_of(live: Object | None, *, resource: Resource) -> list[Entry]:
    """The live object's entries; fields of an object that never had any belong to one earlier writer."""
    entries = managed.read_entries(live)
    if live is None or entries:
        return entries
    tracked = managed.track_update(None, live, resource=resource, manager=_EARLIER, now="")
    return [replace(entry, time=None) for entry in managed.read_entries(tracked)]


def _given_up(last: FieldSet, *, mine: FieldSet, others: Sequence[Entry], schema: Schema) -> set[Path]:
    """Fields this writer applied before, applies no more, and nobody else owns."""
    still = fieldsets.ancestors(mine)
    for entry in others:
        still |= fieldsets.ancestors(entry.fields)
    return {path for path in _named(last, schema) if path not in still}


def _named(paths: FieldSet, schema: Schema) -> set[Path]:
    """`paths` and the struct fields on the way to them: a struct goes with the last field set in it."""
    found = set(paths)
    for path in paths:
        node: Schema | None = schema
        for depth, element in enumerate(path, start=1):
            if node is None:
                break
            if element.startswith("f:") and node.is_struct:
                found.add(path[:depth])
            node = node.field(element[2:]) if element.startswith("f:") else node.items
    return found


def _without_ignored(config: Object, schema: Schema, *, ignored: FieldSet) -> Object:
    dropped: set[Path] = {path for path in ignored if path in (("f:spec",), ("f:status",))}
    result: Object = typed.remove(config, schema, dropped)
    return result


def _with_identity(merged: Object, live: Object | None) -> Object:
    """An applied configuration cannot change what the server decides about the object."""
    if live is None:
        return merged
    metadata = dict(merged.get("metadata") or {})
    for name in _KEPT_METADATA:
        if name in (live.get("metadata") or {}):
            metadata[name] = live["metadata"][name]
    return {**merged, "metadata": metadata}


def _entries(obj: Mapping[str, Any]) -> Any:
    return (obj.get("metadata") or {}).get("managedFields")


def _refuse_unknown_fields(applied: Object, schema: Schema) -> None:
    path = _first_unknown(applied, schema, path=())
    if path is not None:
        metadata = applied.get("metadata") or {}
        group, _, version = str(applied.get("apiVersion", "")).rpartition("/")
        subject = (
            f"{metadata.get('namespace', '')}/{metadata.get('name', '')}; {group}/{version}, Kind={applied.get('kind')}"
        )
        field = fieldsets.describe(path)
        raise bad_request(f"failed to create typed patch object ({subject}): {field}: field not declared in schema")


def _first_unknown(value: Any, schema: Schema | None, *, path: Path) -> Path | None:
    if schema is None:
        return path
    children: list[tuple[str, Any, Schema | None]] = []
    if isinstance(value, dict) and not schema.is_free_form and schema.type != "array":
        children = [(fieldsets.field(name), item, schema.field(name)) for name, item in value.items()]
    elif isinstance(value, list) and schema.type == "array":
        children = [(_element(item, schema, at), item, schema.items) for at, item in enumerate(value)]
    for element, item, below in children:
        found = _first_unknown(item, below, path=(*path, element))
        if found is not None:
            return found
    return None


def _element(item: Any, schema: Schema, at: int) -> str:
    return f"i:{at}" if schema.list_type == "atomic" else typed.element_of(item, schema)


def _refuse_conflicts(others: Sequence[Entry], comparison: typed.Comparison) -> None:
    changed = comparison.added | comparison.modified
    found = [(entry, path) for entry in others for path in sorted(entry.fields & changed)]
    if not found:
        return
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {_who(entry)}", "field": fieldsets.describe(path)}
        for entry, path in found
    ]
    raise ApiError(409, "Conflict", _conflict_message(found), {"causes": causes})


def _conflict_message(found: Sequence[tuple[Entry, Path]]) -> str:
    if len(found) == 1:
        entry, path = found[0]
        return f"Apply failed with 1 conflict: conflict with {_who(entry)}: {fieldsets.describe(path)}"
    by_writer: dict[str, list[str]] = {}
    for entry, path in found:
        by_writer.setdefault(_who(entry), []).append(f"- {fieldsets.describe(path)}")
    lines = [line for who in sorted(by_writer) for line in (f"conflicts with {who}:", *by_writer[who])]
    return f"Apply failed with {len(found)} conflicts: " + "\n".join(lines)


def _who(entry: Entry) -> str:
    name = f'"{entry.manager}"'
    if entry.subresource:
        name += f' with subresource "{entry.subresource}"'
    return f"{name} using {entry.api_version}" if entry.operation == "Update" else name
