"""Validation of Services and NetworkPolicies, and of changes to Services."""

from __future__ import annotations

from collections.abc import Iterator

from localcluster import names
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.containers import port_faults
from localcluster.apiserver.admission.validating.metadata import validate_labels, validate_selector
from localcluster.client import Object

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES = ("ClientIP", "None")
_PROTOCOLS = ("SCTP", "TCP", "UDP")


def validate_service(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    ports, headless = spec.get("ports") or [], spec.get("clusterIP") == "None"
    if not ports and not headless and spec.get("type") != "ExternalName":
        causes.append(faults.required("spec.ports"))
    if spec.get("type") == "ExternalName" and not spec.get("externalName"):
        causes.append(faults.required("spec.externalName"))
    if headless and spec.get("type") in ("NodePort", "LoadBalancer"):
        detail = f"may not be set to 'None' for {spec['type']} services"
        causes.append(faults.invalid("spec.clusterIPs[0]", "None", detail))
    causes += _ports(ports)
    causes += validate_labels(spec.get("selector") or {}, field="spec.selector")
    if spec.get("sessionAffinity") not in _AFFINITIES:
        causes.append(faults.unsupported("spec.sessionAffinity", spec.get("sessionAffinity"), _AFFINITIES))
    if spec.get("type") not in _TYPES:
        causes.append(faults.unsupported("spec.type", spec.get("type"), _TYPES))
    return causes


def validate_service_update(old: Object, new: Object) -> list[Cause]:
    """The address stays as long as the Service has one."""
    before, after = old["spec"].get("clusterIP"), new["spec"].get("clusterIP")
    kept = old["spec"].get("type") == "ExternalName" or new["spec"].get("type") == "ExternalName"
    if kept or not before or not after or before == after:
        return []
    return [faults.invalid("spec.clusterIPs[0]", [after], "may not change once set")]


def validate_api_service(obj: Object) -> list[Cause]:
    spec, name = obj["spec"], obj["metadata"]["name"]
    group, version = spec.get("group") or "", spec.get("version") or ""
    causes: list[Cause] = []
    if name != f"{version}.{group}":
        causes.append(
            faults.invalid("metadata.name", name, f'must be `spec.version+"."+spec.group`: "{version}.{group}"')
        )
    if not group and version != "v1":
        causes.append(faults.required("spec.group", "only v1 may have an empty group and it better be legacy kube"))
    if not version:
        causes.append(faults.required("spec.version"))
    for field, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        value = spec.get(field) or 0
        if not 0 < value <= most:
            causes.append(faults.invalid(f"spec.{field}", value, f"must be positive and less than {most}"))
    service = spec.get("service")
    if service is not None:
        causes += [
            faults.required(f"spec.service.{field}") for field in ("namespace", "name") if not service.get(field)
        ]
    elif spec.get("insecureSkipTLSVerify"):
        detail = "local APIServices may not have insecureSkipTLSVerify"
        causes.append(faults.invalid("spec.insecureSkipTLSVerify", True, detail))
    return causes


def validate_network_policy(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = validate_selector(spec.get("podSelector") or {}, field="spec.podSelector")
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or []):
            for at, port in enumerate(rule.get("ports") or []):
                if "port" in port:
                    causes += port_faults(f"spec.{direction}[{index}].ports[{at}].port", port["port"])
            for at, peer in enumerate(rule.get(peers) or []):
                if not peer:
                    causes.append(faults.required(f"spec.{direction}[{index}].{peers}[{at}]", "must specify a peer"))
    for index, kind in enumerate(spec.get("policyTypes") or []):
        if kind not in ("Ingress", "Egress"):
            causes.append(faults.unsupported(f"spec.policyTypes[{index}]", kind, ("Egress", "Ingress")))
    return causes


def _ports(ports: list[Object]) -> Iterator[Cause]:
    seen_names: set[str] = set()
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        place, name = f"spec.ports[{index}]", port.get("name", "")
        if not name and len(ports) > 1:
            yield faults.required(f"{place}.name")
        elif name:
            yield from faults.each_invalid(f"{place}.name", name, names.label_faults(name))
            if name in seen_names:
                yield faults.duplicate(f"{place}.name", name)
        seen_names.add(name)
        yield from port_faults(f"{place}.port", port.get("port"))
        if port.get("protocol") not in _PROTOCOLS:
            yield faults.unsupported(f"{place}.protocol", port.get("protocol"), _PROTOCOLS)
        yield from port_faults(f"{place}.targetPort", port.get("targetPort"))
        key = (port.get("protocol", ""), port.get("port", 0))
        if key in seen:
            yield faults.duplicate(place, {"protocol": key[0], "port": key[1]})
        seen.add(key)
