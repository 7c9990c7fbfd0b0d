"""Where deploying keeps its own records (the Lease, the revisions), and what it says to who may not write there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.cluster import Cluster, Manifest

MANAGED_BY = {"app.kubernetes.io/managed-by": "surgeboard"}

RULES = {
    "leases": "{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, patch]}",
    "configmaps": '{apiGroups: [""], resources: [configmaps], verbs: [get, list, create, patch, delete]}',
    "namespaces": '{apiGroups: [""], resources: [namespaces], verbs: [create]}',
}
"""The rights that the records need, as they stand in a Role; the last one in a ClusterRole, once."""


def namespace_manifest(name: str) -> Manifest:
    """The records' namespace; no pod is ever to run in it."""
    labels = {**MANAGED_BY, "pod-security.kubernetes.io/enforce": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def ensure_namespace(cluster: Cluster, name: str) -> None:
    """Creates the records' namespace unless it is there. Most who deploy may not create any, so it looks first."""
    try:
        cluster.get(f"/api/v1/namespaces/{name}")
    except (errors.NotFound, errors.Forbidden):
        _create_namespace(cluster, name)


def _create_namespace(cluster: Cluster, name: str) -> None:
    try:
        with allowed("namespaces", name):
            cluster.create("/api/v1/namespaces", namespace_manifest(name))
    except errors.AlreadyExists:
        return


@contextmanager
def allowed(resource: str, namespace: str) -> Iterator[None]:
    """Turns a 403 on the records into a sentence with the rule that is missing."""
    try:
        yield
    except errors.Forbidden as error:
        where = "a ClusterRole" if resource == "namespaces" else f"a Role in namespace {namespace}"
        raise Refused(
            f"Deploys are recorded in namespace {namespace}, and you may not write {resource} there: {error.message}. "
            f"This rule in {where} allows it: {RULES[resource]}",
            status=403,
        ) from error
