"""Validation of what programs rather than people write: EndpointSlices, Leases, Events, Nodes and the like."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from localcluster import names
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.client import Object

_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_MOST_ENDPOINTS, _MOST_ADDRESSES, _MOST_PORTS = 1000, 100, 100
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_CLUSTER_EVENTS = ("default", "kube-system")
_STANDARD_FINALIZERS = ("kubernetes",)
_NO_FINALIZER = "name is neither a standard finalizer name nor is it fully qualified"


def validate_namespace(obj: Object) -> list[Cause]:
    causes: list[Cause] = []
    for name in obj["spec"].get("finalizers") or []:
        causes += faults.each_invalid("spec.finalizers", name, names.label_key_faults(name))
        if "/" not in name and name not in _STANDARD_FINALIZERS:
            causes.append(faults.invalid("spec.finalizers", name, _NO_FINALIZER))
    return causes


def validate_node(obj: Object) -> list[Cause]:
    """Its taints: one of a key and an effect."""
    causes: list[Cause] = []
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(obj["spec"].get("taints") or []):
        field, key, effect = f"spec.taints[{index}]", taint.get("key", ""), taint.get("effect", "")
        causes += faults.each_invalid(f"{field}.key", key, names.label_key_faults(key))
        problems = names.label_value_faults(taint.get("value", ""))
        if problems:
            causes.append(faults.invalid(f"{field}.value", taint["value"], ";".join(problems)))
        if not effect:
            causes.append(faults.required(f"{field}.effect"))
        elif effect not in _EFFECTS:
            causes.append(faults.unsupported(f"{field}.effect", effect, _EFFECTS))
        if (key, effect) in seen:
            causes.append(_doubled_taint(taint, field=field))
        seen.add((key, effect))
    return causes


def validate_event(obj: Object) -> list[Cause]:
    """It lives where the object lives that it tells of; what tells of the whole cluster lives in `default`."""
    about, home = obj["involvedObject"].get("namespace", ""), obj["metadata"].get("namespace", "")
    if about == home or (not about and home in _CLUSTER_EVENTS):
        return []
    return [faults.invalid("involvedObject.namespace", about, "does not match event.namespace")]


def validate_endpoint_slice(obj: Object) -> list[Cause]:
    """Loopback addresses are valid here, unlike elsewhere: they are those of this cluster's pods."""
    kind = obj.get("addressType", "")
    causes: list[Cause] = []
    if not kind:
        causes.append(faults.required("addressType"))
    elif kind not in _ADDRESS_TYPES:
        causes.append(faults.unsupported("addressType", kind, _ADDRESS_TYPES))
    endpoints = obj.get("endpoints") or []
    if len(endpoints) > _MOST_ENDPOINTS:
        causes.append(faults.too_many("endpoints", len(endpoints), most=_MOST_ENDPOINTS))
    else:
        for index, endpoint in enumerate(endpoints):
            causes += _endpoint(endpoint, kind=kind, field=f"endpoints[{index}]")
    return causes + list(_ports(obj.get("ports") or []))


def validate_endpoint_slice_update(old: Object, new: Object) -> list[Cause]:
    return faults.immutable("addressType", old=old.get("addressType"), new=new.get("addressType"))


def validate_lease(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    if "leaseDurationSeconds" in spec and spec["leaseDurationSeconds"] <= 0:
        detail = "must be greater than 0"
        causes.append(faults.invalid("spec.leaseDurationSeconds", spec["leaseDurationSeconds"], detail))
    causes += faults.not_negative("spec.leaseTransitions", spec.get("leaseTransitions"))
    if spec.get("preferredHolder") and not spec.get("strategy"):
        causes.append(faults.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined"))
    return causes


def validate_controller_revision(obj: Object) -> list[Cause]:
    causes = faults.not_negative("revision", obj.get("revision"))
    return [*causes, faults.required("data", "data is mandatory")] if obj.get("data") is None else causes


def validate_controller_revision_update(old: Object, new: Object) -> list[Cause]:
    return faults.immutable("data", old=old.get("data"), new=new.get("data"))


def _doubled_taint(taint: Object, *, field: str) -> Cause:
    cause = faults.duplicate(field, taint)
    return {**cause, "message": f"{cause['message']}: taints must be unique by key and effect pair"}


def _endpoint(endpoint: Object, *, kind: str, field: str) -> Iterator[Cause]:
    addresses = endpoint.get("addresses") or []
    if not addresses:
        yield faults.required(f"{field}.addresses", "must contain at least 1 address")
    elif len(addresses) > _MOST_ADDRESSES:
        yield faults.too_many(f"{field}.addresses", len(addresses), most=_MOST_ADDRESSES)
    for index, address in enumerate(addresses):
        if kind in ("IPv4", "IPv6") and not _is_of_family(address, kind):
            yield faults.invalid(f"{field}.addresses[{index}]", address, f"must be a valid {kind} address")
    if endpoint.get("hostname"):
        yield from faults.each_invalid(
            f"{field}.hostname", endpoint["hostname"], names.label_faults(endpoint["hostname"])
        )


def _ports(ports: list[Object]) -> Iterator[Cause]:
    if len(ports) > _MOST_PORTS:
        yield faults.too_many("ports", len(ports), most=_MOST_PORTS)
        return
    seen: set[str] = set()
    for index, port in enumerate(ports):
        name = port.get("name") or ""
        if name:
            yield from faults.each_invalid(f"ports[{index}].name", name, names.label_faults(name))
        if name in seen:
            yield faults.duplicate(f"ports[{index}].name", name)
        seen.add(name)
        if port.get("protocol") not in _PROTOCOLS:
            yield faults.unsupported(f"ports[{index}].protocol", port.get("protocol"), _PROTOCOLS)


def _is_of_family(address: str, kind: str) -> bool:
    try:
        return f"IPv{ipaddress.ip_address(address).version}" == kind
    except ValueError:
        return False
