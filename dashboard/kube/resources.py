"""The one table of what we watch, and where every kind we apply lives in the API. Data and pure look-ups only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.kube import structs
from dashboard.kube.autoscaling_structs import HorizontalPodAutoscaler
from dashboard.kube.requests import segment


@dataclass(frozen=True, slots=True)
class Resource:
    """A watched resource: `struct` holds the fields of it that we show."""

    plural: str
    api_version: str
    kind: str
    struct: type[structs.KubeObject]
    namespaced: bool = True

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """The collection (of all namespaces, or of one), or one object in it."""
        return _path(self.api_version, self.plural, namespace if self.namespaced else None, name)


# Adding a resource to the dashboard begins with a line here; then a Struct, a projection and a sink.
WATCHED: tuple[Resource, ...] = (
    Resource("namespaces", "v1", "Namespace", structs.Namespace, namespaced=False),
    Resource("nodes", "v1", "Node", structs.Node, namespaced=False),
    Resource("services", "v1", "Service", structs.Service),
    Resource("deployments", "apps/v1", "Deployment", structs.Workload),
    Resource("replicasets", "apps/v1", "ReplicaSet", structs.Workload),
    Resource("statefulsets", "apps/v1", "StatefulSet", structs.Workload),
    Resource("jobs", "batch/v1", "Job", structs.Workload),
    Resource("horizontalpodautoscalers", "autoscaling/v2", "HorizontalPodAutoscaler", HorizontalPodAutoscaler),
    Resource("pods", "v1", "Pod", structs.Pod),
    Resource("events", "v1", "Event", structs.Event),
)
BY_PLURAL: Mapping[str, Resource] = {resource.plural: resource for resource in WATCHED}

# Kinds that manifests may hold: (plural, namespaced). A kind that is not here cannot be applied.
_KINDS: Mapping[tuple[str, str], tuple[str, bool]] = {
    ("v1", "ConfigMap"): ("configmaps", True),
    ("v1", "LimitRange"): ("limitranges", True),
    ("v1", "Namespace"): ("namespaces", False),
    ("v1", "Node"): ("nodes", False),
    ("v1", "PersistentVolume"): ("persistentvolumes", False),
    ("v1", "PersistentVolumeClaim"): ("persistentvolumeclaims", True),
    ("v1", "Pod"): ("pods", True),
    ("v1", "ResourceQuota"): ("resourcequotas", True),
    ("v1", "Secret"): ("secrets", True),
    ("v1", "Service"): ("services", True),
    ("v1", "ServiceAccount"): ("serviceaccounts", True),
    ("v1", "Event"): ("events", True),
    ("apps/v1", "DaemonSet"): ("daemonsets", True),
    ("apps/v1", "Deployment"): ("deployments", True),
    ("apps/v1", "ReplicaSet"): ("replicasets", True),
    ("apps/v1", "StatefulSet"): ("statefulsets", True),
    ("autoscaling/v2", "HorizontalPodAutoscaler"): ("horizontalpodautoscalers", True),
    ("batch/v1", "CronJob"): ("cronjobs", True),
    ("batch/v1", "Job"): ("jobs", True),
    ("policy/v1", "PodDisruptionBudget"): ("poddisruptionbudgets", True),
    ("networking.k8s.io/v1", "Ingress"): ("ingresses", True),
    ("networking.k8s.io/v1", "NetworkPolicy"): ("networkpolicies", True),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"): ("clusterroles", False),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): ("clusterrolebindings", False),
    ("rbac.authorization.k8s.io/v1", "Role"): ("roles", True),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): ("rolebindings", True),
    ("apiregistration.k8s.io/v1", "APIService"): ("apiservices", False),
    ("storage.k8s.io/v1", "StorageClass"): ("storageclasses", False),
    ("scheduling.k8s.io/v1", "PriorityClass"): ("priorityclasses", False),
}


class UnknownKind(LookupError):
    """A manifest has a kind that is not in the table."""


def collection_path(api_version: str, kind: str, *, namespace: str | None = None) -> str:
    """Where objects of a kind are created and listed."""
    plural, namespaced = _look_up(api_version, kind)
    return _path(api_version, plural, namespace if namespaced else None, None)


def object_path(api_version: str, kind: str, name: str, *, namespace: str | None = None) -> str:
    """Where one object is read, applied and deleted; a namespaced kind without a namespace lives in `default`."""
    plural, namespaced = _look_up(api_version, kind)
    return _path(api_version, plural, (namespace or "default") if namespaced else None, name)


def is_namespaced(api_version: str, kind: str) -> bool:
    """Whether objects of a kind live in namespaces."""
    return _look_up(api_version, kind)[1]


def path_of(manifest: Mapping[str, Any]) -> str:
    """The path of the object that a manifest describes."""
    metadata = manifest.get("metadata") or {}
    return object_path(
        str(manifest.get("apiVersion")),
        str(manifest.get("kind")),
        str(metadata.get("name")),
        namespace=metadata.get("namespace"),
    )


def collection_of(manifest: Mapping[str, Any]) -> str:
    """The path to which the object that a manifest describes is POSTed."""
    return path_of(manifest).rpartition("/")[0]


def _look_up(api_version: str, kind: str) -> tuple[str, bool]:
    try:
        return _KINDS[(api_version, kind)]
    except KeyError:
        raise UnknownKind(f"{api_version} {kind} is not a kind this dashboard can apply") from None


def _path(api_version: str, plural: str, namespace: str | None, name: str | None) -> str:
    parts = ["/apis" if "/" in api_version else "/api", api_version]
    if namespace:
        parts += ["namespaces", segment(namespace)]
    parts.append(plural)
    if name:
        parts.append(segment(name))
    return "/".join(parts)
