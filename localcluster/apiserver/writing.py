"""How an object gets into storage: identity, fields, defaults, admission, validation, field managers, then one put.

Between reading the current version and the put others may write; the put then refuses with a conflict and the
caller decides whether to try again. Must not know HTTP or verbs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import orjson

from localcluster.apiserver import metadata as meta
from localcluster.apiserver.admission.defaulting import apply_defaults
from localcluster.apiserver.admission.plugins import admit
from localcluster.apiserver.admission.remarks import Remarks
from localcluster.apiserver.admission.validation import validate_create, validate_update
from localcluster.apiserver.allocation import ServiceAllocator
from localcluster.apiserver.custom.serving import check_creation
from localcluster.apiserver.decoding import check_fields
from localcluster.apiserver.deletion import is_finished
from localcluster.apiserver.lister import Lister
from localcluster.apiserver.options import WriteOptions
from localcluster.apiserver.patching.managed import track_update
from localcluster.apiserver.storage import Storage, Version
from localcluster.client import Object
from localcluster.errors import already_exists, conflict, invalid
from localcluster.resources import NODES, SERVICES, Resource


@dataclass(frozen=True, slots=True)
class Update:
    """A write to an existing object. `tracked`: whether managedFields are already done (server-side apply)."""

    current: Version
    after: Object
    subresource: str = ""
    tracked: bool = False
    keep_generation: bool = False


class Writer:
    """The one way into storage."""

    def __init__(self, storage: Storage, allocator: ServiceAllocator, *, now: Callable[[], datetime]) -> None:
        self._storage = storage
        self._allocator = allocator
        self._lister = Lister(storage)
        self._now = now

    async def create(
        self, resource: Resource, body: Object, *, namespace: str, options: WriteOptions, tracked: bool = False
    ) -> Object:
        """Store a new object; `body` becomes its own."""
        check_creation(resource)
        now = meta.timestamp(self._now())
        after = meta.check_kind(resource, body)
        meta.check_place(resource, after, namespace=namespace)
        check_fields(resource, after, options)
        meta.prepare_new(resource, after, now=now)
        key = (after["metadata"].get("namespace", ""), after["metadata"]["name"])
        if resource.has_status and resource is not NODES:  # a kubelet registers its Node with the status it has
            after.pop("status", None)
        apply_defaults(resource, after)
        if options.guard is not None:
            options.guard(resource, None, after)
        if not tracked:  # before admission: what the API adds by itself has no manager
            after = self._track(resource, None, after, options=options, subresource="", now=now)
        await admit(
            "CREATE", resource, after, None, self._lister, remarks=Remarks(options.warnings, options.annotations),
            validate=lambda: self._refuse(resource, after, validate_create(resource, after)),
        )  # fmt: skip
        if self._storage.get(resource, key):
            raise already_exists(resource=resource.plural, group=resource.group, name=key[1])
        if resource is SERVICES:
            self._allocator.assign(after, before=None)
        return after if options.dry_run else self._storage.put(resource, key, after).object

    async def update(self, resource: Resource, update: Update, *, options: WriteOptions) -> Object:
        """Store the new state of an object; the current one when nothing changed."""
        before, after = update.current.object, meta.check_kind(resource, update.after)
        now = meta.timestamp(self._now())
        meta.carry_over(before, after)
        if update.subresource == "status":
            after = _status_only(before, after)
        elif resource.has_status:
            after = {**after, "status": before["status"]} if "status" in before else _without_status(after)
        apply_defaults(resource, after)
        if options.guard is not None:
            options.guard(resource, before, after)
        if not update.tracked:
            after = self._track(resource, before, after, options=options, subresource=update.subresource, now=now)
        await admit(
            "UPDATE", resource, after, before, self._lister, subresource=update.subresource,
            remarks=Remarks(options.warnings, options.annotations),
            validate=lambda: self._refuse(resource, after, validate_update(resource, before, after)),
        )  # fmt: skip
        if resource is SERVICES and update.subresource != "status":
            self._allocator.assign(after, before=before)
        if not update.keep_generation:
            meta.bump_generation(resource, before, after)
        return self._finish(resource, update.current, after, options=options)

    def _finish(self, resource: Resource, current: Version, after: Object, *, options: WriteOptions) -> Object:
        key = (after["metadata"].get("namespace", ""), after["metadata"]["name"])
        if not is_finished(after) and _without_times(after) == _without_times(current.object):
            return current.object
        stored = self._storage.get(resource, key)
        if stored is None or stored.revision != current.revision:
            raise conflict(resource=resource.plural, group=resource.group, name=key[1], message=meta.MODIFIED)
        if options.dry_run:
            return after
        if is_finished(after):
            self._storage.remove(resource, key)  # watchers are shown it as it stood, its last finalizer included
            return after
        return self._storage.put(resource, key, after).object

    @staticmethod
    def _track(
        resource: Resource, before: Object | None, after: Object, *, options: WriteOptions, subresource: str, now: str
    ) -> Object:
        return track_update(
            before, after, resource=resource, manager=options.field_manager, operation="Update",
            subresource=subresource, now=now,
        )  # fmt: skip

    @staticmethod
    def _refuse(resource: Resource, body: Object, causes: list[dict[str, str]]) -> None:
        if causes:
            raise invalid(kind=resource.kind, group=resource.group, name=body["metadata"]["name"], causes=causes)


def fresh(body: Object) -> Object:
    """A deep copy by way of JSON, several times faster than `copy.deepcopy`."""
    copy: Object = orjson.loads(orjson.dumps(body))
    return copy


def _status_only(before: Object, after: Object) -> Object:
    """The object as it was, with the new status and what a status writer may annotate."""
    metadata = dict(before["metadata"])
    for key in ("annotations", "labels"):
        if key in after["metadata"]:
            metadata[key] = after["metadata"][key]
    result = {**fresh(before), "metadata": fresh(metadata)}
    result.pop("status", None)
    return {**result, "status": after["status"]} if "status" in after else result


def _without_times(body: Object) -> Object:
    """The object without the times in managedFields: those alone are no change."""
    metadata = dict(body["metadata"])
    entries = metadata.get("managedFields") or ()
    metadata["managedFields"] = [{key: value for key, value in entry.items() if key != "time"} for entry in entries]
    return {**body, "metadata": metadata}


def _without_status(body: Object) -> Object:
    return {key: value for key, value in body.items() if key != "status"}
