"""A pod's containers and the resources they ask for: pure sums for limits, quotas and quality of service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

from localcluster import quantity
from localcluster.client import Object

Bound = Literal["requests", "limits"]
Amounts = dict[str, Decimal]


def all_containers(pod: Object) -> Iterator[Object]:
    """Main containers, then init containers."""
    yield from pod["spec"].get("containers") or []
    yield from pod["spec"].get("initContainers") or []


def amounts(container: Mapping[str, Any], bound: Bound) -> Amounts:
    """The resources of one container."""
    found = (container.get("resources") or {}).get(bound) or {}
    return {name: quantity.parse(text) for name, text in found.items()}


def pod_amounts(pod: Object, bound: Bound) -> Amounts:
    """What the pod needs at once: its main containers and sidecars together, or its greediest init step."""
    sidecars: Amounts = {}
    peaks: Amounts = {}
    for container in pod["spec"].get("initContainers") or []:
        mine = amounts(container, bound)
        if container.get("restartPolicy") == "Always":
            sidecars = add(sidecars, mine)
            peaks = _most(peaks, sidecars)
        else:
            peaks = _most(peaks, add(sidecars, mine))
    total = sidecars
    for container in pod["spec"].get("containers") or []:
        total = add(total, amounts(container, bound))
    return add(_most(total, peaks), _overhead(pod))


def add(left: Mapping[str, Decimal], right: Mapping[str, Decimal]) -> Amounts:
    """Sums by name."""
    return {name: left.get(name, Decimal(0)) + right.get(name, Decimal(0)) for name in _names(left, right)}


def quality_of_service(pod: Object) -> str:
    """`Guaranteed`, `Burstable` or `BestEffort`, by cpu and memory."""
    containers = list(all_containers(pod))
    bounds = [(_compute(amounts(it, "requests")), _compute(amounts(it, "limits"))) for it in containers]
    if not any(requests or limits for requests, limits in bounds):
        return "BestEffort"
    if all(len(limits) == 2 and (requests or limits) == limits for requests, limits in bounds):
        return "Guaranteed"
    return "Burstable"


def _compute(found: Amounts) -> Amounts:
    return {name: value for name, value in found.items() if name in ("cpu", "memory") and value > 0}


def _overhead(pod: Object) -> Amounts:
    return {name: quantity.parse(text) for name, text in (pod["spec"].get("overhead") or {}).items()}


def _most(left: Mapping[str, Decimal], right: Mapping[str, Decimal]) -> Amounts:
    return {name: max(left.get(name, Decimal(0)), right.get(name, Decimal(0))) for name in _names(left, right)}


def _names(left: Iterable[str], right: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys((*left, *right))
