"""Whether an object may be stored: the causes of a refusal, empty when there is none. Expects defaulted objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from localcluster import resources
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating import (
    access,
    aggregation,
    bounds,
    configuration,
    jobs,
    persistence,
    pods,
    policies,
    records,
    scaling,
    services,
    workloads,
)
from localcluster.apiserver.admission.validating.metadata import validate_metadata, validate_metadata_update
from localcluster.apiserver.custom import values
from localcluster.apiserver.custom.defining import validation as definitions
from localcluster.client import Object
from localcluster.resources import Resource

_OBJECTS: Mapping[Resource, Callable[[Object], list[Cause]]] = {
    resources.PODS: pods.validate_pod,
    resources.SERVICES: services.validate_service,
    resources.NAMESPACES: records.validate_namespace,
    resources.NODES: records.validate_node,
    resources.EVENTS: records.validate_event,
    resources.CONFIG_MAPS: configuration.validate_config_map,
    resources.SECRETS: configuration.validate_secret,
    resources.PERSISTENT_VOLUME_CLAIMS: persistence.validate_claim,
    resources.PERSISTENT_VOLUMES: persistence.validate_volume,
    resources.RESOURCE_QUOTAS: bounds.validate_resource_quota,
    resources.LIMIT_RANGES: bounds.validate_limit_range,
    resources.DEPLOYMENTS: workloads.validate_deployment,
    resources.REPLICA_SETS: workloads.validate_replica_set,
    resources.STATEFUL_SETS: workloads.validate_stateful_set,
    resources.JOBS: jobs.validate_job,
    resources.HORIZONTAL_POD_AUTOSCALERS: scaling.validate_autoscaler,
    resources.POD_DISRUPTION_BUDGETS: scaling.validate_disruption_budget,
    resources.NETWORK_POLICIES: policies.validate_network_policy,
    resources.API_SERVICES: aggregation.validate_api_service,
    resources.CUSTOM_RESOURCE_DEFINITIONS: definitions.validate_definition,
    resources.STORAGE_CLASSES: persistence.validate_storage_class,
    resources.ENDPOINT_SLICES: records.validate_endpoint_slice,
    resources.LEASES: records.validate_lease,
    resources.CONTROLLER_REVISIONS: records.validate_controller_revision,
    resources.ROLES: access.validate_role,
    resources.CLUSTER_ROLES: access.validate_cluster_role,
    resources.ROLE_BINDINGS: access.validate_role_binding,
    resources.CLUSTER_ROLE_BINDINGS: access.validate_cluster_role_binding,
}

_CHANGES: Mapping[Resource, Callable[[Object, Object], list[Cause]]] = {
    resources.PODS: pods.validate_pod_update,
    resources.SERVICES: services.validate_service_update,
    resources.CONFIG_MAPS: configuration.validate_config_map_update,
    resources.SECRETS: configuration.validate_secret_update,
    resources.PERSISTENT_VOLUME_CLAIMS: persistence.validate_claim_update,
    resources.PERSISTENT_VOLUMES: persistence.validate_volume_update,
    resources.RESOURCE_QUOTAS: bounds.validate_resource_quota_update,
    resources.STORAGE_CLASSES: persistence.validate_storage_class_update,
    resources.ENDPOINT_SLICES: records.validate_endpoint_slice_update,
    resources.CONTROLLER_REVISIONS: records.validate_controller_revision_update,
    resources.DEPLOYMENTS: workloads.validate_deployment_update,
    resources.REPLICA_SETS: workloads.validate_deployment_update,
    resources.STATEFUL_SETS: workloads.validate_stateful_set_update,
    resources.JOBS: jobs.validate_job_update,
    resources.CUSTOM_RESOURCE_DEFINITIONS: definitions.validate_definition_update,
    resources.ROLE_BINDINGS: access.validate_role_binding_update,
    resources.CLUSTER_ROLE_BINDINGS: access.validate_role_binding_update,
}


def validate_create(resource: Resource, obj: Object) -> list[Cause]:
    """Causes to refuse a new object."""
    causes = validate_metadata(resource, obj)
    if resource.custom is not None:
        return causes + values.faults_of(obj, resource.custom.document, path="")
    validate = _OBJECTS.get(resource)
    return causes + validate(obj) if validate is not None else causes


def validate_update(resource: Resource, old: Object, new: Object) -> list[Cause]:
    """Causes to refuse a change; a specification that stays as it was is not judged again."""
    causes = validate_metadata_update(old, new) + validate_metadata(resource, new)
    if resource.custom is not None:
        same = {**old, "metadata": None} == {**new, "metadata": None}
        return causes if same else causes + values.faults_of(new, resource.custom.document, path="")
    if _without_status(old) == _without_status(new):
        return causes
    change = _CHANGES.get(resource)
    if change is not None:
        causes += change(old, new)
    validate = _OBJECTS.get(resource)
    return causes + validate(new) if validate is not None else causes


def _without_status(obj: Object) -> Object:
    return {name: value for name, value in obj.items() if name not in ("metadata", "status")}
