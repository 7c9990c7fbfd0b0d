"""The pods and claims of a StatefulSet: names, ordinals, identity, and how a new one looks. Pure."""

from __future__ import annotations

import copy
import re
from typing import Any

from localcluster.client import Object
from localcluster.controllers.meta import labels_of, name_of, namespace_of
from localcluster.controllers.pods import from_template
from localcluster.resources import STATEFUL_SETS

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"
REVISION = "controller-revision-hash"

_NAME = re.compile(r"(.*)-(0|[1-9][0-9]*)")


def ordinal_of(pod: Object, *, of: Object) -> int | None:
    """The number at the end of the pod's name; None when the pod is not named as a member of the set `of`."""
    match = _NAME.fullmatch(name_of(pod))
    return int(match[2]) if match and match[1] == name_of(of) else None


def pod_name(stateful_set: Object, ordinal: int) -> str:
    return f"{name_of(stateful_set)}-{ordinal}"


def new_pod(stateful_set: Object, template: Object, *, ordinal: int, revision: str) -> Object:
    """The member `ordinal` as `template` describes it."""
    pod = from_template(template, stateful_set, api_version=STATEFUL_SETS.api_version, kind=STATEFUL_SETS.kind)
    name = pod_name(stateful_set, ordinal)
    pod["metadata"]["name"] = name
    pod["metadata"]["labels"] = {**labels_of(pod), **_identity_labels(name, ordinal), REVISION: revision}
    pod["spec"]["hostname"] = name
    if stateful_set["spec"].get("serviceName"):
        pod["spec"]["subdomain"] = stateful_set["spec"]["serviceName"]
    volumes = _claim_volumes(stateful_set, ordinal)
    if volumes:
        own = {volume["name"] for volume in volumes}
        pod["spec"]["volumes"] = volumes + [one for one in pod["spec"].get("volumes") or [] if one["name"] not in own]
    return pod


def new_claims(stateful_set: Object, *, ordinal: int) -> list[Object]:
    """The PersistentVolumeClaims of the member `ordinal`. They have no owner: they outlive the set."""
    claims = []
    for template in stateful_set["spec"].get("volumeClaimTemplates") or []:
        described = template.get("metadata") or {}
        selected = stateful_set["spec"]["selector"].get("matchLabels") or {}
        metadata: dict[str, Any] = {
            "name": _claim_name(stateful_set, template, ordinal),
            "namespace": namespace_of(stateful_set),
            "labels": {**(described.get("labels") or {}), **selected},
        }
        if described.get("annotations"):
            metadata["annotations"] = dict(described["annotations"])
        claims.append(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": metadata,
                "spec": copy.deepcopy(template["spec"]),
            }
        )
    return claims


def needs_repair(stateful_set: Object, pod: Object, *, ordinal: int) -> bool:
    """Whether somebody has taken the labels away that make the pod this member."""
    return not _identity_labels(pod_name(stateful_set, ordinal), ordinal).items() <= labels_of(pod).items()


def repaired_labels(stateful_set: Object, pod: Object, *, ordinal: int) -> dict[str, str]:
    return {**labels_of(pod), **_identity_labels(pod_name(stateful_set, ordinal), ordinal)}


def revision_of(pod: Object) -> str:
    return labels_of(pod).get(REVISION, "")


def _identity_labels(name: str, ordinal: int) -> dict[str, str]:
    return {POD_NAME: name, POD_INDEX: str(ordinal)}


def _claim_volumes(stateful_set: Object, ordinal: int) -> list[dict[str, Any]]:
    return [
        {
            "name": template["metadata"]["name"],
            "persistentVolumeClaim": {"claimName": _claim_name(stateful_set, template, ordinal)},
        }
        for template in stateful_set["spec"].get("volumeClaimTemplates") or []
    ]


def _claim_name(stateful_set: Object, template: Object, ordinal: int) -> str:
    return f"{template['metadata']['name']}-{pod_name(stateful_set, ordinal)}"
