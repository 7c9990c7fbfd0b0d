"""Whether the nodes have room for the pods to come, by requests as the scheduler counts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboard.kube.quantities import millicores, number, whole_bytes
from dashboard.stack.bundles.bundle import Manifest
from dashboard.stack.health.fields import is_true, mapping, mappings, text
from dashboard.stack.planning.plan import Finding
from dashboard.stack.preflight import demand
from dashboard.stack.preflight.demand import Demand
from dashboard.stack.preflight.facts import Facts

CHECK = "nodes"
REMEDY = "Free room, add a node, or lower the requests; a cluster that adds nodes by itself will do so."
OVER = ("Succeeded", "Failed")


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for all pods together, and one for each workload whose pod is too large for any node."""
    new = [each for each in facts.of_kind("Deployment", "StatefulSet", "Job", "Pod") if facts.live(each) is None]
    if not new:
        return
    nodes, pods = facts.listed("/api/v1/nodes"), facts.listed("/api/v1/pods")
    if nodes is None or pods is None:
        lacking = "nodes" if nodes is None else "pods of all namespaces"
        yield Finding(CHECK, "unknown", "nodes", f"You may not list {lacking}, so the room on nodes is not known.")
        return
    free = {each["metadata"]["name"]: _free(each, pods) for each in nodes if _takes_pods(each)}
    too_large = list(_too_large(new, free))
    yield from too_large
    wanted = demand.total(demand.requests_of(demand.template_of(each)).times(demand.replicas_of(each)) for each in new)
    have = demand.total(Demand(max(0, one.pods), max(0.0, one.cpu), max(0, one.memory)) for one in free.values())
    told = f"{wanted.cpu:.0f}m CPU and {_mebibytes(wanted.memory)} for {wanted.pods} pods"
    left = f"{have.cpu:.0f}m CPU, {_mebibytes(have.memory)} and {have.pods} pods"
    if wanted.cpu > have.cpu or wanted.memory > have.memory or wanted.pods > have.pods:
        why = f"The nodes have {left} left; the plan asks for {told}."
        yield Finding(CHECK, "missing", "nodes", why, REMEDY)
    elif not too_large:
        yield Finding(CHECK, "ok", "nodes", f"{_count(len(free))} with {left} left; the plan asks for {told}.")


def _too_large(workloads: Sequence[Manifest], free: Mapping[str, Demand]) -> Iterator[Finding]:
    for each in workloads:
        one = demand.requests_of(demand.template_of(each))
        if not any(one.cpu <= room.cpu and one.memory <= room.memory and room.pods >= 1 for room in free.values()):
            named = f"{each['kind']} {each['metadata']['name']}"
            asks = f"{one.cpu:.0f}m CPU and {_mebibytes(one.memory)}"
            why = f"No node has room for one pod of {named}, which asks for {asks}."
            yield Finding(CHECK, "missing", named, why, REMEDY)


def _free(node: Manifest, pods: Sequence[Mapping[str, Any]]) -> Demand:
    can = mapping(node, "status", "allocatable")
    here = [
        demand.requests_of(each)
        for each in pods
        if text(each, "spec", "nodeName") == node["metadata"]["name"] and text(each, "status", "phase") not in OVER
    ]
    used = demand.total(here)
    return Demand(
        int(number(can.get("pods")) or 0) - used.pods,
        (millicores(can.get("cpu")) or 0.0) - used.cpu,
        (whole_bytes(can.get("memory")) or 0) - used.memory,
    )


def _takes_pods(node: Manifest) -> bool:
    """Ready, not cordoned, and without a taint that keeps ordinary pods away."""
    spec = mapping(node, "spec")
    repels = any(each.get("effect") in ("NoSchedule", "NoExecute") for each in mappings(spec, "taints"))
    return is_true(node, "Ready") and not spec.get("unschedulable") and not repels


def _mebibytes(amount: int) -> str:
    return f"{amount / 2**20:.0f}Mi"


def _count(nodes: int) -> str:
    return "1 node" if nodes == 1 else f"{nodes} nodes"
