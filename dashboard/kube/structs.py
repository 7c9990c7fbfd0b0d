"""The fields of Kubernetes objects that we show, and no others: what is not shown is never held.

Missing and null are both survived: collections may be None, and readers say `or ()`. Decoding only.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import field

from dashboard.kube.quantities import millicores, whole_bytes

Quantities = dict[str, str | int | float]


class _Struct(msgspec.Struct, rename="camel"):
    pass


class OwnerReference(_Struct):
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = None


class Meta(_Struct):
    name: str = ""
    namespace: str | None = None
    uid: str = ""
    resource_version: str = ""
    generation: int | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None


class Condition(_Struct):
    type: str = ""
    status: str = ""
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None


class KubeObject(_Struct):
    """What every object has; alone it is the Struct of a resource of which we show no more than that it is there."""

    metadata: Meta = field(default_factory=Meta)


class NamespaceStatus(_Struct):
    phase: str | None = None


class Namespace(KubeObject):
    status: NamespaceStatus = field(default_factory=NamespaceStatus)


class ContainerResources(_Struct):
    requests: Quantities | None = None
    limits: Quantities | None = None


class Container(_Struct):
    name: str = ""
    restart_policy: str | None = None
    resources: ContainerResources | None = None


class Waiting(_Struct):
    reason: str | None = None
    message: str | None = None


class Running(_Struct):
    started_at: str | None = None


class Terminated(_Struct):
    exit_code: int = 0
    signal: int | None = None
    reason: str | None = None
    message: str | None = None
    finished_at: str | None = None


class ContainerState(_Struct):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(_Struct):
    name: str = ""
    state: ContainerState | None = None
    last_state: ContainerState | None = None
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0


class PodSpec(_Struct):
    node_name: str | None = None
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None

    @property
    def cpu_request_millicores(self) -> float | None:
        """What the HPA divides by; None when a container has no request, for then the HPA cannot divide."""
        return self._total(lambda resources: millicores((resources.requests or {}).get("cpu")))

    @property
    def memory_limit_bytes(self) -> int | None:
        """None when a container may take what it likes."""
        total = self._total(lambda resources: whole_bytes((resources.limits or {}).get("memory")))
        return None if total is None else int(total)

    def _total(self, read: Callable[[ContainerResources], float | None]) -> float | None:
        sidecars = [each for each in self.init_containers or () if each.restart_policy == "Always"]
        values = [read(each.resources or ContainerResources()) for each in [*(self.containers or ()), *sidecars]]
        known = [value for value in values if value is not None]
        return sum(known) if values and len(known) == len(values) else None


class PodStatus(_Struct):
    phase: str | None = None
    reason: str | None = None
    message: str | None = None
    pod_ip: str | None = field(name="podIP", default=None)
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None


class Pod(KubeObject):
    spec: PodSpec = field(default_factory=PodSpec)
    status: PodStatus = field(default_factory=PodStatus)


class WorkloadSpec(_Struct):
    replicas: int | None = None
    paused: bool | None = None
    parallelism: int | None = None
    completions: int | None = None


class WorkloadStatus(_Struct):
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


class ScaleTarget(_Struct):
    kind: str = ""
    name: str = ""
    api_version: str | None = None


class MetricTarget(_Struct):
    type: str | None = None
    average_utilization: int | None = None
    average_value: str | int | float | None = None


class ResourceMetric(_Struct):
    name: str | None = None
    container: str | None = None
    target: MetricTarget | None = None
    current: MetricTarget | None = None


class Metric(_Struct):
    """A metric of spec (`target`) or status (`current`); an HPA without metrics has one of type "" in its status."""

    type: str | None = None
    resource: ResourceMetric | None = None
    container_resource: ResourceMetric | None = None


class ScalingPolicy(_Struct):
    type: str | None = None
    value: int | None = None
    period_seconds: int | None = None


class ScalingRules(_Struct):
    stabilization_window_seconds: int | None = None
    select_policy: str | None = None
    policies: list[ScalingPolicy] | None = None
    tolerance: str | int | float | None = None


class Behavior(_Struct):
    scale_up: ScalingRules | None = None
    scale_down: ScalingRules | None = None


class HorizontalPodAutoscalerSpec(_Struct):
    scale_target_ref: ScaleTarget = field(default_factory=ScaleTarget)
    min_replicas: int | None = None
    max_replicas: int | None = None
    metrics: list[Metric] | None = None
    behavior: Behavior | None = None


class HorizontalPodAutoscalerStatus(_Struct):
    last_scale_time: str | None = None
    current_replicas: int | None = None
    desired_replicas: int | None = None
    current_metrics: list[Metric] | None = None
    conditions: list[Condition] | None = None


class HorizontalPodAutoscaler(KubeObject):
    spec: HorizontalPodAutoscalerSpec = field(default_factory=HorizontalPodAutoscalerSpec)
    status: HorizontalPodAutoscalerStatus = field(default_factory=HorizontalPodAutoscalerStatus)


class ObjectReference(_Struct):
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None


class EventSeries(_Struct):
    count: int | None = None
    last_observed_time: str | None = None


class EventSource(_Struct):
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


class ServicePort(_Struct):
    name: str | None = None
    port: int | None = None
    node_port: int | None = None


class ServiceSpec(_Struct):
    type: str | None = None
    cluster_ip: str | None = field(name="clusterIP", default=None)
    selector: dict[str, str] | None = None
    ports: list[ServicePort] | None = None


class Service(KubeObject):
    spec: ServiceSpec = field(default_factory=ServiceSpec)


class NodeAddress(_Struct):
    type: str | None = None
    address: str | None = None


class NodeStatus(_Struct):
    conditions: list[Condition] | None = None
    addresses: list[NodeAddress] | None = None
    capacity: Quantities | None = None
    allocatable: Quantities | None = None


class Node(KubeObject):
    status: NodeStatus = field(default_factory=NodeStatus)
