"""The system's part of `metadata`: identity, names, generation, what an update must carry over. Pure."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime

from localcluster import resources
from localcluster.client import Object
from localcluster.errors import ApiError, bad_request, conflict, invalid
from localcluster.resources import Resource

_WITH_GENERATION = frozenset(
    {
        resources.PODS, resources.DEPLOYMENTS, resources.REPLICA_SETS, resources.STATEFUL_SETS, resources.JOBS,
        resources.POD_DISRUPTION_BUDGETS, resources.NETWORK_POLICIES, resources.ENDPOINT_SLICES,
        resources.CUSTOM_RESOURCE_DEFINITIONS,
    }
)  # fmt: skip
_NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # no vowels and look-alikes, as Kubernetes makes names
_SUFFIX_LENGTH = 5
_LONGEST_BASE = 63 - _SUFFIX_LENGTH

MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def timestamp(moment: datetime) -> str:
    """`metav1.Time`: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_kind(resource: Resource, body: object) -> Object:
    """`body` as an object of this resource, with kind and apiVersion filled in; 400 when it is another's."""
    if not isinstance(body, dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {resource.kind})")
    kind, api_version = body.get("kind") or resource.kind, body.get("apiVersion") or resource.api_version
    if (kind, api_version) != (resource.kind, resource.api_version):
        raise bad_request(_wrong_kind(resource, kind=str(kind), api_version=str(api_version)))
    if not isinstance(body.get("metadata", {}), dict | None):
        problem = f"json: cannot unmarshal into Go struct field {resource.kind}.metadata of type v1.ObjectMeta"
        raise bad_request(_cannot_handle(resource, kind, resource.version, problem))
    rest = {key: value for key, value in body.items() if key not in ("kind", "apiVersion", "metadata")}
    return {"kind": kind, "apiVersion": api_version, "metadata": dict(body.get("metadata") or {}), **rest}


def check_place(resource: Resource, body: Object, *, namespace: str, name: str = "") -> None:
    """Put the URL's namespace into the object, or refuse one that differs; the same for an update's name."""
    metadata = body["metadata"]
    if resource.namespaced:
        if metadata.get("namespace") not in (None, "", namespace):
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
        metadata["namespace"] = namespace
    else:
        metadata.pop("namespace", None)
    if name and not metadata.get("name"):
        raise bad_request("name must be provided")
    if name and metadata["name"] != name:
        raise bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})")


def prepare_new(resource: Resource, body: Object, *, now: str) -> None:
    """Give a new object its identity, in place."""
    metadata = body["metadata"]
    if not metadata.get("name"):
        if not metadata.get("generateName"):
            cause = {
                "reason": "FieldValueRequired",
                "message": "Required value: name or generateName is required",
                "field": "metadata.name",
            }
            raise invalid(kind=resource.kind, group=resource.group, name="", causes=[cause])
        metadata["name"] = generated_name(metadata["generateName"])
    if metadata.get("resourceVersion"):
        raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
    for key in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"):
        metadata.pop(key, None)
    metadata["uid"] = str(uuid.uuid4())
    metadata["creationTimestamp"] = now
    if _has_generation(resource):
        metadata["generation"] = 1


def generated_name(base: str) -> str:
    suffix = "".join(secrets.choice(_NAME_ALPHABET) for _ in range(_SUFFIX_LENGTH))
    return base[:_LONGEST_BASE] + suffix


def check_version(resource: Resource, current: Object, sent: Object) -> None:
    """409 when the sender saw another version or another object than the current one."""
    now, seen = current["metadata"], sent["metadata"]
    if seen.get("resourceVersion") not in (None, "", now["resourceVersion"]):
        raise conflict(resource=resource.plural, group=resource.group, name=now["name"], message=MODIFIED)
    if seen.get("uid") not in (None, "", now["uid"]):
        message = f"Precondition failed: UID in precondition: {seen['uid']}, UID in object meta: {now['uid']}"
        raise conflict(resource=resource.plural, group=resource.group, name=now["name"], message=message)


def carry_over(current: Object, after: Object) -> None:
    """Fields of metadata that no update may change, in place."""
    old, new = current["metadata"], after["metadata"]
    for key in ("resourceVersion", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
                "generation", "generateName", "name", "namespace"):  # fmt: skip
        if key in old:
            new[key] = old[key]
        else:
            new.pop(key, None)


def bump_generation(resource: Resource, before: Object, after: Object) -> None:
    """One more when what is desired changed, in place."""
    if _has_generation(resource) and _desired(resource, before) != _desired(resource, after):
        after["metadata"]["generation"] = before["metadata"].get("generation", 0) + 1


def bump_for_deletion(metadata: Object) -> None:
    """Marking for deletion counts as a change of what is desired."""
    if "generation" in metadata:
        metadata["generation"] += 1


def _has_generation(resource: Resource) -> bool:
    return resource.custom is not None or resource in _WITH_GENERATION


def _desired(resource: Resource, body: Object) -> Object:
    """All but what the system says; the status of a custom resource is that only with a subresource for it."""
    left = {key: value for key, value in body.items() if key not in ("metadata", "kind", "apiVersion")}
    if resource.custom is None or resource.has_status:
        left.pop("status", None)
    return left


def _wrong_kind(resource: Resource, *, kind: str, api_version: str) -> str:
    group, _, version = api_version.rpartition("/")
    internal = resource.group.partition(".")[0] or "core"
    if group != resource.group or version != resource.version:
        expected = f"does not match the expected API version ({resource.api_version})"
        return f"the API version in the data ({api_version}) {expected}"
    problem = f"converting ({version}.{kind}) to ({internal}.{resource.kind}): unknown conversion"
    return _cannot_handle(resource, kind, version, problem)


def _cannot_handle(resource: Resource, kind: str, version: str, problem: str) -> str:
    return f'{kind} in version "{version}" cannot be handled as a {resource.kind}: {problem}'
