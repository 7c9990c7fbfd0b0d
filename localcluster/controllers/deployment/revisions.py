"""Which ReplicaSet is a Deployment's current one, and how revisions are numbered. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from localcluster.client import Object
from localcluster.controllers.deployment.amounts import max_surge, replicas_of
from localcluster.controllers.hashing import content_hash
from localcluster.controllers.meta import annotations_of, controller_reference, name_of, status_of
from localcluster.resources import DEPLOYMENTS

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
HASH_LABEL = "pod-template-hash"

_NOT_COPIED = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "deprecated.deployment.rollback.to",
        REVISION,
        HISTORY,
        DESIRED,
        MAXIMUM,
    }
)


def by_age(sets: Iterable[Object]) -> list[Object]:
    """Oldest first; by name where they were made within the same second."""
    return sorted(sets, key=lambda one: (one["metadata"].get("creationTimestamp", ""), name_of(one)))


def find_new(deployment: Object, sets: Iterable[Object]) -> Object | None:
    """The ReplicaSet with the Deployment's own template; the oldest, should there be several."""
    wanted = _comparable(deployment["spec"]["template"])
    return next((one for one in by_age(sets) if _comparable(one["spec"]["template"]) == wanted), None)


def revision_of(obj: Object) -> int:
    """0 where there is none, or none that is a number."""
    text = annotations_of(obj).get(REVISION, "0")
    return int(text) if text.isdigit() else 0


def next_revision(old: Iterable[Object]) -> int:
    return max(map(revision_of, old), default=0) + 1


def annotations_for(deployment: Object, *, current: dict[str, str], revision: int) -> dict[str, str]:
    """The annotations a ReplicaSet of `revision` carries, on top of those it has: the Deployment's, and its number.

    A number only grows; the ones it had before are kept, so that a roll-back can be told.
    """
    copied = {key: value for key, value in annotations_of(deployment).items() if key not in _NOT_COPIED}
    wanted = {**current, **copied}
    old = current.get(REVISION, "")
    if int(old or 0) < revision:
        wanted[REVISION] = str(revision)
        if old:
            wanted[HISTORY] = ",".join(filter(None, (current.get(HISTORY), old)))
    return wanted


def scale_annotations(deployment: Object) -> dict[str, str]:
    """What the Deployment asked for when the ReplicaSet was last scaled: how a later scaling is noticed."""
    desired = replicas_of(deployment)
    return {DESIRED: str(desired), MAXIMUM: str(desired + max_surge(deployment))}


def new_replica_set(deployment: Object, *, revision: int, replicas: int) -> Object:
    """The ReplicaSet of the Deployment's template, its name and selector carrying the template's hash."""
    template = copy.deepcopy(deployment["spec"]["template"])
    digest = content_hash(_comparable(template), collisions=status_of(deployment).get("collisionCount"))
    labels = {**((template.get("metadata") or {}).get("labels") or {}), HASH_LABEL: digest}
    template["metadata"] = {**(template.get("metadata") or {}), "labels": labels}
    selector = copy.deepcopy(deployment["spec"]["selector"])
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH_LABEL: digest}
    spec: dict[str, Any] = {"replicas": replicas, "selector": selector, "template": template}
    if deployment["spec"].get("minReadySeconds"):
        spec["minReadySeconds"] = deployment["spec"]["minReadySeconds"]
    annotations = annotations_for(deployment, current={}, revision=revision)
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{name_of(deployment)}-{digest}",
            "namespace": deployment["metadata"]["namespace"],
            "labels": dict(labels),
            "annotations": annotations | scale_annotations(deployment),
            "ownerReferences": [
                controller_reference(deployment, api_version=DEPLOYMENTS.api_version, kind=DEPLOYMENTS.kind)
            ],
        },
        "spec": spec,
    }


def _comparable(template: Object) -> Object:
    """A template without what differs between the Deployment's copy and the ReplicaSet's."""
    metadata = {key: value for key, value in (template.get("metadata") or {}).items() if value}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH_LABEL}
    return {**template, "metadata": {**metadata, "labels": labels}}
