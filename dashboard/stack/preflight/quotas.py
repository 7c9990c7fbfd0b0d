"""Whether the pods to come have room in their namespaces' quotas, at the start and at the autoscaler's maximum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.kube.quantities import number
from dashboard.stack.bundles.bundle import Manifest, ref_of
from dashboard.stack.health.fields import count, mapping, text
from dashboard.stack.planning.plan import Finding
from dashboard.stack.preflight import demand
from dashboard.stack.preflight.demand import Demand
from dashboard.stack.preflight.facts import Facts

CHECK = "quota"
COUNTED = {
    "pods": "pods", "count/pods": "pods", "cpu": "cpu", "requests.cpu": "cpu", "memory": "memory",
    "requests.memory": "memory",
}  # fmt: skip
"""Quota resource → what of a demand it bounds."""


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a quota for the start, and one more where the autoscaler's maximum would not fit."""
    for namespace in facts.namespaces():
        for quota in _quotas(facts, namespace):
            yield from _of_quota(facts, namespace, quota)


def _of_quota(facts: Facts, namespace: str, quota: Manifest) -> Iterator[Finding]:
    name = f"{namespace}/{quota['metadata']['name']}"
    workloads = [each for each in facts.of_kind(*demand.WORKLOADS) if each["metadata"].get("namespace") == namespace]
    if not workloads or (quota.get("spec") or {}).get("scopes") or (quota.get("spec") or {}).get("scopeSelector"):
        return
    room = _room(quota)
    start = demand.total(_more(facts, each, demand.replicas_of(each)) for each in workloads)
    short = _short(room, start)
    if short:
        why = f"Quota {name} has no room for the first pods: {short}."
        yield Finding(CHECK, "missing", name, why, "Raise the quota, or lower requests or replicas.", blocks=True)
        return
    yield Finding(CHECK, "ok", name, f"Quota {name} has room for the {_pods(start.pods)} to come.")
    most = demand.total(_more(facts, each, _most(facts, each)) for each in workloads)
    short = _short(room, most) if most.pods > start.pods else ""
    if short:
        why = f"At the autoscaler's maximum quota {name} would be exceeded: {short}."
        yield Finding(CHECK, "missing", name, why, "Raise the quota or lower maxReplicas, or it will stop short of it.")


def _quotas(facts: Facts, namespace: str) -> list[Manifest]:
    """Planned ones over live ones of the same name: what is applied first decides, with what is used already."""
    live = {} if facts.namespace(namespace) is None else {
        each["metadata"]["name"]: each
        for each in facts.listed(f"/api/v1/namespaces/{namespace}/resourcequotas") or ()
    }  # fmt: skip
    merged: dict[str, Manifest] = dict(live)
    for each in facts.of_kind("ResourceQuota"):
        if each["metadata"].get("namespace") == namespace:
            used = mapping(live.get(each["metadata"]["name"], {}), "status", "used")
            merged[each["metadata"]["name"]] = {**each, "status": {"used": used}}
    return list(merged.values())


def _room(quota: Manifest) -> Mapping[str, tuple[str, float]]:
    """Quota resource → (what it bounds, how much is left), in pods, millicores or bytes."""
    hard, used = mapping(quota, "spec", "hard"), mapping(quota, "status", "used")
    room = {}
    for resource, what in COUNTED.items():
        bound = number(hard.get(resource))
        if bound is not None:
            left = float(bound - (number(used.get(resource)) or 0))
            room[resource] = (what, left * 1000 if what == "cpu" else left)
    return room


def _short(room: Mapping[str, tuple[str, float]], wanted: Demand) -> str:
    lacks = []
    for resource, (what, left) in room.items():
        asked = float(getattr(wanted, what))
        if asked > left:
            lacks.append(f"{resource} {_said(what, asked)} wanted, {_said(what, max(left, 0.0))} left")
    return "; ".join(lacks)


def _more(facts: Facts, workload: Manifest, replicas: int) -> Demand:
    """What is asked for beyond the pods that are there and so are counted as used."""
    live = facts.live(workload)
    there = count(live, "status", "replicas") if live is not None else 0
    return demand.requests_of(demand.template_of(workload)).times(max(0, replicas - there))


def _most(facts: Facts, workload: Manifest) -> int:
    ref = ref_of(workload)
    for each in facts.of_kind("HorizontalPodAutoscaler"):
        target = mapping(each, "spec", "scaleTargetRef")
        same_place = each["metadata"].get("namespace") == ref.namespace
        if same_place and (text(target, "kind"), text(target, "name")) == (ref.kind, ref.name):
            return count(each, "spec", "maxReplicas", default=demand.replicas_of(workload))
    return demand.replicas_of(workload)


def _pods(number_of: int) -> str:
    return "1 pod" if number_of == 1 else f"{number_of} pods"


def _said(what: str, amount: float) -> Any:
    if what == "cpu":
        return f"{amount:.0f}m"
    return f"{amount / 2**20:.0f}Mi" if what == "memory" else f"{amount:.0f}"
