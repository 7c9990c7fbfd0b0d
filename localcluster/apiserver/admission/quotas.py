"""ResourceQuota: what objects use, and the refusal of what would pass a quota. The controller counts with it too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from localcluster import quantity
from localcluster.apiserver.admission.containers import Amounts, add, all_containers, pod_amounts
from localcluster.apiserver.admission.lister import Lister
from localcluster.apiserver.admission.scopes import Requirement, covers, requirements_of
from localcluster.client import Object
from localcluster.errors import forbidden
from localcluster.resources import PERSISTENT_VOLUME_CLAIMS, PODS, RESOURCE_QUOTAS, SERVICES, STORED, Resource

_COUNTED_BY_NAME = ("configmaps", "secrets", "resourcequotas", "services", "persistentvolumeclaims", "pods")
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_REQUESTED = {**{name: name for name in _COMPUTE}, **{f"requests.{name}": name for name in _COMPUTE}}
_LIMITED = {f"limits.{name}": name for name in _COMPUTE}


def counted_resources(hard: Iterable[str], *, custom: Iterable[Resource] = ()) -> list[Resource]:
    """The resources whose objects matter to a quota with these names, `custom` ones among them."""
    names = set(hard)
    return [resource for resource in (*STORED, *custom) if resource.namespaced and names & _names_of(resource)]


def usage(
    objects: Mapping[Resource, Sequence[Object]], *, hard: Iterable[str], scopes: Sequence[Requirement] = ()
) -> Object:
    """`status.used` of a quota: for each name in `hard` the total over `objects`, in canonical text."""
    total: Amounts = {name: Decimal(0) for name in hard}
    for resource, found in objects.items():
        for obj in found:
            if in_scopes(resource, obj, scopes=scopes):
                total = add(
                    total, {name: value for name, value in object_usage(resource, obj).items() if name in total}
                )
    return {name: text_of(name, total[name]) for name in sorted(total)}


def object_usage(resource: Resource, obj: Object) -> Amounts:
    """What one object uses, by every name a quota may limit."""
    count = f"count/{resource.plural}.{resource.group}" if resource.group else f"count/{resource.plural}"
    used: Amounts = {count: Decimal(1)}
    if resource is PODS:
        return add(used, _pod_usage(obj))
    if resource is SERVICES:
        used = add(used, _service_usage(obj))
    if resource is PERSISTENT_VOLUME_CLAIMS:
        used = add(used, _claim_usage(obj))
    if resource.plural in _COUNTED_BY_NAME and not resource.group:
        used[resource.plural] = Decimal(1)
    return used


def in_scopes(resource: Resource, obj: Object, *, scopes: Sequence[Requirement]) -> bool:
    """Whether a quota limited to `scopes` counts the object; only pods have scopes."""
    return not scopes or (resource is PODS and covers(obj, scopes))


def check_quotas(resource: Resource, obj: Object, *, old: Object | None, lister: Lister) -> None:
    """Raises 403 when `obj`, new or in place of `old`, asks for more than a quota of its namespace leaves."""
    namespace = obj["metadata"].get("namespace", "")
    quotas = lister.list(RESOURCE_QUOTAS, namespace=namespace) if resource.namespaced else ()
    for quota in quotas:
        fault = _quota_fault(resource, obj, old=old, quota=quota, lister=lister)
        if fault:
            name = obj["metadata"].get("name", "")
            raise forbidden(resource=resource.plural, group=resource.group, name=name, message=fault)


def text_of(name: str, value: Decimal) -> str:
    """An amount as quota texts print it: memory and storage in powers of 1024."""
    binary = "memory" in name or "storage" in name
    return quantity.format_memory(value) if binary else quantity.format_cpu(value)


def _quota_fault(resource: Resource, obj: Object, *, old: Object | None, quota: Object, lister: Lister) -> str:
    spec = quota["spec"]
    hard = {name: quantity.parse(text) for name, text in (spec.get("hard") or {}).items()}
    scopes = requirements_of(spec)
    if not in_scopes(resource, obj, scopes=scopes):
        return ""
    quota_name, namespace = quota["metadata"]["name"], quota["metadata"]["namespace"]
    missing = _missing_amounts(obj, hard=hard) if resource is PODS and old is None else ""
    if missing:
        return f"failed quota: {quota_name}: must specify {missing}"
    before = object_usage(resource, old) if old is not None else {}
    wanted = {
        name: value - before.get(name, Decimal(0))
        for name, value in object_usage(resource, obj).items()
        if name in hard and value > before.get(name, Decimal(0))
    }
    if not wanted:
        return ""
    custom = () if resource.custom is None else (resource,)
    counted = counted_resources(wanted, custom=custom)
    present = {each: lister.list(each, namespace=namespace) for each in counted}
    used = {name: quantity.parse(text) for name, text in usage(present, hard=wanted, scopes=scopes).items()}
    over = [name for name in sorted(wanted) if used[name] + wanted[name] > hard[name]]
    if not over:
        return ""
    return (
        f"exceeded quota: {quota_name}, requested: {_listed(over, wanted)}, "
        f"used: {_listed(over, used)}, limited: {_listed(over, hard)}"
    )


def _missing_amounts(pod: Object, *, hard: Mapping[str, Decimal]) -> str:
    """A quota on cpu or memory makes every container say how much it needs."""
    faults = []
    for name in sorted(hard):
        bound, amount = ("limits", _LIMITED[name]) if name in _LIMITED else ("requests", _REQUESTED.get(name, ""))
        if not amount:
            continue
        names = [
            container["name"]
            for container in all_containers(pod)
            if amount not in ((container.get("resources") or {}).get(bound) or {})
        ]
        if names:
            faults.append(f"{name} for: {','.join(sorted(names))}")
    return "; ".join(faults)


def _listed(names: Iterable[str], amounts: Mapping[str, Decimal]) -> str:
    return ",".join(f"{name}={text_of(name, amounts[name])}" for name in names)


def _pod_usage(pod: Object) -> Amounts:
    if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return {}
    requests, limits = pod_amounts(pod, "requests"), pod_amounts(pod, "limits")
    used = {name: requests[amount] for name, amount in _REQUESTED.items() if amount in requests}
    used |= {name: limits[amount] for name, amount in _LIMITED.items() if amount in limits}
    return {**used, "pods": Decimal(1)}


def _service_usage(service: Object) -> Amounts:
    spec = service["spec"]
    if spec.get("type") not in ("NodePort", "LoadBalancer"):
        return {}
    ports = Decimal(len(spec.get("ports") or []))
    balanced = spec["type"] == "LoadBalancer"
    if balanced and spec.get("allocateLoadBalancerNodePorts") is False:
        ports = Decimal(sum(1 for port in spec.get("ports") or [] if port.get("nodePort")))
    return {"services.nodeports": ports, "services.loadbalancers": Decimal(int(balanced))}


def _claim_usage(claim: Object) -> Amounts:
    spec = claim["spec"]
    asked = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    size = quantity.parse(asked) if asked else Decimal(0)
    used: Amounts = {"requests.storage": size}
    storage_class = spec.get("storageClassName")
    if storage_class:
        used[f"{storage_class}.storageclass.storage.k8s.io/requests.storage"] = size
        used[f"{storage_class}.storageclass.storage.k8s.io/persistentvolumeclaims"] = Decimal(1)
    return used


def _names_of(resource: Resource) -> set[str]:
    names = {f"count/{resource.plural}.{resource.group}" if resource.group else f"count/{resource.plural}"}
    if not resource.group and resource.plural in _COUNTED_BY_NAME:
        names.add(resource.plural)
    if resource is PODS:
        names |= {*_REQUESTED, *_LIMITED}
    if resource is SERVICES:
        names |= {"services.nodeports", "services.loadbalancers"}
    if resource is PERSISTENT_VOLUME_CLAIMS:
        names.add("requests.storage")
    return names
