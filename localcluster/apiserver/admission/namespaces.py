"""NamespaceLifecycle: nothing new in a namespace that is missing or going away; some namespaces stay."""

from __future__ import annotations

from localcluster.apiserver.admission.lister import Lister
from localcluster.client import Object
from localcluster.errors import ApiError, forbidden, not_found, qualified
from localcluster.resources import NAMESPACES, Resource

_PROTECTED = frozenset({"default", "kube-system", "kube-public"})


def check_namespace(resource: Resource, obj: Object, *, lister: Lister) -> None:
    """Raises 404 or 403 when `obj` cannot be created where it wants to be."""
    if not resource.namespaced:
        return
    name, namespace = obj["metadata"].get("name", ""), obj["metadata"].get("namespace", "")
    found = lister.get(NAMESPACES, namespace)
    if found is None:
        raise not_found(resource="namespaces", group="", name=namespace)
    if found["metadata"].get("deletionTimestamp") or (found.get("status") or {}).get("phase") == "Terminating":
        raise _terminating(resource, name=name, namespace=namespace)


def check_deletion(resource: Resource, obj: Object) -> None:
    """Raises 403 for a namespace the cluster cannot do without."""
    name = obj["metadata"]["name"]
    if resource is NAMESPACES and name in _PROTECTED:
        raise forbidden(resource="namespaces", group="", name=name, message="this namespace may not be deleted")


def _terminating(resource: Resource, *, name: str, namespace: str) -> ApiError:
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    text = f"unable to create new content in namespace {namespace} because it is being terminated"
    error = forbidden(resource=resource.plural, group=resource.group, name=name, message=text)
    details = {**(error.details or {}), "causes": [cause]}
    subject = qualified(resource.plural, resource.group)
    return ApiError(403, "Forbidden", f'{subject} "{name}" is forbidden: {text}', details)
