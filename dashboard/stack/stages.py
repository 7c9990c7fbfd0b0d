"""The order of applying: which stage a kind belongs to, and which stages wait for health. A table, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of an apply. `waits`: the next stage starts when every object of this one is healthy."""

    name: str
    kinds: frozenset[str]
    waits: bool = False


STAGES = (
    Stage("definitions", frozenset({"CustomResourceDefinition"}), waits=True),
    Stage("namespaces", frozenset({"Namespace"})),
    Stage("policies", frozenset({
        "NetworkPolicy", "ResourceQuota", "LimitRange", "ServiceAccount", "Role", "RoleBinding", "ClusterRole",
        "ClusterRoleBinding", "StorageClass", "PriorityClass", "IngressClass",
    })),
    Stage("configuration", frozenset({"Secret", "ConfigMap"})),
    Stage("services", frozenset({"Service", "APIService", "Ingress"})),
    Stage("stateful sets", frozenset({"StatefulSet"}), waits=True),
    Stage("deployments", frozenset({"Deployment", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob"}), waits=True),
    Stage("budgets and autoscalers", frozenset({"PodDisruptionBudget", "HorizontalPodAutoscaler"})),
    Stage("webhooks", frozenset({"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"})),
)  # fmt: skip
"""New kinds are known before their first object, NetworkPolicies and quotas stand before the first pod, budgets and
autoscalers come after what they refer to, and webhooks after the programs that answer them."""

KEPT = frozenset({"Namespace", "Secret", "PersistentVolumeClaim", "CustomResourceDefinition"})
"""Kinds that are deleted only when a person ticks the very object: what they hold, or what goes with them, cannot be
made again."""


def stage_of(manifest: Mapping[str, Any]) -> Stage:
    """The stage of an object; kinds that the table does not name go with the configuration."""
    for stage in STAGES:
        if manifest["kind"] in stage.kinds:
            return stage
    return next(stage for stage in STAGES if stage.name == "configuration")


def in_stages(objects: Iterable[Mapping[str, Any]]) -> list[tuple[Stage, list[Mapping[str, Any]]]]:
    """Objects grouped by stage in order; empty stages are left out."""
    held = list(objects)
    grouped = [(stage, [each for each in held if stage_of(each) is stage]) for stage in STAGES]
    return [(stage, members) for stage, members in grouped if members]
