"""Whether a pod fits a node, and if not, why not in Kubernetes' words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from localcluster.client import Object
from localcluster.controllers.meta import labels_of, name_of, status_of
from localcluster.quantity import parse

Amounts = dict[str, Decimal]

_NO_VICTIMS = "No preemption victims found for incoming pod"
_NO_HELP = "Preemption is not helpful for scheduling"
_ORDER = {"cpu": 0, "memory": 1}


def reasons_against(pod: Object, node: Object, *, placed: Iterable[Object]) -> list[str]:
    """What keeps `pod` off `node`; the first kind of reason found, as Kubernetes stops at it. Empty when it fits.

    `placed`: the pods already on the node.
    """
    for found in (_cordoned(pod, node), _taints(pod, node), _selectors(pod, node), _resources(pod, node, placed)):
        if found:
            return found
    return []


def is_lack_of_room(reason: str) -> bool:
    """Whether it can go away when other pods end."""
    return reason.startswith(("Insufficient ", "Too many pods"))


def can_room_be_made(pod: Object, node: Object) -> bool:
    """Whether an empty node would take the pod, so that other pods could have to go for it."""
    return not reasons_against(pod, node, placed=())


def message(pod: Object, nodes: list[Object], *, against: dict[str, list[str]]) -> str:
    """The text of FailedScheduling. `against`: reasons by node name."""
    if not nodes:
        return "no nodes available to schedule pods"
    total = len(nodes)
    reasons = Counter(reason for found in against.values() for reason in found)
    told = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
    helped = Counter(_NO_VICTIMS if can_room_be_made(pod, node) else _NO_HELP for node in nodes)
    preemption = ", ".join(sorted(f"{count} {reason}" for reason, count in helped.items()))
    return (
        f"0/{total} nodes are available: {told}. no new claims to deallocate, "
        f"preemption: 0/{total} nodes are available: {preemption}."
    )


def requests_of(pod: Object) -> Amounts:
    """The most the pod asks for at any time.

    That is its containers and sidecars together, or an init container and the sidecars that started before it.
    """
    spec = pod["spec"]
    sidecars: Amounts = {}
    most: Amounts = {}
    for container in spec.get("initContainers") or []:
        together = _sum(sidecars, _requests(container))
        if container.get("restartPolicy") == "Always":
            sidecars = together
        most = {resource: max(amount, most.get(resource, amount)) for resource, amount in (most | together).items()}
    running = sidecars
    for container in spec.get("containers") or []:
        running = _sum(running, _requests(container))
    return {resource: max(amount, most.get(resource, amount)) for resource, amount in (most | running).items()}


def _sum(one: Amounts, other: Amounts) -> Amounts:
    return {name: one.get(name, Decimal(0)) + other.get(name, Decimal(0)) for name in one | other}


def _requests(container: Object) -> Amounts:
    asked = (container.get("resources") or {}).get("requests") or {}
    return {resource: parse(amount) for resource, amount in asked.items()}


def _cordoned(pod: Object, node: Object) -> list[str]:
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    if node["spec"].get("unschedulable") and not _tolerates(pod, taint):
        return ["node(s) were unschedulable"]
    return []


def _taints(pod: Object, node: Object) -> list[str]:
    for taint in node["spec"].get("taints") or []:
        if taint["effect"] in ("NoSchedule", "NoExecute") and not _tolerates(pod, taint):
            return [f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"]
    return []


def _tolerates(pod: Object, taint: dict[str, Any]) -> bool:
    return any(_matches(toleration, taint) for toleration in pod["spec"].get("tolerations") or [])


def _matches(toleration: dict[str, Any], taint: dict[str, Any]) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return bool(toleration.get("key", "") in ("", taint["key"]))
    return bool(toleration.get("key") == taint["key"]) and bool(toleration.get("value", "") == taint.get("value", ""))


def _selectors(pod: Object, node: Object) -> list[str]:
    labels = labels_of(node)
    plain = pod["spec"].get("nodeSelector") or {}
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    fits = plain.items() <= labels.items() and (
        required is None or any(_term_matches(term, node) for term in required.get("nodeSelectorTerms") or [])
    )
    return [] if fits else ["node(s) didn't match Pod's node affinity/selector"]


def _term_matches(term: dict[str, Any], node: Object) -> bool:
    expressions = term.get("matchExpressions") or []
    fields = term.get("matchFields") or []
    if not expressions and not fields:
        return False  # an empty term selects nothing
    named = {"metadata.name": name_of(node)}
    return all(_expression_matches(one, labels_of(node)) for one in expressions) and all(
        _expression_matches(one, named) for one in fields
    )


def _expression_matches(expression: dict[str, Any], labels: dict[str, str]) -> bool:
    value = labels.get(expression["key"])
    values = expression.get("values") or []
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt":
            return value is not None and value.isdigit() and int(value) > int(values[0])
        case "Lt":
            return value is not None and value.isdigit() and int(value) < int(values[0])
    return False


def _resources(pod: Object, node: Object, placed: Iterable[Object]) -> list[str]:
    room = {resource: parse(amount) for resource, amount in (status_of(node).get("allocatable") or {}).items()}
    used: Amounts = {}
    count = 0
    for other in placed:
        count += 1
        for resource, amount in requests_of(other).items():
            used[resource] = used.get(resource, Decimal(0)) + amount
    reasons = ["Too many pods"] if count + 1 > room.get("pods", Decimal(count + 1)) else []
    for resource, amount in sorted(requests_of(pod).items(), key=lambda item: (_ORDER.get(item[0], 2), item[0])):
        if amount and amount > room.get(resource, Decimal(0)) - used.get(resource, Decimal(0)):
            reasons.append(f"Insufficient {resource}")
    return reasons
