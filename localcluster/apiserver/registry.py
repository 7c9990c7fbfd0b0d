"""The API without HTTP: every verb on every resource of the table, for the server and for in-process clients.

Reads give shared versions; writes go through `Writer`. Must not know requests, encodings or who may do what.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from localcluster.apiserver import deletion
from localcluster.apiserver import metadata as meta
from localcluster.apiserver.admission.fields import check_types
from localcluster.apiserver.allocation import ServiceAllocator
from localcluster.apiserver.custom import ending
from localcluster.apiserver.custom.catalogue import Catalogue
from localcluster.apiserver.custom.serving import ServedWatch, as_served, page_as_served, unsupported_patch
from localcluster.apiserver.decoding import check_fields
from localcluster.apiserver.listing import ListOptions, Page, list_page
from localcluster.apiserver.local_client import LocalClient
from localcluster.apiserver.options import DeleteOptions, WriteOptions
from localcluster.apiserver.patching.apply import server_side_apply
from localcluster.apiserver.patching.json import json_patch
from localcluster.apiserver.patching.merge import merge_patch
from localcluster.apiserver.patching.strategic import strategic_merge_patch
from localcluster.apiserver.selection import Selection
from localcluster.apiserver.storage import Storage, Version
from localcluster.apiserver.subresources import Subresources
from localcluster.apiserver.watching import Watch, WatchOptions
from localcluster.apiserver.writing import Update, Writer, fresh
from localcluster.client import Client, Object, PatchType
from localcluster.errors import ApiError, bad_request, conflict, forbidden, invalid, not_found
from localcluster.resources import CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, Resource
from localcluster.schema import schema_of

APPLY: PatchType = "application/apply-patch+yaml"
_ATTEMPTS = 5
"""How often a patch that names no version is computed again after somebody else's write."""

_IMMORTAL = ("default", "kube-system", "kube-public")
_BEING_PURGED = (
    "The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will "
    "automatically be purged by the system."
)

_PLAIN_DELETE = DeleteOptions()
RawGetter = Callable[[str], Awaitable[Any]]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Deleted:
    """The answer to a DELETE: `body` as it was or is marked, `gone` when nothing is left of it."""

    body: Object
    gone: bool


