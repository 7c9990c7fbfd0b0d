"""LimitRanger: gives containers the namespace's default resources and refuses what is outside its bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from localcluster import quantity
from localcluster.apiserver.admission.containers import Amounts, all_containers, amounts, pod_amounts
from localcluster.apiserver.admission.lister import Lister
from localcluster.client import Object
from localcluster.errors import forbidden
from localcluster.resources import LIMIT_RANGES, PERSISTENT_VOLUME_CLAIMS, PODS, Resource

_ANNOTATION = "kubernetes.io/limit-ranger"


def apply_limit_defaults(pod: Object, *, lister: Lister) -> None:
    """Complete requests and limits of a new pod, in place, and note in an annotation what was set."""
    notes: list[str] = []
    for item in _items(pod, lister=lister):
        if item["type"] == "Container":
            for prefix, field in (("init container", "initContainers"), ("container", "containers")):
                for container in pod["spec"].get(field) or []:
                    notes += _complete(container, item, prefix=prefix)
    if notes:
        text = "LimitRanger plugin set: " + "; ".join(notes)
        pod["metadata"].setdefault("annotations", {})[_ANNOTATION] = text


def check_limits(resource: Resource, obj: Object, *, lister: Lister) -> None:
    """Raises 403 for a new pod or claim outside a LimitRange."""
    faults: list[str] = []
    for item in _items(obj, lister=lister):
        if resource is PODS:
            faults += _pod_faults(obj, item)
        elif resource is PERSISTENT_VOLUME_CLAIMS and item["type"] == "PersistentVolumeClaim":
            faults += _faults(item, requests=amounts(obj["spec"], "requests"), limits=None)
    if faults:
        text = faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]"
        name = obj["metadata"].get("name", "")
        raise forbidden(resource=resource.plural, group=resource.group, name=name, message=text)


def _items(obj: Object, *, lister: Lister) -> Iterator[Object]:
    for limit_range in lister.list(LIMIT_RANGES, namespace=obj["metadata"].get("namespace", "")):
        yield from limit_range["spec"].get("limits") or []


def _complete(container: Object, item: Mapping[str, Any], *, prefix: str) -> list[str]:
    resources = container.setdefault("resources", {})
    notes = []
    for field, defaults, word in (("requests", "defaultRequest", "request"), ("limits", "default", "limit")):
        present = resources.get(field) or {}
        missing = {name: text for name, text in (item.get(defaults) or {}).items() if name not in present}
        if missing:
            resources[field] = {**present, **missing}
            notes.append(f"{', '.join(sorted(missing))} {word} for {prefix} {container.get('name', '')}")
    return notes


def _pod_faults(pod: Object, item: Mapping[str, Any]) -> list[str]:
    if item["type"] == "Container":
        return [
            fault
            for container in all_containers(pod)
            for fault in _faults(item, requests=amounts(container, "requests"), limits=amounts(container, "limits"))
        ]
    if item["type"] == "Pod":
        return _faults(item, requests=pod_amounts(pod, "requests"), limits=pod_amounts(pod, "limits"))
    return []


def _faults(item: Mapping[str, Any], *, requests: Amounts, limits: Amounts | None) -> list[str]:
    """`limits` is None for claims, which only request."""
    found: list[str] = []
    for name, bound in sorted((item.get("min") or {}).items()):
        found += _below(item["type"], name, bound, request=requests.get(name), limit=(limits or {}).get(name))
    for name, bound in sorted((item.get("max") or {}).items()):
        needs_limit = limits is not None
        limit = (limits or {}).get(name)
        found += _above(item["type"], name, bound, request=requests.get(name), limit=limit, needs_limit=needs_limit)
    for name, bound in sorted((item.get("maxLimitRequestRatio") or {}).items()):
        found += _ratio(item["type"], name, bound, request=requests.get(name), limit=(limits or {}).get(name))
    return found


def _below(kind: str, name: str, bound: str, *, request: Decimal | None, limit: Decimal | None) -> list[str]:
    rule, least = f"minimum {name} usage per {kind} is {bound}", quantity.parse(bound)
    if request is None:
        return [f"{rule}.  No request is specified"]
    if request < least:
        return [f"{rule}, but request is {_text(name, request)}"]
    return [f"{rule}, but limit is {_text(name, limit)}"] if limit is not None and limit < least else []


def _above(
    kind: str, name: str, bound: str, *, request: Decimal | None, limit: Decimal | None, needs_limit: bool
) -> list[str]:
    rule, most = f"maximum {name} usage per {kind} is {bound}", quantity.parse(bound)
    if limit is None and needs_limit:
        return [f"{rule}.  No limit is specified"]
    if limit is not None and limit > most:
        return [f"{rule}, but limit is {_text(name, limit)}"]
    return [f"{rule}, but request is {_text(name, request)}"] if request is not None and request > most else []


def _ratio(kind: str, name: str, bound: str, *, request: Decimal | None, limit: Decimal | None) -> list[str]:
    rule = f"{name} max limit to request ratio per {kind} is {bound}"
    if not request:
        return [f"{rule}, but no request is specified or request is 0"]
    if not limit:
        return [f"{rule}, but no limit is specified or limit is 0"]
    ratio = limit / request
    return [f"{rule}, but provided ratio is {float(ratio):f}"] if ratio > quantity.parse(bound) else []


def _text(name: str, value: Decimal) -> str:
    return quantity.format_cpu(value) if name == "cpu" else quantity.format_memory(value)
