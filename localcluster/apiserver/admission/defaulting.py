"""Defaults of every kind: what the API fills in before anyone else sees an object. Idempotent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from localcluster import resources
from localcluster.apiserver.admission.defaults import network, pods, scaling, simple, volumes, workloads
from localcluster.apiserver.admission.normalising import normalise
from localcluster.apiserver.custom.defaulting import with_defaults
from localcluster.apiserver.custom.defining.defaults import default_definition
from localcluster.apiserver.patching import zero
from localcluster.client import Object
from localcluster.resources import Resource
from localcluster.schema import schema_of

_BY_RESOURCE: Mapping[Resource, Callable[[Object], None]] = {
    resources.NAMESPACES: simple.default_namespace,
    resources.NODES: simple.default_node,
    resources.PODS: pods.default_pod,
    resources.SERVICES: network.default_service,
    resources.SECRETS: simple.default_secret,
    resources.PERSISTENT_VOLUME_CLAIMS: volumes.default_claim,
    resources.PERSISTENT_VOLUMES: volumes.default_volume,
    resources.LIMIT_RANGES: simple.default_limit_range,
    resources.DEPLOYMENTS: workloads.default_deployment,
    resources.REPLICA_SETS: workloads.default_replica_set,
    resources.STATEFUL_SETS: workloads.default_stateful_set,
    resources.JOBS: workloads.default_job,
    resources.HORIZONTAL_POD_AUTOSCALERS: scaling.default_autoscaler,
    resources.NETWORK_POLICIES: network.default_network_policy,
    resources.ENDPOINT_SLICES: network.default_endpoint_slice,
    resources.STORAGE_CLASSES: volumes.default_storage_class,
    resources.API_SERVICES: network.default_api_service,
    resources.CUSTOM_RESOURCE_DEFINITIONS: default_definition,
    resources.ROLE_BINDINGS: simple.default_role_binding,
    resources.CLUSTER_ROLE_BINDINGS: simple.default_role_binding,
}


def apply_defaults(resource: Resource, obj: Object) -> None:
    """Fill in defaults, in place. Nested values are replaced by copies, so parts shared with others stay as they are.

    Nulls go, quantities get their canonical text, and structs that are always written appear.
    """
    decoded = with_defaults(resource, obj) if resource.custom is not None else _decoded(resource, obj)
    obj.clear()
    obj.update(decoded)


def _decoded(resource: Resource, obj: Object) -> Object:
    schema = schema_of(resource)
    decoded = normalise(obj, schema)
    zero.fill(decoded, schema)
    default = _BY_RESOURCE.get(resource)
    if default is not None:
        default(decoded)
    return decoded