class Registry:
    """All verbs. `service_prefix`: three octets for ClusterIPs."""

    def __init__(
        self, *, service_prefix: str = "127.64.200", storage: Storage | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        self.storage = storage or Storage()
        self.now = now
        self.allocator = ServiceAllocator(self.storage, prefix=service_prefix)
        self.customs = Catalogue(self.storage)
        self.raw_getter: RawGetter | None = None
        self._writer = Writer(self.storage, self.allocator, now=now)
        self.subresources = Subresources(self, self._writer)

    def client(self, user: str) -> Client:
        """The API as `user` sees it, without HTTP between."""
        return LocalClient(self, user)

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Version:
        version = self.storage.get(resource, (namespace if resource.namespaced else "", name))
        if version is None:
            raise not_found(resource=resource.plural, group=resource.group, name=name)
        return as_served(resource, version)

    def list(self, resource: Resource, *, namespace: str = "", options: ListOptions) -> Page:
        return page_as_served(resource, list_page(self.storage, resource, namespace=namespace, options=options))

    def watch(self, resource: Resource, *, namespace: str = "", options: WatchOptions) -> Watch | ServedWatch:
        watch = Watch(self.storage, resource, namespace=namespace, options=options)
        return watch if resource.custom is None else ServedWatch(watch, resource)

    async def create(self, resource: Resource, body: Object, *, namespace: str = "", options: WriteOptions) -> Object:
        return await self._writer.create(resource, fresh(body), namespace=namespace, options=options)

    async def update(
        self, resource: Resource, name: str, body: Object, *, namespace: str = "", subresource: str = "",
        options: WriteOptions,
    ) -> Object:  # fmt: skip
        """PUT of an object or its status."""
        after = meta.check_kind(resource, fresh(body))
        meta.check_place(resource, after, namespace=namespace, name=name)
        check_fields(resource, after, options)
        current = self.get(resource, name, namespace=namespace)
        meta.check_version(resource, current.object, after)
        return await self._writer.update(resource, Update(current, after, subresource), options=options)

    async def patch(
        self, resource: Resource, name: str, patch: Any, *, patch_type: PatchType, namespace: str = "",
        subresource: str = "", options: WriteOptions,
    ) -> tuple[Object, bool]:  # fmt: skip
        """PATCH of an object or its status; also whether it was created (server-side apply)."""
        _check_patch_options(patch_type, options)
        for attempt in range(_ATTEMPTS):
            try:
                if patch_type == APPLY:
                    return await self._apply(
                        resource, name, patch, namespace=namespace, subresource=subresource, options=options
                    )
                current = self.get(resource, name, namespace=namespace)
                after = self.patched(resource, current.object, patch, patch_type=patch_type)
                meta.check_version(resource, current.object, after)
                check_fields(resource, after, options)
                update = Update(current, after, subresource)
                return await self._writer.update(resource, update, options=options), False
            except ApiError as error:
                if not _lost_race(error, patch) or attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("the loop above returns or raises")

    def patched(self, resource: Resource, before: Object, patch: Any, *, patch_type: PatchType) -> Object:
        """A fresh object: `before` with the patch on it."""
        if patch_type == "application/json-patch+json":
            after = json_patch(fresh(before), patch)
        elif not isinstance(patch, dict):
            raise bad_request(_no_object(patch, patch_type=patch_type))
        elif patch_type == "application/merge-patch+json":
            after = merge_patch(fresh(before), patch)
        elif resource.custom is not None:
            raise unsupported_patch()
        else:
            after = strategic_merge_patch(fresh(before), patch, schema=schema_of(resource))
        after = meta.check_kind(resource, after)
        namespace = before["metadata"].get("namespace", "")
        meta.check_place(resource, after, namespace=namespace, name=before["metadata"]["name"])
        return after

    async def _apply(
        self, resource: Resource, name: str, applied: Any, *, namespace: str, subresource: str, options: WriteOptions
    ) -> tuple[Object, bool]:
        stored = self.storage.get(resource, (namespace if resource.namespaced else "", name))
        current = stored and as_served(resource, stored)
        body = meta.check_kind(resource, applied)
        if options.field_validation != "Strict":  # strictness is the apply's own: it names the field otherwise
            check_fields(resource, body, options)
        body["metadata"].setdefault("name", name)
        if resource.namespaced:
            body["metadata"].setdefault("namespace", namespace)
        after = server_side_apply(
            current.object if current else None, body, resource=resource, manager=options.field_manager,
            force=options.force, now=meta.timestamp(self.now()), subresource=subresource,
        )  # fmt: skip
        check_types(resource, after)
        after = meta.check_kind(resource, fresh(after))
        meta.check_place(resource, after, namespace=namespace, name=name)
        if current is None:
            if subresource:
                raise not_found(resource=resource.plural, group=resource.group, name=name)
            created = await self._writer.create(resource, after, namespace=namespace, options=options, tracked=True)
            return created, True
        meta.check_version(resource, current.object, {"metadata": body["metadata"]})
        update = Update(current, after, subresource, tracked=True)
        return await self._writer.update(resource, update, options=options), False

    async def delete(
        self, resource: Resource, name: str, *, namespace: str = "", options: DeleteOptions = _PLAIN_DELETE
    ) -> Deleted:
        version = self.get(resource, name, namespace=namespace)
        deletion.check_preconditions(resource, version.object, options)
        if resource is NAMESPACES:
            _check_namespace_deletion(version.object)
        doomed = version.copy()
        if resource is CUSTOM_RESOURCE_DEFINITIONS:
            ending.begin(doomed, now=meta.timestamp(self.now()))
        decision = deletion.decide(resource, doomed, options, now=self.now())
        key = (version.object["metadata"].get("namespace", ""), name)
        body = decision.marked or version.object
        if not options.dry_run:
            if decision.marked is not None:
                body = self.storage.put(resource, key, decision.marked).object
            if decision.remove:
                body = self.storage.remove(resource, key).object
        return Deleted(body, gone=decision.remove)

    async def delete_collection(
        self, resource: Resource, *, namespace: str = "", selection: Selection, options: DeleteOptions
    ) -> Sequence[Version]:
        """Delete all selected objects; as they were."""
        page = self.list(resource, namespace=namespace, options=ListOptions(selection))
        for version in page.versions:
            metadata = version.object["metadata"]
            try:
                own = replace(options, uid=metadata["uid"])
                await self.delete(resource, metadata["name"], namespace=metadata.get("namespace", ""), options=own)
            except ApiError as error:
                if error.code not in (404, 409):
                    raise
        return page.versions


def _check_patch_options(patch_type: PatchType, options: WriteOptions) -> None:
    if patch_type == APPLY and not options.field_manager:
        reason, field = "FieldValueRequired", "fieldManager"
        message = "Required value: is required for apply patch"
    elif patch_type != APPLY and options.force:
        reason, field = "FieldValueForbidden", "force"
        message = "Forbidden: may not be specified for non-apply patch"
    else:
        return
    cause = {"reason": reason, "message": message, "field": field}
    raise invalid(kind="PatchOptions", group="meta.k8s.io", name="", causes=[cause])


def _no_object(patch: Any, *, patch_type: PatchType) -> str:
    names = {str: "string", list: "array", bool: "bool", int: "number", float: "number", type(None): "null"}
    problem = f"json: cannot unmarshal {names[type(patch)]} into Go value of type map[string]interface {{}}"
    return f"error decoding patch: {problem}" if patch_type == "application/merge-patch+json" else problem


def _lost_race(error: ApiError, patch: Any) -> bool:
    """Whether somebody else wrote in between and the patch does not mind which version it lands on."""
    if error.code != 409 or not error.message.endswith(meta.MODIFIED):
        return False
    return not (isinstance(patch, dict) and (patch.get("metadata") or {}).get("resourceVersion"))


def _check_namespace_deletion(body: Object) -> None:
    name = body["metadata"]["name"]
    if name in _IMMORTAL:
        message = "this namespace may not be deleted"
        raise forbidden(resource=NAMESPACES.plural, group="", name=name, message=message)
    if body["metadata"].get("deletionTimestamp") and body["spec"].get("finalizers"):
        raise conflict(resource=NAMESPACES.plural, group="", name=name, message=_BEING_PURGED)
