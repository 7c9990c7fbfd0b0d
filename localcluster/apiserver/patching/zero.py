"""The fields Kubernetes' types always write, even empty.

They tell a field that was set from one that is merely there: a new object's `spec` is nobody's, its `spec.replicas`
is its writer's. None is written as null.
"""

from __future__ import annotations

from typing import Any

from localcluster.schema import Schema

_CORE = "io.k8s.api.core.v1."
_APPS = "io.k8s.api.apps.v1."
_DEFINITIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
_RBAC = "io.k8s.api.rbac.v1."
_META: dict[str, Any] = {"metadata": {}}
_WHOLE: dict[str, Any] = {"metadata": {}, "spec": {}, "status": {}}

_ALWAYS: dict[str, dict[str, Any]] = {
    _CORE + "Namespace": _WHOLE,
    _CORE + "Node": _WHOLE,
    _CORE + "NodeStatus": {"daemonEndpoints": {}, "nodeInfo": {}},
    _CORE + "NodeDaemonEndpoints": {"kubeletEndpoint": {}},
    _CORE + "Pod": _WHOLE,
    _CORE + "PodSpec": {"containers": None},
    _CORE + "PodTemplateSpec": {"metadata": {}, "spec": {}},
    _CORE + "Container": {"resources": {}},
    _CORE + "PodCondition": {"lastProbeTime": None, "lastTransitionTime": None},
    _CORE + "ContainerStatus": {
        "state": {},
        "lastState": {},
        "ready": False,
        "restartCount": 0,
        "image": "",
        "imageID": "",
    },
    _CORE + "ContainerStateRunning": {"startedAt": None},
    _CORE + "ContainerStateTerminated": {"exitCode": 0, "startedAt": None, "finishedAt": None},
    _CORE + "Service": _WHOLE,
    _CORE + "ServiceStatus": {"loadBalancer": {}},
    _CORE + "ConfigMap": _META,
    _CORE + "Secret": _META,
    _CORE + "ServiceAccount": _META,
    _CORE + "Event": {
        "metadata": {},
        "involvedObject": {},
        "source": {},
        "firstTimestamp": None,
        "lastTimestamp": None,
        "eventTime": None,
        "reportingComponent": "",
        "reportingInstance": "",
    },
    _CORE + "PersistentVolume": _WHOLE,
    _CORE + "PersistentVolumeClaim": _WHOLE,
    _CORE + "PersistentVolumeClaimSpec": {"resources": {}},
    _CORE + "PersistentVolumeClaimTemplate": {"metadata": {}, "spec": {}},
    _CORE + "ResourceFieldSelector": {"divisor": "0"},
    _CORE + "ResourceQuota": _WHOLE,
    _CORE + "LimitRange": {"metadata": {}, "spec": {}},
    _CORE + "LimitRangeSpec": {"limits": None},
    _APPS + "Deployment": _WHOLE,
    _APPS + "DeploymentSpec": {"selector": None, "template": {}, "strategy": {}},
    _APPS + "ReplicaSet": _WHOLE,
    _APPS + "ReplicaSetSpec": {"selector": None, "template": {}},
    _APPS + "ReplicaSetStatus": {"replicas": 0},
    _APPS + "StatefulSet": _WHOLE,
    _APPS + "StatefulSetStatus": {"replicas": 0, "availableReplicas": 0},
    _APPS + "StatefulSetSpec": {"selector": None, "template": {}, "updateStrategy": {}},
    _APPS + "ControllerRevision": {"metadata": {}},
    "io.k8s.api.batch.v1.Job": _WHOLE,
    "io.k8s.api.batch.v1.JobSpec": {"template": {}},
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler": _WHOLE,
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec": {"scaleTargetRef": {}},
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus": {"desiredReplicas": 0, "currentMetrics": None},
    "io.k8s.api.policy.v1.PodDisruptionBudget": _WHOLE,
    "io.k8s.api.policy.v1.PodDisruptionBudgetStatus": {
        "disruptionsAllowed": 0,
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "expectedPods": 0,
    },
    "io.k8s.api.networking.v1.NetworkPolicy": {"metadata": {}, "spec": {}},
    "io.k8s.api.networking.v1.NetworkPolicySpec": {"podSelector": {}},
    "io.k8s.api.discovery.v1.EndpointSlice": {"metadata": {}, "endpoints": None, "ports": None},
    "io.k8s.api.discovery.v1.Endpoint": {"addresses": None, "conditions": {}},
    "io.k8s.api.storage.v1.StorageClass": _META,
    "io.k8s.api.coordination.v1.Lease": {"metadata": {}, "spec": {}},
    _RBAC + "Role": {"metadata": {}, "rules": None},
    _RBAC + "ClusterRole": {"metadata": {}, "rules": None},
    _RBAC + "RoleBinding": {"metadata": {}, "roleRef": {}},
    _RBAC + "ClusterRoleBinding": {"metadata": {}, "roleRef": {}},
    "io.k8s.api.authentication.v1.TokenReview": _WHOLE,
    "io.k8s.api.authorization.v1.LocalSubjectAccessReview": _WHOLE,
    "io.k8s.api.authorization.v1.SelfSubjectAccessReview": _WHOLE,
    "io.k8s.api.authorization.v1.SubjectAccessReview": _WHOLE,
    _DEFINITIONS + "CustomResourceDefinition": _WHOLE,
    _DEFINITIONS + "CustomResourceDefinitionSpec": {"names": {}},
    _DEFINITIONS + "CustomResourceDefinitionVersion": {"name": "", "served": False, "storage": False},
    _DEFINITIONS + "CustomResourceDefinitionNames": {"plural": "", "kind": ""},
    _DEFINITIONS + "CustomResourceDefinitionStatus": {"conditions": None, "acceptedNames": {}},
    "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService": _WHOLE,
}


def empty(schema: Schema) -> dict[str, Any]:
    """An object of the type with nothing set."""
    return {name: _blank(value, schema.field(name)) for name, value in _ALWAYS.get(schema.name, {}).items()}


def fill(value: Any, schema: Schema | None) -> None:
    """Add to a real object, in place, the fields that are always written."""
    if schema is None:
        return
    if isinstance(value, list):
        for item in value:
            fill(item, schema.items)
    elif isinstance(value, dict):
        for name, default in _ALWAYS.get(schema.name, {}).items():
            if name not in value:
                value[name] = _blank(default, schema.field(name))
        for name, item in value.items():
            if isinstance(item, dict | list):
                fill(item, schema.field(name))


def _blank(value: Any, schema: Schema | None) -> Any:
    return empty(schema) if value == {} and schema is not None else value
