"""The admission chain: what may be created, and what is added to it, in Kubernetes' order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from localcluster import resources
from localcluster.apiserver.admission import accounts, claims, limits, namespaces, preparing, quotas, services
from localcluster.apiserver.admission.lister import Lister
from localcluster.apiserver.admission.podsecurity import admission as podsecurity
from localcluster.apiserver.admission.remarks import Remarks
from localcluster.apiserver.custom.defining.remarks import remark_on_rules
from localcluster.client import Object
from localcluster.resources import Resource

__all__ = ("Lister", "Operation", "admit")

Operation = Literal["CREATE", "UPDATE", "DELETE"]
_PROTECTED = frozenset({resources.PERSISTENT_VOLUME_CLAIMS, resources.PERSISTENT_VOLUMES})
_MAY_GROW = frozenset({resources.SERVICES, resources.PERSISTENT_VOLUME_CLAIMS})


async def admit(
    operation: Operation,
    resource: Resource,
    obj: Object,
    old: Object | None,
    lister: Lister,
    *,
    validate: Callable[[], None] | None = None,
    subresource: str = "",
    remarks: Remarks | None = None,
) -> None:
    """Let `obj` pass, completed in place, or raise 403 or 404. `old` is None on creation; a deletion passes `obj` only.

    `validate` runs between what changes the object and what only judges it, as Kubernetes has it: an invalid object
    is refused for that before any quota is. What is said besides goes to `remarks`. Nothing is awaited, so a quota
    holds for what is stored right after.
    """
    if operation == "DELETE":
        namespaces.check_deletion(resource, obj)
        return
    if operation == "CREATE":
        namespaces.check_namespace(resource, obj, lister=lister)
        _complete(resource, obj, lister=lister)
    if resource is resources.SERVICES:
        services.align_addresses(obj, old=old)
        if old is not None:
            services.drop_unfit(obj, old=old)
    if validate is not None:
        validate()
    remark_on_rules(resource, obj, remarks=remarks or Remarks())
    if operation == "CREATE" or resource is resources.PERSISTENT_VOLUME_CLAIMS:
        limits.check_limits(resource, obj, lister=lister)
    if operation == "UPDATE" and resource is resources.PERSISTENT_VOLUME_CLAIMS and old is not None:
        claims.check_growth(obj, old=old, lister=lister)
    podsecurity.check_security(
        resource, obj, old=old, lister=lister, subresource=subresource, remarks=remarks or Remarks()
    )
    if operation == "CREATE" or resource in _MAY_GROW:
        quotas.check_quotas(resource, obj, old=old, lister=lister)


def _complete(resource: Resource, obj: Object, *, lister: Lister) -> None:
    if resource is resources.PODS:
        limits.apply_limit_defaults(obj, lister=lister)
        accounts.assign_account(obj, lister=lister)
        preparing.prepare_pod(obj)
        preparing.classify_pod(obj)
    elif resource is resources.JOBS:
        preparing.prepare_job(obj)
    elif resource is resources.NAMESPACES:
        preparing.prepare_namespace(obj)
    elif resource is resources.PERSISTENT_VOLUME_CLAIMS:
        preparing.prepare_claim(obj, lister=lister)
    if resource in _PROTECTED:
        preparing.protect(resource, obj)
