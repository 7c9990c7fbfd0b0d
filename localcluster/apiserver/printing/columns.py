"""What `kubectl get` shows of each kind, in Kubernetes' own columns. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from localcluster import resources as r
from localcluster.apiserver.printing import cells
from localcluster.apiserver.printing.cells import Cell
from localcluster.apiserver.printing.durations import age
from localcluster.apiserver.printing.podcolumns import pod_ready, pod_restarts, pod_status, readiness_gates
from localcluster.apiserver.printing.targets import targets, targets_v1
from localcluster.resources import Resource
from localcluster.selectors import from_map, from_object


@dataclass(frozen=True, slots=True)
class Column:
    """`priority` above 0 shows only with `-o wide`."""

    name: str
    cell: Cell
    type: str = "string"
    priority: int = 0
    description: str = ""
    format: str = ""


def columns_of(resource: Resource) -> tuple[Column, ...]:
    """The columns of a resource: Name, its own, Age. Events have no name among theirs."""
    if resource is r.EVENTS:
        return _OWN[resource]
    if resource in _PLAIN:
        return (NAME, _CREATED_AT)
    narrow = tuple(column for column in _OWN.get(resource, ()) if not column.priority)
    wide = tuple(column for column in _OWN.get(resource, ()) if column.priority)
    return (_DEFAULT_NAME if resource is r.STORAGE_CLASSES else NAME, *narrow, _AGE, *wide)


def _workload(with_selector: bool = True) -> Iterator[Column]:
    yield Column("Containers", cells.joined("name"), priority=1)
    yield Column("Images", cells.joined("image"), priority=1)
    if with_selector:
        yield Column("Selector", cells.selector, priority=1)


NAME = Column("Name", cells.at("metadata.name"), format="name")
_DEFAULT_NAME = Column("Name", cells.name_and_default, format="name")
_CREATED_AT = Column("Created At", cells.at("metadata.creationTimestamp"), "date")
_AGE = Column("Age", lambda body, now: age(body["metadata"].get("creationTimestamp"), now=now))

_PLAIN = (r.LIMIT_RANGES, r.ROLES, r.CLUSTER_ROLES, r.CUSTOM_RESOURCE_DEFINITIONS)
"""Kinds Kubernetes has no columns for: they show when they were created."""

_BINDING = (
    Column("Role", lambda body, _: f"{body['roleRef']['kind']}/{body['roleRef']['name']}"),
    Column("Users", cells.subjects("User"), priority=1),
    Column("Groups", cells.subjects("Group"), priority=1),
    Column("ServiceAccounts", cells.subjects("ServiceAccount"), priority=1),
)

_OWN: dict[Resource, tuple[Column, ...]] = {
    r.PODS: (
        Column("Ready", pod_ready),
        Column("Status", pod_status),
        Column("Restarts", pod_restarts),
        Column("IP", cells.at("status.podIP"), priority=1),
        Column("Node", cells.at("spec.nodeName"), priority=1),
        Column("Nominated Node", cells.at("status.nominatedNodeName"), priority=1),
        Column("Readiness Gates", readiness_gates, priority=1),
    ),
    r.DEPLOYMENTS: (
        Column("Ready", cells.ready_of("status.readyReplicas", "spec.replicas")),
        Column("Up-to-date", cells.number("status.updatedReplicas")),
        Column("Available", cells.number("status.availableReplicas")),
        *_workload(),
    ),
    r.REPLICA_SETS: (
        Column("Desired", cells.number("spec.replicas"), "integer"),
        Column("Current", cells.number("status.replicas"), "integer"),
        Column("Ready", cells.number("status.readyReplicas"), "integer"),
        *_workload(),
    ),
    r.STATEFUL_SETS: (
        Column("Ready", cells.ready_of("status.readyReplicas", "spec.replicas")),
        *_workload(with_selector=False),
    ),
    r.CONTROLLER_REVISIONS: (
        Column("Controller", cells.owner),
        Column("Revision", cells.number("revision")),
    ),
    r.SERVICES: (
        Column("Type", cells.at("spec.type")),
        Column("Cluster-IP", cells.at("spec.clusterIP")),
        Column("External-IP", cells.external_ip),
        Column("Port(s)", cells.service_ports),
        Column("Selector", lambda body, _: str(from_map(body["spec"].get("selector"))) or cells.NONE, priority=1),
    ),
    r.ENDPOINT_SLICES: (
        Column("AddressType", cells.at("addressType")),
        Column("Ports", cells.slice_ports),
        Column("Endpoints", cells.endpoints),
    ),
    r.HORIZONTAL_POD_AUTOSCALERS: (
        Column("Reference", cells.hpa_reference),
        Column("Targets", targets),
        Column("MinPods", cells.at("spec.minReplicas", default="<unset>")),
        Column("MaxPods", cells.number("spec.maxReplicas")),
        Column("Replicas", cells.number("status.currentReplicas")),
    ),
    r.HORIZONTAL_POD_AUTOSCALERS_V1: (
        Column("Reference", cells.hpa_reference),
        Column("Targets", targets_v1),
        Column("MinPods", cells.at("spec.minReplicas", default="<unset>")),
        Column("MaxPods", cells.number("spec.maxReplicas")),
        Column("Replicas", cells.number("status.currentReplicas")),
    ),
    r.JOBS: (
        Column("Status", cells.job_status),
        Column("Completions", cells.job_completions),
        Column("Duration", cells.job_duration),
        *_workload(),
    ),
    r.NAMESPACES: (Column("Status", cells.at("status.phase")),),
    r.NODES: (
        Column("Status", cells.node_status),
        Column("Roles", cells.node_roles),
        Column("Version", cells.at("status.nodeInfo.kubeletVersion", default="")),
        Column("Internal-IP", cells.address("InternalIP"), priority=1),
        Column("External-IP", cells.address("ExternalIP"), priority=1),
        Column("OS-Image", cells.at("status.nodeInfo.osImage", default="<unknown>"), priority=1),
        Column("Kernel-Version", cells.at("status.nodeInfo.kernelVersion", default="<unknown>"), priority=1),
        Column(
            "Container-Runtime", cells.at("status.nodeInfo.containerRuntimeVersion", default="<unknown>"), priority=1
        ),
    ),
    r.EVENTS: (
        Column("Last Seen", cells.event_seen),
        Column("Type", cells.at("type")),
        Column("Reason", cells.at("reason")),
        Column("Object", cells.event_object),
        Column("Subobject", cells.at("involvedObject.fieldPath", default=""), priority=1),
        Column("Source", cells.event_source, priority=1),
        Column("Message", cells.event_message),
        Column("First Seen", cells.event_first, priority=1),
        Column("Count", cells.event_count, priority=1),
        Column("Name", cells.at("metadata.name"), priority=1, format="name"),
    ),
    r.PERSISTENT_VOLUME_CLAIMS: (
        Column("Status", cells.phase),
        Column("Volume", cells.at("spec.volumeName", default="")),
        Column("Capacity", cells.at("status.capacity.storage", default="")),
        Column("Access Modes", cells.claim_modes),
        Column("StorageClass", cells.at("spec.storageClassName", default="")),
        Column("VolumeAttributesClass", cells.at("spec.volumeAttributesClassName", default="<unset>")),
        Column("VolumeMode", cells.at("spec.volumeMode", default="<unset>"), priority=1),
    ),
    r.PERSISTENT_VOLUMES: (
        Column("Capacity", cells.at("spec.capacity.storage", default="")),
        Column("Access Modes", cells.claim_modes),
        Column("Reclaim Policy", cells.at("spec.persistentVolumeReclaimPolicy", default="")),
        Column("Status", cells.phase),
        Column("Claim", cells.claim),
        Column("StorageClass", cells.at("spec.storageClassName", default="")),
        Column("VolumeAttributesClass", cells.at("spec.volumeAttributesClassName", default="<unset>")),
        Column("Reason", cells.at("status.reason", default="")),
        Column("VolumeMode", cells.at("spec.volumeMode", default="<unset>"), priority=1),
    ),
    r.CONFIG_MAPS: (Column("Data", cells.count("data", "binaryData")),),
    r.SECRETS: (Column("Type", cells.at("type")), Column("Data", cells.count("data"))),
    r.SERVICE_ACCOUNTS: (Column("Secrets", cells.count("secrets")),),
    r.RESOURCE_QUOTAS: (Column("Request", cells.quota("requests")), Column("Limit", cells.quota("limits"))),
    r.POD_DISRUPTION_BUDGETS: (
        Column("Min Available", lambda body, _: str(cells.look(body, "spec.minAvailable", default="N/A"))),
        Column("Max Unavailable", lambda body, _: str(cells.look(body, "spec.maxUnavailable", default="N/A"))),
        Column("Allowed Disruptions", cells.number("status.disruptionsAllowed"), "integer"),
    ),
    r.NETWORK_POLICIES: (
        Column("Pod-Selector", lambda body, _: str(from_object(body["spec"].get("podSelector"))) or cells.NONE),
    ),
    r.STORAGE_CLASSES: (
        Column("Provisioner", cells.at("provisioner")),
        Column("ReclaimPolicy", cells.at("reclaimPolicy")),
        Column("VolumeBindingMode", cells.at("volumeBindingMode")),
        Column("AllowVolumeExpansion", lambda body, _: bool(body.get("allowVolumeExpansion", False))),
    ),
    r.LEASES: (Column("Holder", cells.at("spec.holderIdentity", default="")),),
    r.API_SERVICES: (Column("Service", cells.api_service), Column("Available", cells.available)),
    r.ROLE_BINDINGS: _BINDING,
    r.CLUSTER_ROLE_BINDINGS: _BINDING,
}
