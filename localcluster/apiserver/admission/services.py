"""What changes with a Service's type: fields its new type has no use for go, those the writer left alone only."""

from __future__ import annotations

from localcluster.client import Object

_ADDRESSED = ("ClusterIP", "NodePort", "LoadBalancer")
_ADDRESSES = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
_OF_BALANCERS = ("allocateLoadBalancerNodePorts", "loadBalancerClass")


def align_addresses(service: Object, *, old: Object | None) -> None:
    """`clusterIP` and `clusterIPs` tell the same, in place: who writes one need not write the other."""
    spec, before = service["spec"], (old or {}).get("spec") or {}
    address, addresses = spec.get("clusterIP"), spec.get("clusterIPs")
    if address and (not addresses or (address != before.get("clusterIP") and addresses == before.get("clusterIPs"))):
        spec["clusterIPs"] = [address]
    elif not address and addresses and addresses == before.get("clusterIPs"):
        spec.pop("clusterIPs")


def drop_unfit(service: Object, *, old: Object) -> None:
    """Take from an updated Service, in place, what only its former type had."""
    spec, before = service["spec"], old["spec"]
    if _is_addressed(before) and not _is_addressed(spec):
        _drop_same(spec, before, _ADDRESSES)
    if _has_node_ports(before) and not _has_node_ports(spec) and _node_ports(spec) == _node_ports(before):
        spec["ports"] = [{key: it[key] for key in it if key != "nodePort"} for it in spec.get("ports") or []]
    if before.get("type") == "LoadBalancer" and spec.get("type") != "LoadBalancer":
        _drop_same(spec, before, _OF_BALANCERS)
    if _is_reachable(before) and not _is_reachable(spec):
        _drop_same(spec, before, ("externalTrafficPolicy",))
    if _checks_health(before) and not _checks_health(spec):
        _drop_same(spec, before, ("healthCheckNodePort",))


def _drop_same(spec: Object, before: Object, names: tuple[str, ...]) -> None:
    for name in names:
        if spec.get(name) == before.get(name):
            spec.pop(name, None)


def _is_addressed(spec: Object) -> bool:
    return spec.get("type") in _ADDRESSED


def _has_node_ports(spec: Object) -> bool:
    return spec.get("type") in ("NodePort", "LoadBalancer")


def _is_reachable(spec: Object) -> bool:
    return _has_node_ports(spec) or bool(spec.get("externalIPs"))


def _checks_health(spec: Object) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _node_ports(spec: Object) -> list[int]:
    return [port.get("nodePort", 0) for port in spec.get("ports") or []]
