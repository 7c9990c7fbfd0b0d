"""The fields of Kubernetes objects that we show, and no others: what is not shown is never held.

Missing and null are both survived: collections may be None, and readers say `or ()`. Decoding only.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import field

from dashboard.kube.quantities import millicores, whole_bytes

Quantities = dict[str, str | int | float]


class Fields(msgspec.Struct, rename="camel"):
    pass


class OwnerReference(Fields):
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = None


class Annotations(msgspec.Struct):
    """Of all annotations those that we show."""

    limit_ranger: str | None = field(name="kubernetes.io/limit-ranger", default=None)


class Meta(Fields):
    name: str = ""
    namespace: str | None = None
    uid: str = ""
    resource_version: str = ""
    generation: int | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    annotations: Annotations | None = None
    owner_references: list[OwnerReference] | None = None


class Condition(Fields):
    type: str = ""
    status: str = ""
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None


class KubeObject(Fields):
    """What every object has; alone it is the Struct of a resource of which we show no more than that it is there."""

    metadata: Meta = field(default_factory=Meta)


class NamespaceStatus(Fields):
    phase: str | None = None


class Namespace(KubeObject):
    status: NamespaceStatus = field(default_factory=NamespaceStatus)


class ContainerResources(Fields):
    requests: Quantities | None = None
    limits: Quantities | None = None


class Container(Fields):
    name: str = ""
    restart_policy: str | None = None
    resources: ContainerResources | None = None


class Waiting(Fields):
    reason: str | None = None
    message: str | None = None


class Running(Fields):
    started_at: str | None = None


class Terminated(Fields):
    exit_code: int = 0
    signal: int | None = None
    reason: str | None = None
    message: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    container_id: str | None = field(name="containerID", default=None)


class ContainerState(Fields):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Fields):
    name: str = ""
    state: ContainerState | None = None
    last_state: ContainerState | None = None
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0


class PodSpec(Fields):
    node_name: str | None = None
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None

    @property
    def cpu_request_millicores(self) -> float | None:
        """What the HPA divides by; None when a container has no request, for then the HPA cannot divide."""
        return self._total(lambda resources: millicores((resources.requests or {}).get("cpu")))

    @property
    def cpu_limit_millicores(self) -> float | None:
        """None when a container may take what it likes."""
        return self._total(lambda resources: millicores((resources.limits or {}).get("cpu")))

    @property
    def memory_limit_bytes(self) -> int | None:
        """None when a container may take what it likes."""
        total = self._total(lambda resources: whole_bytes((resources.limits or {}).get("memory")))
        return None if total is None else int(total)

    def without_request(self, resource: str) -> list[str]:
        """The containers that ask for none of it; an HPA can then not divide by what they ask for."""
        asked = {each.name: (each.resources and each.resources.requests) or {} for each in self._lasting}
        return [name for name, requests in asked.items() if requests.get(resource) is None]

    @property
    def _lasting(self) -> list[Container]:
        """Those that run as long as the pod does, sidecars included."""
        sidecars = [each for each in self.init_containers or () if each.restart_policy == "Always"]
        return [*(self.containers or ()), *sidecars]

    def _total(self, read: Callable[[ContainerResources], float | None]) -> float | None:
        values = [read(each.resources or ContainerResources()) for each in self._lasting]
        known = [value for value in values if value is not None]
        return sum(known) if values and len(known) == len(values) else None


class PodStatus(Fields):
    phase: str | None = None
    reason: str | None = None
    message: str | None = None
    pod_ip: str | None = field(name="podIP", default=None)
    qos_class: str | None = None
    start_time: str | None = None
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None


class Pod(KubeObject):
    spec: PodSpec = field(default_factory=PodSpec)
    status: PodStatus = field(default_factory=PodStatus)


class PodTemplate(Fields):
    """What a workload makes its pods from."""

    spec: PodSpec = field(default_factory=PodSpec)


class WorkloadSpec(Fields):
    replicas: int | None = None
    template: PodTemplate | None = None
    paused: bool | None = None
    parallelism: int | None = None
    completions: int | None = None


class WorkloadStatus(Fields):
    observed_generation: int | None = None
    replicas: int | None = None
    ready_replicas: int | None = None
    updated_replicas: int | None = None
    available_replicas: int | None = None
    current_revision: str | None = None
    update_revision: str | None = None
    active: int | None = None
    ready: int | None = None
    succeeded: int | None = None
    failed: int | None = None
    conditions: list[Condition] | None = None


class Workload(KubeObject):
    """Deployment, ReplicaSet, StatefulSet and Job: each fills the fields it has."""

    spec: WorkloadSpec = field(default_factory=WorkloadSpec)
    status: WorkloadStatus = field(default_factory=WorkloadStatus)


class ObjectReference(Fields):
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None


class EventSeries(Fields):
    count: int | None = None
    last_observed_time: str | None = None


class EventSource(Fields):
    component: str | None = None


class Event(KubeObject):
    """The core v1 form."""

    involved_object: ObjectReference = field(default_factory=ObjectReference)
    type: str | None = None
    reason: str | None = None
    message: str | None = None
    count: int | None = None
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    series: EventSeries | None = None
    source: EventSource | None = None
    reporting_component: str | None = None


class ServicePort(Fields):
    name: str | None = None
    port: int | None = None
    node_port: int | None = None


class ServiceSpec(Fields):
    type: str | None = None
    cluster_ip: str | None = field(name="clusterIP", default=None)
    selector: dict[str, str] | None = None
    ports: list[ServicePort] | None = None


class Service(KubeObject):
    spec: ServiceSpec = field(default_factory=ServiceSpec)


class NodeAddress(Fields):
    type: str | None = None
    address: str | None = None


class NodeStatus(Fields):
    conditions: list[Condition] | None = None
    addresses: list[NodeAddress] | None = None
    capacity: Quantities | None = None
    allocatable: Quantities | None = None


class Node(KubeObject):
    status: NodeStatus = field(default_factory=NodeStatus)
