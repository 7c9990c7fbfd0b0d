"""Follows definitions: accepts their names, establishes them, and takes their instances along when they go."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from localcluster.apiserver.custom.catalogue import (
    ESTABLISHED,
    NAMES_ACCEPTED,
    TERMINATING,
    conditions_of,
    is_true,
    versions_of,
)
from localcluster.apiserver.custom.ending import CLEANUP
from localcluster.apiserver.metadata import timestamp
from localcluster.apiserver.options import DeleteOptions, WriteOptions
from localcluster.apiserver.registry import Registry
from localcluster.apiserver.selection import EVERYTHING
from localcluster.client import Object
from localcluster.errors import ApiError
from localcluster.resources import CUSTOM_RESOURCE_DEFINITIONS, Resource

logger = logging.getLogger(__name__)

_MANAGER = WriteOptions("kube-apiserver")
_DELETION = ("True", "InstanceDeletionInProgress", "CustomResource deletion is in progress")


class Lifecycle:
    """One task for all definitions; a change of any of them makes it look at all."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._storage = registry.storage

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with self._storage.waking(CUSTOM_RESOURCE_DEFINITIONS, *self._leaving()) as changed:
                for definition in self._definitions():
                    try:
                        await self._settle(definition)
                    except ApiError as error:
                        if error.code not in (404, 409):  # else somebody wrote in between: that wakes this up again
                            logger.warning("%s is left as it is: %s", definition["metadata"]["name"], error.message)
                await changed.wait()

    async def _settle(self, definition: Object) -> None:
        if definition["metadata"].get("deletionTimestamp"):
            await self._end(definition)
        else:
            await self._write(definition, status_of(definition, self._definitions(), now=self._now()))

    async def _end(self, definition: Object) -> None:
        if CLEANUP not in (definition["metadata"].get("finalizers") or []):
            return
        resource = versions_of(definition)[0]
        status = {**definition["status"], "conditions": with_condition(
            conditions_of(definition), TERMINATING, *_DELETION, now=self._now()
        )}  # fmt: skip
        definition = await self._write(definition, status)
        await self._delete_instances(resource)
        if self._storage.all(resource):
            return
        kept = [name for name in definition["metadata"]["finalizers"] if name != CLEANUP]
        patch = {"metadata": {"finalizers": kept or None, "uid": definition["metadata"]["uid"]}}
        await self._registry.patch(
            CUSTOM_RESOURCE_DEFINITIONS, definition["metadata"]["name"], patch,
            patch_type="application/merge-patch+json", options=_MANAGER,
        )  # fmt: skip

    async def _delete_instances(self, resource: Resource) -> None:
        if any(not version.object["metadata"].get("deletionTimestamp") for version in self._storage.all(resource)):
            await self._registry.delete_collection(resource, selection=EVERYTHING, options=DeleteOptions())

    async def _write(self, definition: Object, status: Object) -> Object:
        if status == definition["status"]:
            return definition
        return await self._registry.update(
            CUSTOM_RESOURCE_DEFINITIONS, definition["metadata"]["name"], {**definition, "status": status},
            subresource="status", options=_MANAGER,
        )  # fmt: skip

    def _definitions(self) -> list[Object]:
        return [version.object for version in self._storage.all(CUSTOM_RESOURCE_DEFINITIONS)]

    def _leaving(self) -> Iterator[Resource]:
        """The resources whose last instances are waited for."""
        for definition in self._definitions():
            if definition["metadata"].get("deletionTimestamp"):
                yield versions_of(definition)[0]

    def _now(self) -> str:
        return timestamp(self._registry.now())


def status_of(definition: Object, definitions: list[Object], *, now: str) -> Object:
    """The status with names and conditions as they are to be: of two that want a name, the first keeps it."""
    names, group = definition["spec"]["names"], definition["spec"]["group"]
    taken = _taken(definition, definitions, group=group)
    accepted = dict((definition.get("status") or {}).get("acceptedNames") or {})
    conflict = ("True", "NoConflicts", "no conflicts found")
    for field, reason in (
        ("plural", "PluralConflict"), ("singular", "SingularConflict"), ("shortNames", "ShortNamesConflict"),
        ("kind", "KindConflict"), ("listKind", "ListKindConflict"),
    ):  # fmt: skip
        wanted = names.get(field) or ""
        texts = wanted if isinstance(wanted, list) else [wanted]
        used = [text for text in texts if text in taken["kinds" if "ind" in field else "names"]]
        if used and conflict[0] == "True":
            conflict = ("False", reason, ", ".join(f'"{text}" is already in use' for text in used))
        elif not used:
            accepted[field] = wanted
    accepted["categories"] = names.get("categories") or []
    accepted = {key: value for key, value in accepted.items() if value or key in ("plural", "kind")}
    conditions = with_condition(conditions_of(definition), NAMES_ACCEPTED, *conflict, now=now)
    if conflict[0] == "True":
        text = "the initial names have been accepted"
        conditions = with_condition(conditions, ESTABLISHED, "True", "InitialNamesAccepted", text, now=now)
    elif not is_true(definition, ESTABLISHED):
        text = "not all names are accepted"
        conditions = with_condition(conditions, ESTABLISHED, "False", "NotAccepted", text, now=now)
    return {**definition["status"], "acceptedNames": accepted, "conditions": conditions}


def with_condition(
    conditions: list[Object], kind: str, status: str, reason: str, message: str, *, now: str
) -> list[Object]:
    """The conditions with that one in its place; its time moves only when its status does."""
    old = next((condition for condition in conditions if condition["type"] == kind), None)
    since = old["lastTransitionTime"] if old is not None and old["status"] == status else now
    new = {"type": kind, "status": status, "lastTransitionTime": since, "reason": reason, "message": message}
    if old is None:
        return [*conditions, new]
    return [new if condition is old else condition for condition in conditions]


def _taken(definition: Object, definitions: list[Object], *, group: str) -> dict[str, set[str]]:
    """The names of that group that others hold."""
    found: dict[str, set[str]] = {"names": set(), "kinds": set()}
    for other in definitions:
        if other["spec"]["group"] != group or other["metadata"]["uid"] == definition["metadata"]["uid"]:
            continue
        held = (other.get("status") or {}).get("acceptedNames") or {}
        found["names"] |= {held.get("plural", ""), held.get("singular", ""), *(held.get("shortNames") or ())} - {""}
        found["kinds"] |= {held.get("kind", ""), held.get("listKind", "")} - {""}
    return found
