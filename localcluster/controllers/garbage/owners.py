"""What an object's owners mean for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from localcluster.client import Object
from localcluster.controllers.meta import finalizers_of, is_terminating, owners_of
from localcluster.resources import STORED, Resource

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"

State = Literal["solid", "waiting", "dangling"]

_BY_KIND = {(resource.api_version, resource.kind): resource for resource in STORED}
_BY_GROUP_AND_KIND = {(resource.group, resource.kind): resource for resource in STORED}


@dataclass(slots=True)
class Owners:
    """Owner references by what has become of the owner.

    solid: it is there. waiting: it is being deleted in the foreground and waits for this object. dangling: it is gone.
    """

    solid: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    dangling: list[dict[str, Any]] = field(default_factory=list)


def resource_of(reference: dict[str, Any]) -> Resource | None:
    """The resource a reference means, in any of its versions; None for kinds this cluster does not have."""
    api_version, kind = reference["apiVersion"], reference["kind"]
    group = api_version.rpartition("/")[0]
    return _BY_KIND.get((api_version, kind)) or _BY_GROUP_AND_KIND.get((group, kind))


def state_of(reference: dict[str, Any], owner: Object | None) -> State:
    """`owner`: the object of the reference's name, if there is one."""
    if owner is None or owner["metadata"]["uid"] != reference["uid"]:
        return "dangling"
    if is_terminating(owner) and FOREGROUND in finalizers_of(owner):
        return "waiting"
    return "solid"


def blocks(dependent: Object, *, uid: str) -> bool:
    """Whether the owner `uid` may not go before this object."""
    return any(reference["uid"] == uid and reference.get("blockOwnerDeletion") for reference in owners_of(dependent))


def without_owners(obj: Object, uids: set[str]) -> list[dict[str, Any]]:
    return [reference for reference in owners_of(obj) if reference["uid"] not in uids]
