"""The one table of what we watch, and where it lives in the API. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.kube import structs
from dashboard.kube.autoscaling_structs import HorizontalPodAutoscaler
from dashboard.kube.requests import segment
from dashboard.kube.scalable_structs import Scalable


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
    Resource("deployments", "apps/v1", "Deployment", Scalable),
    Resource("replicasets", "apps/v1", "ReplicaSet", structs.Workload),
    Resource("statefulsets", "apps/v1", "StatefulSet", Scalable),
    Resource("jobs", "batch/v1", "Job", structs.Workload),
    Resource("horizontalpodautoscalers", "autoscaling/v2", "HorizontalPodAutoscaler", HorizontalPodAutoscaler),
    Resource("pods", "v1", "Pod", structs.Pod),
    Resource("events", "v1", "Event", structs.Event),
)
BY_PLURAL: Mapping[str, Resource] = {resource.plural: resource for resource in WATCHED}


def _path(api_version: str, plural: str, namespace: str | None, name: str | None) -> str:
    parts = ["/apis" if "/" in api_version else "/api", api_version]
    if namespace:
        parts += ["namespaces", segment(namespace)]
    parts.append(plural)
    if name:
        parts.append(segment(name))
    return "/".join(parts)
