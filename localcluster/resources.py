"""The one table of resources the local cluster serves; routes, discovery, storage and controllers loop over it."""

from __future__ import annotations

from dataclasses import dataclass, field

from localcluster.customtype import CustomType

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Resource:
    """One API resource.

    `subresources`: names under an object's path. `categories`: kubectl groups such as `all`. `custom`: what a
    CustomResourceDefinition says of it; None for the kinds of the table.
    """

    group: str
    version: str
    plural: str
    kind: str
    singular: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    custom: CustomType | None = field(default=None, compare=False, repr=False)

    @property
    def api_version(self) -> str:
        """`apps/v1`, or `v1` in the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_resource(self) -> str:
        """`deployments.apps`, or `pods` in the core group: the same for all versions."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def list_kind(self) -> str:
        return self.custom.list_kind if self.custom is not None else f"{self.kind}List"

    @property
    def has_status(self) -> bool:
        """Whether writes to the object leave `status` alone (it has a status subresource)."""
        return "status" in self.subresources


NAMESPACES = Resource("", "v1", "namespaces", "Namespace", "namespace", False, ("ns",), ("finalize", "status"))
NODES = Resource("", "v1", "nodes", "Node", "node", False, ("no",), ("status",))
PODS = Resource(
    "", "v1", "pods", "Pod", "pod", True, ("po",),
    ("attach", "binding", "eviction", "exec", "log", "portforward", "proxy", "status"), ("all",),
)  # fmt: skip
SERVICES = Resource("", "v1", "services", "Service", "service", True, ("svc",), ("proxy", "status"), ("all",))
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap", "configmap", True, ("cm",))
SECRETS = Resource("", "v1", "secrets", "Secret", "secret")
SERVICE_ACCOUNTS = Resource("", "v1", "serviceaccounts", "ServiceAccount", "serviceaccount", True, ("sa",), ("token",))
EVENTS = Resource("", "v1", "events", "Event", "event", True, ("ev",))
PERSISTENT_VOLUME_CLAIMS = Resource(
    "", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "persistentvolumeclaim", True, ("pvc",), ("status",)
)
PERSISTENT_VOLUMES = Resource(
    "", "v1", "persistentvolumes", "PersistentVolume", "persistentvolume", False, ("pv",), ("status",)
)
RESOURCE_QUOTAS = Resource("", "v1", "resourcequotas", "ResourceQuota", "resourcequota", True, ("quota",), ("status",))
LIMIT_RANGES = Resource("", "v1", "limitranges", "LimitRange", "limitrange", True, ("limits",))
DEPLOYMENTS = Resource(
    "apps", "v1", "deployments", "Deployment", "deployment", True, ("deploy",), ("scale", "status"), ("all",)
)
REPLICA_SETS = Resource(
    "apps", "v1", "replicasets", "ReplicaSet", "replicaset", True, ("rs",), ("scale", "status"), ("all",)
)
STATEFUL_SETS = Resource(
    "apps", "v1", "statefulsets", "StatefulSet", "statefulset", True, ("sts",), ("scale", "status"), ("all",)
)
CONTROLLER_REVISIONS = Resource("apps", "v1", "controllerrevisions", "ControllerRevision", "controllerrevision")
JOBS = Resource("batch", "v1", "jobs", "Job", "job", True, (), ("status",), ("all",))
HORIZONTAL_POD_AUTOSCALERS = Resource(
    "autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "horizontalpodautoscaler",
    True, ("hpa",), ("status",), ("all",),
)  # fmt: skip
POD_DISRUPTION_BUDGETS = Resource(
    "policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "poddisruptionbudget", True, ("pdb",), ("status",)
)
NETWORK_POLICIES = Resource(
    "networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "networkpolicy", True, ("netpol",)
)
ENDPOINT_SLICES = Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", "endpointslice")
STORAGE_CLASSES = Resource("storage.k8s.io", "v1", "storageclasses", "StorageClass", "storageclass", False, ("sc",))
LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease", "lease")
API_SERVICES = Resource(
    "apiregistration.k8s.io", "v1", "apiservices", "APIService", "apiservice", False, (), ("status",),
    ("api-extensions",),
)  # fmt: skip
CUSTOM_RESOURCE_DEFINITIONS = Resource(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", "customresourcedefinition",
    False, ("crd", "crds"), ("status",), ("api-extensions",),
)  # fmt: skip
ROLES = Resource("rbac.authorization.k8s.io", "v1", "roles", "Role", "role")
ROLE_BINDINGS = Resource("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", "rolebinding")
CLUSTER_ROLES = Resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", "clusterrole", False)
CLUSTER_ROLE_BINDINGS = Resource(
    "rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", "clusterrolebinding", False
)

HORIZONTAL_POD_AUTOSCALERS_V1 = Resource(
    "autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "horizontalpodautoscaler",
    True, ("hpa",), ("status",), ("all",),
)  # fmt: skip
EVENTS_V1 = Resource("events.k8s.io", "v1", "events", "Event", "event", True, ("ev",))

STORED: tuple[Resource, ...] = (
    NAMESPACES, NODES, PODS, SERVICES, CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS, EVENTS, PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES, RESOURCE_QUOTAS, LIMIT_RANGES, DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, CONTROLLER_REVISIONS,
    JOBS, HORIZONTAL_POD_AUTOSCALERS, POD_DISRUPTION_BUDGETS, NETWORK_POLICIES, ENDPOINT_SLICES, STORAGE_CLASSES,
    LEASES, API_SERVICES, CUSTOM_RESOURCE_DEFINITIONS, ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS,
)  # fmt: skip
"""Every resource kept in storage, in the order discovery lists its groups."""

OTHER_VERSIONS: tuple[Resource, ...] = (EVENTS_V1, HORIZONTAL_POD_AUTOSCALERS_V1)
"""Served besides, but kept as the resource of another group or version."""

SERVED = (*STORED, *OTHER_VERSIONS)
