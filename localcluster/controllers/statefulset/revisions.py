"""ControllerRevisions: the templates a StatefulSet has had, by number. Pure."""

from __future__ import annotations

import copy
from typing import Any

from localcluster.client import Object
from localcluster.controllers.hashing import content_hash
from localcluster.controllers.meta import controller_reference, labels_of, name_of, namespace_of
from localcluster.resources import STATEFUL_SETS

HASH = "controller.kubernetes.io/hash"


def data_of(stateful_set: Object) -> dict[str, Any]:
    """What is kept of a set: its template, as a patch that replaces one."""
    return {"spec": {"template": {**copy.deepcopy(stateful_set["spec"]["template"]), "$patch": "replace"}}}


def template_of(revision: Object) -> Object:
    """The template that was kept."""
    template = copy.deepcopy(revision["data"]["spec"]["template"])
    template.pop("$patch", None)
    return dict(template)


def by_number(revisions: list[Object]) -> list[Object]:
    return sorted(revisions, key=lambda one: (one["revision"], name_of(one)))


def find_equal(stateful_set: Object, revisions: list[Object]) -> Object | None:
    """The latest revision with the set's own template."""
    wanted = data_of(stateful_set)
    return next((one for one in reversed(by_number(revisions)) if one["data"] == wanted), None)


def next_number(revisions: list[Object]) -> int:
    return max((int(one["revision"]) for one in revisions), default=0) + 1


def new_revision(stateful_set: Object, *, number: int, collisions: int) -> Object:
    digest = content_hash(data_of(stateful_set), collisions=collisions)
    labels = (stateful_set["spec"]["template"].get("metadata") or {}).get("labels") or {}
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": f"{name_of(stateful_set)}-{digest}",
            "namespace": namespace_of(stateful_set),
            "labels": {**labels, HASH: digest},
            "ownerReferences": [
                controller_reference(stateful_set, api_version=STATEFUL_SETS.api_version, kind=STATEFUL_SETS.kind)
            ],
        },
        "data": data_of(stateful_set),
        "revision": number,
    }


def superfluous(stateful_set: Object, revisions: list[Object], *, pods: list[Object], live: set[str]) -> list[Object]:
    """The oldest revisions beyond the history that is asked for, except those in use. `live`: current and update."""
    used = live | {labels_of(pod).get("controller-revision-hash", "") for pod in pods}
    limit = stateful_set["spec"].get("revisionHistoryLimit")
    idle = [one for one in by_number(revisions) if name_of(one) not in used]
    return idle[: max(0, len(idle) - int(10 if limit is None else limit))]
