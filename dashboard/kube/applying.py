"""Writes with their meaning: apply and what it changed, create once, delete only what was meant.

It decides nothing about order or health; that is `stack`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.kube.client import KubeClient
from dashboard.kube.errors import AlreadyExists, NotFound
from dashboard.kube.resources import collection_of, path_of

Result = Literal["created", "changed", "unchanged"]
Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did, or with dry run would do, and the object after it."""

    result: Result
    object: dict[str, Any]
    before: dict[str, Any] | None


def read(client: KubeClient, manifest: Manifest) -> dict[str, Any] | None:
    """The live object a manifest describes, or None."""
    try:
        found: dict[str, Any] = client.get(path_of(manifest))
    except NotFound:
        return None
    return found


def apply(client: KubeClient, manifest: Manifest, *, force: bool = False, dry_run: bool = False) -> Applied:
    """Server-side apply. Contents are compared, for controllers move the resourceVersion meanwhile."""
    before = read(client, manifest)
    after = client.apply(path_of(manifest), manifest, force=force, dry_run=dry_run)
    if before is None:
        return Applied("created", after, None)
    same = before["metadata"].get("uid") == after["metadata"].get("uid") and _content(before) == _content(after)
    return Applied("unchanged" if same else "changed", after, before)


def create_once(client: KubeClient, manifest: Manifest, *, dry_run: bool = False) -> Result:
    """For Secrets: create, and leave alone what is there. Never reads what is inside."""
    try:
        client.create(collection_of(manifest), manifest, dry_run=dry_run)
    except AlreadyExists:
        return "unchanged"
    return "created"


def delete(
    client: KubeClient, manifest: Manifest, *, uid: str | None = None, propagation_policy: str = "Background"
) -> bool:
    """Delete the object; with `uid` only that very one (`Conflict` when the name is another's now). False: was gone."""
    try:
        client.delete(path_of(manifest), uid=uid, propagation_policy=propagation_policy)
    except NotFound:
        return False
    return True


def _content(manifest: Manifest) -> dict[str, Any]:
    bookkeeping = {"managedFields", "resourceVersion", "generation"}
    metadata = {key: value for key, value in manifest["metadata"].items() if key not in bookkeeping}
    return {**{key: value for key, value in manifest.items() if key != "status"}, "metadata": metadata}
