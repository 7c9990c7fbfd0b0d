"""Validation of Services, and of changes to them."""

from __future__ import annotations

from collections.abc import Iterator

from localcluster import names
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.handlers import port_faults
from localcluster.apiserver.admission.validating.metadata import validate_labels
from localcluster.apiserver.admission.validating.scheduling import address_faults
from localcluster.client import Object

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES = ("ClientIP", "None")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_FAMILIES = ("IPv4", "IPv6")
_FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_TRAFFIC = ("Cluster", "Local")
_LONGEST_AFFINITY = 86400  # seconds


def validate_service(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    ports, headless, kind = spec.get("ports") or [], spec.get("clusterIP") == "None", spec.get("type")
    if not ports and not headless and kind != "ExternalName":
        causes.append(faults.required("spec.ports"))
    if kind == "ExternalName":
        causes += _external_name(spec)
    elif headless and kind in ("NodePort", "LoadBalancer"):
        detail = f"may not be set to 'None' for {kind} services"
        causes.append(faults.invalid("spec.clusterIPs[0]", "None", detail))
    causes += _ports(ports)
    causes += validate_labels(spec.get("selector") or {}, field="spec.selector")
    causes += _affinity(spec)
    if kind != "ExternalName":
        causes += _addresses(spec)
    for index, address in enumerate(spec.get("externalIPs") or []):
        causes += address_faults(f"spec.externalIPs[{index}]", address)
    if kind not in _TYPES:
        causes.append(faults.unsupported("spec.type", kind, _TYPES))
    return [*causes, *_node_ports(ports, kind), *_doubled(ports), *_traffic(spec)]


def validate_service_update(old: Object, new: Object) -> list[Cause]:
    """The address stays as long as the Service has one."""
    before, after = old["spec"].get("clusterIP"), new["spec"].get("clusterIP")
    kept = old["spec"].get("type") == "ExternalName" or new["spec"].get("type") == "ExternalName"
    if kept or not before or not after or before == after:
        return []
    return [faults.invalid("spec.clusterIPs[0]", [after], "may not change once set")]


def _external_name(spec: Object) -> list[Cause]:
    causes = [
        faults.forbidden(f"spec.{name}", "may not be set for ExternalName services")
        for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy")
        if spec.get(name) or (name == "clusterIPs" and spec.get("clusterIP"))
    ]
    name = spec.get("externalName", "").removesuffix(".")
    if not name:
        return [*causes, faults.required("spec.externalName")]
    return causes + faults.each_invalid("spec.externalName", name, names.subdomain_faults(name))


def _affinity(spec: Object) -> Iterator[Cause]:
    kind, config = spec.get("sessionAffinity"), spec.get("sessionAffinityConfig")
    if kind not in _AFFINITIES:
        yield faults.unsupported("spec.sessionAffinity", kind, _AFFINITIES)
    elif kind == "None" and config is not None:
        yield faults.forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None")
    elif kind == "ClientIP":
        seconds = ((config or {}).get("clientIP") or {}).get("timeoutSeconds", _LONGEST_AFFINITY)
        if not 0 < seconds <= _LONGEST_AFFINITY:
            detail = f"must be greater than 0 and less than {_LONGEST_AFFINITY}"
            yield faults.invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds, detail)


def _addresses(spec: Object) -> Iterator[Cause]:
    address, addresses = spec.get("clusterIP", ""), spec.get("clusterIPs") or []
    if address and addresses and addresses[0] != address:
        yield faults.invalid("spec.clusterIPs", addresses, "first value must match `clusterIP`")
    elif addresses and not address:
        yield faults.invalid("spec.clusterIPs", addresses, "must be empty when `clusterIP` is not specified")
    for index, family in enumerate(spec.get("ipFamilies") or []):
        if family not in _FAMILIES:
            yield faults.unsupported(f"spec.ipFamilies[{index}]", family, _FAMILIES)
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _FAMILY_POLICIES:
        yield faults.unsupported("spec.ipFamilyPolicy", policy, _FAMILY_POLICIES)
    for index, each in enumerate(addresses or ([address] if address else [])):
        if each != "None":
            yield from address_faults(f"spec.clusterIPs[{index}]", each)


def _ports(ports: list[Object]) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, port in enumerate(ports):
        place, name = f"spec.ports[{index}]", port.get("name", "")
        if not name and len(ports) > 1:
            yield faults.required(f"{place}.name")
        elif name:
            yield from faults.each_invalid(f"{place}.name", name, names.label_faults(name))
            if name in seen:
                yield faults.duplicate(f"{place}.name", name)
        seen.add(name)
        yield from port_faults(f"{place}.port", port.get("port"))
        if port.get("protocol") not in _PROTOCOLS:
            yield faults.unsupported(f"{place}.protocol", port.get("protocol"), _PROTOCOLS)
        yield from port_faults(f"{place}.targetPort", port.get("targetPort"))
        if port.get("appProtocol"):
            yield from faults.each_invalid(
                f"{place}.appProtocol", port["appProtocol"], names.label_key_faults(port["appProtocol"])
            )


def _node_ports(ports: list[Object], kind: str | None) -> Iterator[Cause]:
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        field, number = f"spec.ports[{index}].nodePort", port.get("nodePort")
        if not number:
            continue
        if kind == "ClusterIP":
            yield faults.forbidden(field, "may not be used when `type` is 'ClusterIP'")
        if (port.get("protocol", ""), number) in seen:
            yield faults.duplicate(field, number)
        seen.add((port.get("protocol", ""), number))


def _doubled(ports: list[Object]) -> Iterator[Cause]:
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        key = (port.get("protocol", ""), port.get("port", 0))
        if key in seen:
            shown = {
                "Name": "",
                "Protocol": key[0],
                "AppProtocol": None,
                "Port": key[1],
                "TargetPort": 0,
                "NodePort": 0,
            }
            yield faults.duplicate(f"spec.ports[{index}]", shown)
        seen.add(key)


def _traffic(spec: Object) -> Iterator[Cause]:
    kind, balanced = spec.get("type"), spec.get("type") == "LoadBalancer"
    if not balanced:
        for name, shown in (("loadBalancerSourceRanges", "LoadBalancerSourceRanges"),
                            ("allocateLoadBalancerNodePorts", "allocateLoadBalancerNodePorts"),
                            ("loadBalancerClass", "loadBalancerClass")):  # fmt: skip
            if spec.get(name) not in (None, []):
                yield faults.forbidden(f"spec.{shown}", "may only be used when `type` is 'LoadBalancer'")
    outer, reachable = spec.get("externalTrafficPolicy"), balanced or kind == "NodePort" or spec.get("externalIPs")
    if outer and not reachable:
        detail = "may only be set for externally-accessible services"
        yield faults.invalid("spec.externalTrafficPolicy", outer, detail)
    elif outer and outer not in _TRAFFIC:
        yield faults.unsupported("spec.externalTrafficPolicy", outer, _TRAFFIC)
    if spec.get("healthCheckNodePort") and not (balanced and outer == "Local"):
        detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        yield faults.invalid("spec.healthCheckNodePort", spec["healthCheckNodePort"], detail)
    inner = spec.get("internalTrafficPolicy")
    if inner is not None and inner not in _TRAFFIC:
        yield faults.unsupported("spec.internalTrafficPolicy", inner, _TRAFFIC)
