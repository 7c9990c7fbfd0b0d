"""Whether an object may be stored: the causes of a refusal, empty when there is none. Expects defaulted objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from localcluster import resources
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating import access, pods, scaling, services, simple, workloads
from localcluster.apiserver.admission.validating.metadata import validate_metadata
from localcluster.client import Object
from localcluster.resources import Resource

_OBJECTS: Mapping[Resource, Callable[[Object], list[Cause]]] = {
    resources.PODS: pods.validate_pod,
    resources.SERVICES: services.validate_service,
    resources.CONFIG_MAPS: simple.validate_config_map,
    resources.SECRETS: simple.validate_secret,
    resources.PERSISTENT_VOLUME_CLAIMS: simple.validate_claim,
    resources.RESOURCE_QUOTAS: simple.validate_resource_quota,
    resources.LIMIT_RANGES: simple.validate_limit_range,
    resources.DEPLOYMENTS: workloads.validate_deployment,
    resources.REPLICA_SETS: workloads.validate_replica_set,
    resources.STATEFUL_SETS: workloads.validate_stateful_set,
    resources.JOBS: workloads.validate_job,
    resources.HORIZONTAL_POD_AUTOSCALERS: scaling.validate_autoscaler,
    resources.POD_DISRUPTION_BUDGETS: scaling.validate_disruption_budget,
    resources.NETWORK_POLICIES: services.validate_network_policy,
    resources.API_SERVICES: services.validate_api_service,
    resources.STORAGE_CLASSES: simple.validate_storage_class,
    resources.ROLES: access.validate_role,
    resources.CLUSTER_ROLES: access.validate_cluster_role,
    resources.ROLE_BINDINGS: access.validate_role_binding,
    resources.CLUSTER_ROLE_BINDINGS: access.validate_cluster_role_binding,
}

_CHANGES: Mapping[Resource, Callable[[Object, Object], list[Cause]]] = {
    resources.PODS: pods.validate_pod_update,
    resources.SERVICES: services.validate_service_update,
    resources.CONFIG_MAPS: simple.validate_config_map_update,
    resources.SECRETS: simple.validate_secret_update,
    resources.PERSISTENT_VOLUME_CLAIMS: simple.validate_claim_update,
    resources.DEPLOYMENTS: workloads.validate_deployment_update,
    resources.REPLICA_SETS: workloads.validate_deployment_update,
    resources.STATEFUL_SETS: workloads.validate_stateful_set_update,
    resources.JOBS: workloads.validate_job_update,
    resources.ROLE_BINDINGS: access.validate_role_binding_update,
    resources.CLUSTER_ROLE_BINDINGS: access.validate_role_binding_update,
}


def validate_create(resource: Resource, obj: Object) -> list[Cause]:
    """Causes to refuse a new object."""
    causes = validate_metadata(resource, obj)
    validate = _OBJECTS.get(resource)
    return causes + validate(obj) if validate is not None else causes


def validate_update(resource: Resource, old: Object, new: Object) -> list[Cause]:
    """Causes to refuse a change; a specification that stays as it was is not judged again."""
    causes = validate_metadata(resource, new)
    if _without_status(old) == _without_status(new):
        return causes
    change = _CHANGES.get(resource)
    if change is not None:
        causes += change(old, new)
    validate = _OBJECTS.get(resource)
    return causes + validate(new) if validate is not None else causes


def _without_status(obj: Object) -> Object:
    return {name: value for name, value in obj.items() if name not in ("metadata", "status")}
