"""What apply would do to each object, asked of the API by a server-side dry run. Writes nothing."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.cluster import Cluster, Locator, Manifest

Change = Literal["create", "change", "unchanged"]

SERVER_OWNED = ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp")


def refuse_what_fails(cluster: Cluster, locator: Locator, bundles: Sequence[Bundle]) -> None:
    """Dry-runs every object of every bundle; raises one Refused that lists all that would fail.

    Objects in a namespace that this very plan creates cannot be tried before it exists; they are tried when
    their turn comes.
    """
    ending = sorted(name for name in planned_namespaces(bundles) if _is_ending(cluster, name))
    if ending:
        raise Refused(
            f"Nothing was applied. Namespace {', '.join(ending)} is being deleted; deploy again when it is gone.",
            status=409,
        )
    problems = [
        f"{manifest['kind']} {manifest['metadata']['name']}: {problem}"
        for bundle in bundles
        for manifest in bundle.objects
        if (problem := _problem(cluster, locator, manifest, planned_namespaces(bundles)))
    ]
    if problems:
        raise Refused("Nothing was applied. " + " ".join(problems), status=422)


def planned_namespaces(bundles: Sequence[Bundle]) -> set[str]:
    """Names of the Namespaces among the objects."""
    return {each["metadata"]["name"] for bundle in bundles for each in bundle.objects if each["kind"] == "Namespace"}


def change_of(cluster: Cluster, locator: Locator, manifest: Manifest) -> Change:
    """What apply would do to one object now. Raises ApiError when the API refuses it."""
    path = locator.path(manifest)
    try:
        live = cluster.get(path)
    except errors.NotFound:
        return "create"
    merged = cluster.apply(path, manifest, dry_run=True)
    return "unchanged" if comparable(live) == comparable(merged) else "change"


def comparable(live: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what the server writes by itself."""
    kept = copy.deepcopy(dict(live))
    kept.pop("status", None)
    for name in SERVER_OWNED:
        kept.get("metadata", {}).pop(name, None)
    return kept


def conflict_sentence(error: errors.Conflict) -> str:
    """Names the manager and the fields of a server-side apply conflict."""
    causes = [f"{each.get('field')} ({each.get('message')})" for each in error.details.get("causes") or []]
    return "another manager owns " + ", ".join(causes) if causes else error.message


def _is_ending(cluster: Cluster, namespace: str) -> bool:
    try:
        return "deletionTimestamp" in cluster.get(f"/api/v1/namespaces/{namespace}")["metadata"]
    except errors.NotFound:
        return False


def _problem(cluster: Cluster, locator: Locator, manifest: Manifest, namespaces: set[str]) -> str | None:
    try:
        cluster.apply(locator.path(manifest), manifest, dry_run=True)
    except errors.NotFound as error:
        return None if manifest["metadata"].get("namespace") in namespaces else error.message
    except errors.Conflict as error:
        return conflict_sentence(error)
    except errors.ApiError as error:
        return error.message
    return None
