"""Validation of NetworkPolicies: which ports and peers make sense. Nothing here enforces them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.handlers import port_faults
from localcluster.apiserver.admission.validating.metadata import validate_selector
from localcluster.client import Object

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_DIRECTIONS = ("Ingress", "Egress")
_CIDR_RULE = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def validate_network_policy(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = validate_selector(spec.get("podSelector") or {}, field="spec.podSelector")
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or []):
            place = f"spec.{direction}[{index}]"
            for at, port in enumerate(rule.get("ports") or []):
                causes += _port(port, field=f"{place}.ports[{at}]")
            for at, peer in enumerate(rule.get(peers) or []):
                causes += _peer(peer, field=f"{place}.{peers}[{at}]")
    for index, kind in enumerate(spec.get("policyTypes") or []):
        if kind not in _DIRECTIONS:
            causes.append(faults.unsupported(f"spec.policyTypes[{index}]", kind, _DIRECTIONS))
    return causes


def _port(port: Object, *, field: str) -> Iterator[Cause]:
    if port.get("protocol") not in _PROTOCOLS:
        yield faults.unsupported(f"{field}.protocol", port.get("protocol"), _PROTOCOLS)
    first, last = port.get("port"), port.get("endPort")
    if first is not None:
        yield from port_faults(f"{field}.port", first)
    if last is None:
        return
    if first is None:
        yield faults.invalid(f"{field}.endPort", last, "may not be specified when `port` is not specified")
    elif isinstance(first, str):
        yield faults.invalid(f"{field}.endPort", last, "may not be specified when `port` is non-numeric")
    else:
        if last < first:
            yield faults.invalid(f"{field}.endPort", last, "must be greater than or equal to `port`")
        yield from faults.in_range(f"{field}.endPort", last, low=1, high=65535)


def _peer(peer: Object, *, field: str) -> Iterator[Cause]:
    for name in ("podSelector", "namespaceSelector"):
        yield from validate_selector(peer.get(name) or {}, field=f"{field}.{name}")
    if not peer:
        yield faults.required(field, "must specify a peer")
    if "ipBlock" not in peer:
        return
    if len(peer) > 1:
        yield faults.forbidden(field, "may not specify both ipBlock and another peer")
    block = peer["ipBlock"]
    if not block.get("cidr"):
        yield faults.required(f"{field}.ipBlock.cidr")
        return
    outer = _network(block["cidr"])
    if outer is None:
        yield faults.invalid(f"{field}.ipBlock.cidr", block["cidr"], _CIDR_RULE)
    for index, text in enumerate(block.get("except") or []):
        place, inner = f"{field}.ipBlock.except[{index}]", _network(text)
        if inner is None:
            yield faults.invalid(place, text, _CIDR_RULE)
        elif outer is not None and not _is_within(inner, outer):
            yield faults.invalid(place, text, "must be a strict subset of `cidr`")


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def _is_within(inner: Network, outer: Network) -> bool:
    same = inner.version == outer.version and inner.prefixlen > outer.prefixlen
    return same and inner.network_address in outer
