"""The Protocol Buffers messages that kubectl's own commands send: field numbers, names and types.

A type is `string` (the default), `bool`, `int`, `bytes`, `time`, `quantity`, `int-or-string`, `json` or a message's
name; `*` before it means repeated, `%` a map by strings, `!` that an explicit zero is kept. Data only.
"""

from __future__ import annotations

_META = "1 metadata ObjectMeta"

_TEXT: dict[str, str] = {
    "ObjectMeta": (
        "1 name, 2 generateName, 3 namespace, 4 selfLink, 5 uid, 6 resourceVersion, 7 generation int, "
        "8 creationTimestamp time, 9 deletionTimestamp time, 10 deletionGracePeriodSeconds !int, 11 labels %string, "
        "12 annotations %string, 13 ownerReferences *OwnerReference, 14 finalizers *string, "
        "17 managedFields *ManagedFieldsEntry"
    ),
    "ManagedFieldsEntry": (
        "1 manager, 2 operation, 3 apiVersion, 4 time time, 6 fieldsType, 7 fieldsV1 json, 8 subresource"
    ),
    "OwnerReference": "1 kind, 3 name, 4 uid, 5 apiVersion, 6 controller !bool, 7 blockOwnerDeletion !bool",
    "LabelSelector": "1 matchLabels %string, 2 matchExpressions *LabelSelectorRequirement",
    "LabelSelectorRequirement": "1 key, 2 operator, 3 values *string",
    "DeleteOptions": (
        "1 gracePeriodSeconds !int, 2 preconditions Preconditions, 3 orphanDependents !bool, 4 propagationPolicy, "
        "5 dryRun *string"
    ),
    "Preconditions": "1 uid, 2 resourceVersion",
    "ConfigMap": f"{_META}, 2 data %string, 3 binaryData %bytes, 4 immutable !bool",
    "Secret": f"{_META}, 2 data %bytes, 3 type, 4 stringData %string, 5 immutable !bool",
    "Namespace": f"{_META}, 2 spec NamespaceSpec, 3 status Empty",
    "NamespaceSpec": "1 finalizers *string",
    "ServiceAccount": (
        f"{_META}, 2 secrets *ObjectReference, 3 imagePullSecrets *LocalObjectReference, "
        "4 automountServiceAccountToken !bool"
    ),
    "LocalObjectReference": "1 name",
    "ObjectReference": "1 kind, 2 namespace, 3 name, 4 uid, 5 apiVersion, 6 resourceVersion, 7 fieldPath",
    "Binding": f"{_META}, 2 target ObjectReference",
    "Service": f"{_META}, 2 spec ServiceSpec, 3 status Empty",
    "ServiceSpec": (
        "1 ports *ServicePort, 2 selector %string, 3 clusterIP, 4 type, 5 externalIPs *string, 7 sessionAffinity, "
        "8 loadBalancerIP, 10 externalName, 11 externalTrafficPolicy, 12 healthCheckNodePort int, "
        "13 publishNotReadyAddresses bool, 18 clusterIPs *string"
    ),
    "ServicePort": "1 name, 2 protocol, 3 port int, 4 targetPort int-or-string, 5 nodePort int, 6 appProtocol",
    "ResourceQuota": f"{_META}, 2 spec ResourceQuotaSpec, 3 status Empty",
    "ResourceQuotaSpec": "1 hard %quantity, 2 scopes *string",
    "PodTemplateSpec": "1 metadata ObjectMeta, 2 spec PodSpec",
    "PodSpec": (
        "2 containers *Container, 3 restartPolicy, 4 terminationGracePeriodSeconds !int, 6 dnsPolicy, "
        "7 nodeSelector %string, 8 serviceAccountName, 9 serviceAccount, 10 nodeName, 11 hostNetwork bool, "
        "12 hostPID bool, 13 hostIPC bool, 15 imagePullSecrets *LocalObjectReference, 16 hostname, 17 subdomain, "
        "19 schedulerName, 24 priorityClassName"
    ),
    "Container": (
        "1 name, 2 image, 3 command *string, 4 args *string, 5 workingDir, 6 ports *ContainerPort, 7 env *EnvVar, "
        "8 resources ResourceRequirements, 13 terminationMessagePath, 14 imagePullPolicy, 16 stdin bool, "
        "17 stdinOnce bool, 18 tty bool, 20 terminationMessagePolicy"
    ),
    "ContainerPort": "1 name, 2 hostPort int, 3 containerPort int, 4 protocol, 5 hostIP",
    "EnvVar": "1 name, 2 value",
    "ResourceRequirements": "1 limits %quantity, 2 requests %quantity",
    "Deployment": f"{_META}, 2 spec DeploymentSpec, 3 status Empty",
    "DeploymentSpec": (
        "1 replicas !int, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy, "
        "5 minReadySeconds int, 6 revisionHistoryLimit !int, 7 paused bool, 9 progressDeadlineSeconds !int"
    ),
    "DeploymentStrategy": "1 type",
    "Job": f"{_META}, 2 spec JobSpec, 3 status Empty",
    "JobSpec": (
        "1 parallelism !int, 2 completions !int, 3 activeDeadlineSeconds !int, 4 selector LabelSelector, "
        "5 manualSelector !bool, 6 template PodTemplateSpec, 7 backoffLimit !int, 8 ttlSecondsAfterFinished !int, "
        "9 completionMode, 10 suspend !bool"
    ),
    "Eviction": f"{_META}, 2 deleteOptions DeleteOptions",
    "PodDisruptionBudget": f"{_META}, 2 spec PodDisruptionBudgetSpec, 3 status Empty",
    "PodDisruptionBudgetSpec": (
        "1 minAvailable !int-or-string, 2 selector LabelSelector, 3 maxUnavailable !int-or-string, "
        "4 unhealthyPodEvictionPolicy"
    ),
    "Role": f"{_META}, 2 rules *PolicyRule",
    "HorizontalPodAutoscaler": f"{_META}, 2 spec HorizontalPodAutoscalerSpec, 3 status Empty",
    "HorizontalPodAutoscalerSpec": (
        "1 scaleTargetRef CrossVersionObjectReference, 2 minReplicas !int, 3 maxReplicas int, 4 metrics *MetricSpec"
    ),
    "CrossVersionObjectReference": "1 kind, 2 name, 3 apiVersion",
    "MetricSpec": "1 type, 4 resource ResourceMetricSource",
    "ResourceMetricSource": "1 name, 2 target MetricTarget",
    "MetricTarget": "1 type, 2 value quantity, 3 averageValue quantity, 4 averageUtilization !int",
    "ClusterRole": f"{_META}, 2 rules *PolicyRule, 3 aggregationRule AggregationRule",
    "AggregationRule": "1 clusterRoleSelectors *LabelSelector",
    "PolicyRule": "1 verbs *string, 2 apiGroups *string, 3 resources *string, 4 resourceNames *string, "
    "5 nonResourceURLs *string",
    "RoleBinding": f"{_META}, 2 subjects *Subject, 3 roleRef RoleRef",
    "ClusterRoleBinding": f"{_META}, 2 subjects *Subject, 3 roleRef RoleRef",
    "RoleRef": "1 apiGroup, 2 kind, 3 name",
    "Subject": "1 kind, 2 apiGroup, 3 name, 4 namespace",
    "SelfSubjectAccessReview": f"{_META}, 2 spec SelfSubjectAccessReviewSpec, 3 status Empty",
    "SelfSubjectAccessReviewSpec": (
        "1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes"
    ),
    "ResourceAttributes": "1 namespace, 2 verb, 3 group, 4 version, 5 resource, 6 subresource, 7 name",
    "NonResourceAttributes": "1 path, 2 verb",
    "SelfSubjectRulesReview": f"{_META}, 2 spec SelfSubjectRulesReviewSpec, 3 status Empty",
    "SelfSubjectRulesReviewSpec": "1 namespace",
    "SelfSubjectReview": f"{_META}, 2 status Empty",
    "TokenRequest": f"{_META}, 2 spec TokenRequestSpec, 3 status Empty",
    "TokenRequestSpec": "1 audiences *string, 3 boundObjectRef BoundObjectReference, 4 expirationSeconds !int",
    "BoundObjectReference": "1 kind, 2 apiVersion, 3 name, 4 uid",
    "Empty": "",
}

Fields = dict[int, tuple[str, str]]


def _parsed(text: str) -> Fields:
    fields: Fields = {}
    for entry in filter(None, text.split(", ")):
        number, name, *kind = entry.split(" ")
        fields[int(number)] = (name, kind[0] if kind else "string")
    return fields


MESSAGES: dict[str, Fields] = {name: _parsed(text) for name, text in _TEXT.items()}
"""By message: field number to (name, type). `Empty` stands for a status, which nobody may send."""
