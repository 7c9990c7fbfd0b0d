"""The fields of a HorizontalPodAutoscaler (autoscaling/v2) that we show or explain with. Decoding only."""

from __future__ import annotations

from msgspec import field

from dashboard.kube.structs import Condition, Fields, KubeObject, Meta


class ScaleTarget(Fields):
    kind: str = ""
    name: str = ""
    api_version: str | None = None


class MetricTarget(Fields):
    type: str | None = None
    average_utilization: int | None = None
    average_value: str | int | float | None = None
    value: str | int | float | None = None


class ResourceMetric(Fields):
    name: str | None = None
    container: str | None = None
    target: MetricTarget | None = None
    current: MetricTarget | None = None


class MetricIdentifier(Fields):
    name: str | None = None


class DescribedObject(Fields):
    kind: str | None = None
    name: str | None = None


class NamedMetric(Fields):
    """A metric of the custom or external metrics API: Pods, Object (with what it describes), External."""

    metric: MetricIdentifier | None = None
    described_object: DescribedObject | None = None
    target: MetricTarget | None = None
    current: MetricTarget | None = None


class Metric(Fields):
    """A metric of spec (`target`) or status (`current`); an HPA without metrics has one of type "" in its status."""

    type: str | None = None
    resource: ResourceMetric | None = None
    container_resource: ResourceMetric | None = None
    pods: NamedMetric | None = None
    object: NamedMetric | None = None
    external: NamedMetric | None = None


class ScalingPolicy(Fields):
    type: str | None = None
    value: int | None = None
    period_seconds: int | None = None


class ScalingRules(Fields):
    stabilization_window_seconds: int | None = None
    select_policy: str | None = None
    policies: list[ScalingPolicy] | None = None
    tolerance: str | int | float | None = None


class Behavior(Fields):
    scale_up: ScalingRules | None = None
    scale_down: ScalingRules | None = None


class HorizontalPodAutoscalerSpec(Fields):
    scale_target_ref: ScaleTarget = field(default_factory=ScaleTarget)
    min_replicas: int | None = None
    max_replicas: int | None = None
    metrics: list[Metric] | None = None
    behavior: Behavior | None = None


class HorizontalPodAutoscalerStatus(Fields):
    last_scale_time: str | None = None
    current_replicas: int | None = None
    desired_replicas: int | None = None
    current_metrics: list[Metric] | None = None
    conditions: list[Condition] | None = None


class ManagedFields(Fields):
    """Who wrote which part, and when."""

    manager: str | None = None
    subresource: str | None = None
    time: str | None = None


class HorizontalPodAutoscalerMeta(Meta):
    managed_fields: list[ManagedFields] | None = None


class HorizontalPodAutoscaler(KubeObject):
    metadata: HorizontalPodAutoscalerMeta = field(default_factory=HorizontalPodAutoscalerMeta)
    spec: HorizontalPodAutoscalerSpec = field(default_factory=HorizontalPodAutoscalerSpec)
    status: HorizontalPodAutoscalerStatus = field(default_factory=HorizontalPodAutoscalerStatus)
