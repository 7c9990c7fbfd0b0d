"""Reading `metadata`: keys, owners, deletion. Pure; must not decide anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcluster.client import Object


def key_of(obj: Object) -> str:
    """`namespace/name`, or `name` for what has no namespace."""
    return join_key(obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


def join_key(namespace: str, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def split_key(key: str) -> tuple[str, str]:
    """(namespace, name); the namespace is "" for what has none."""
    namespace, _, name = key.rpartition("/")
    return namespace, name


def namespace_of(obj: Object) -> str:
    return str(obj["metadata"].get("namespace", ""))


def name_of(obj: Object) -> str:
    return str(obj["metadata"]["name"])


def uid_of(obj: Object) -> str:
    return str(obj["metadata"].get("uid", ""))


def labels_of(obj: Object) -> dict[str, str]:
    return obj["metadata"].get("labels") or {}


def annotations_of(obj: Object) -> dict[str, str]:
    return obj["metadata"].get("annotations") or {}


def owners_of(obj: Object) -> list[dict[str, Any]]:
    return obj["metadata"].get("ownerReferences") or []


def controller_of(obj: Object) -> dict[str, Any] | None:
    """The one owner reference with `controller: true`, if there is one."""
    return next((owner for owner in owners_of(obj) if owner.get("controller")), None)


def is_controlled_by(obj: Object, owner: Object) -> bool:
    reference = controller_of(obj)
    return reference is not None and reference["uid"] == uid_of(owner)


def is_terminating(obj: Object) -> bool:
    return bool(obj["metadata"].get("deletionTimestamp"))


def finalizers_of(obj: Object) -> list[str]:
    return obj["metadata"].get("finalizers") or []


def status_of(obj: Object) -> dict[str, Any]:
    return obj.get("status") or {}


def controller_reference(owner: Object, *, api_version: str, kind: str) -> dict[str, Any]:
    """The reference by which `owner` controls what it makes; its deletion waits for the made."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": name_of(owner),
        "uid": uid_of(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def without_zeros(status: Mapping[str, Any], *, keep: frozenset[str] = frozenset()) -> dict[str, Any]:
    """`status` as Go's `omitempty` prints it: numbers that are 0 left out, save those in `keep`."""
    return {key: value for key, value in status.items() if key in keep or not (value == 0 and value is not False)}
