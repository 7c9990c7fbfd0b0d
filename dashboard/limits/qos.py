"""A pod's QoS class with the one reason it has it, and what follows from it. Pure."""

from __future__ import annotations

from typing import Any

from dashboard.limits.amounts import same

FOLLOWS = {
    "Guaranteed": "killed last when the node runs out of memory",
    "Burstable": "killed in the order of what it uses beyond its request",
    "BestEffort": "killed first when the node runs out of memory",
}
_BOTH = ("cpu", "memory")


def of_pod(pod: Any) -> tuple[str, str]:
    """(class, reason). The class is the API server's, computed only where it does not tell one."""
    containers = [*(pod.spec.containers or ()), *(pod.spec.init_containers or ())]
    asking = [each for each in containers if _asked(each)]
    short = next((text for each in containers if (text := _shortfall(each))), None)
    computed = "BestEffort" if not asking else "Burstable" if short else "Guaranteed"
    found = pod.status.qos_class or computed
    if found != computed:
        return found, "as the API server says; its containers alone do not show why"
    if found == "BestEffort":
        return found, "no container requests or limits CPU or memory"
    if found == "Guaranteed":
        return found, "every container's limits for CPU and memory are also its requests"
    return found, str(short)


def _asked(container: Any) -> bool:
    return any(name in _BOTH for kind in ("requests", "limits") for name in _amounts(container, kind))


def _shortfall(container: Any) -> str | None:
    """What keeps a container from being guaranteed."""
    requests, limits = _amounts(container, "requests"), _amounts(container, "limits")
    for name in _BOTH:
        word = "CPU" if name == "cpu" else "memory"
        if name not in limits:
            return f"container {container.name} has no {word} limit"
        if name in requests and not same(requests[name], limits[name]):
            return f"container {container.name} requests {requests[name]} of {word} and may use {limits[name]}"
    return None


def _amounts(container: Any, kind: str) -> dict[str, Any]:
    return getattr(container.resources, kind, None) or {}
