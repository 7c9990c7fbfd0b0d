"""ClusterIPs and node ports of Services: what is asked for if it is free, else any free one.

What is taken is read from the stored Services each time, so nothing can leak. Runs without an await right
before the write, which makes it atomic.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping

from localcluster.apiserver.storage import Storage
from localcluster.client import Object
from localcluster.errors import ApiError, invalid
from localcluster.resources import SERVICES

NODE_PORTS = range(30000, 32768)
_NEEDS_NODE_PORT = ("NodePort", "LoadBalancer")


class ServiceAllocator:
    """`prefix`: the first three octets of every ClusterIP; .1 belongs to the Service `kubernetes`."""

    def __init__(self, storage: Storage, *, prefix: str) -> None:
        self._storage = storage
        self._prefix = prefix

    @property
    def first_ip(self) -> str:
        return f"{self._prefix}.1"

    def assign(self, service: Object, *, before: Object | None) -> None:
        """Fill in addresses and ports in place; 422 when something asked for is taken."""
        others = [v.object for v in self._storage.all(SERVICES) if not _same(v.object, service)]
        spec = service["spec"]
        if spec.get("type") == "ExternalName":
            return
        self._assign_ip(service, spec, before=before, others=others)
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
        if spec.get("type") in _NEEDS_NODE_PORT:
            self._assign_node_ports(service, spec, before=before, others=others)
        elif before is not None:
            for port in spec.get("ports") or []:  # the type changed: its node ports are given back
                port.pop("nodePort", None)

    def _assign_ip(self, service: Object, spec: Object, *, before: Object | None, others: list[Object]) -> None:
        taken = {other["spec"].get("clusterIP") for other in others}
        asked = spec.get("clusterIP") or (before or {}).get("spec", {}).get("clusterIP")
        if not asked:
            asked = next((ip for ip in self._ips() if ip not in taken), None)
            if asked is None:
                raise ApiError(500, "InternalError", "failed to allocate a serviceIP: range is full")
        elif asked != "None" and asked in taken:
            problem = f"failed to allocate IP {asked}: provided IP is already allocated"
            raise _refused(service, field="spec.clusterIPs", value=f'["{asked}"]', problem=problem)
        elif asked != "None" and not self._owns(asked):
            problem = f"failed to allocate IP {asked}: the provided network does not match the current range"
            raise _refused(service, field="spec.clusterIPs", value=f'["{asked}"]', problem=problem)
        spec["clusterIP"] = asked
        spec["clusterIPs"] = [asked]

    def _assign_node_ports(self, service: Object, spec: Object, *, before: Object | None, others: list[Object]) -> None:
        taken = {port for other in others for port in _node_ports(other)}
        kept = {_port_key(port): port.get("nodePort") for port in (before or {}).get("spec", {}).get("ports") or []}
        for index, port in enumerate(spec.get("ports") or []):
            asked = port.get("nodePort") or kept.get(_port_key(port))
            field = f"spec.ports[{index}].nodePort"
            if not asked:
                free = [number for number in NODE_PORTS if number not in taken]
                asked = secrets.choice(free)
            elif asked in taken:
                problem = "provided port is already allocated"
                raise _refused(service, field=field, value=str(asked), problem=problem)
            elif asked not in NODE_PORTS:
                limits = f"{NODE_PORTS[0]}-{NODE_PORTS[-1]}"
                problem = f"provided port is not in the valid range. The range of valid ports is {limits}"
                raise _refused(service, field=field, value=str(asked), problem=problem)
            port["nodePort"] = asked
            taken.add(asked)

    def _owns(self, address: str) -> bool:
        return address == self.first_ip or address in self._ips()

    def _ips(self) -> Iterator[str]:
        return (f"{self._prefix}.{last}" for last in range(2, 255))


def _same(one: Object, other: Object) -> bool:
    names = [(o["metadata"].get("namespace"), o["metadata"]["name"]) for o in (one, other)]
    return names[0] == names[1]


def _node_ports(service: Object) -> list[int]:
    return [port["nodePort"] for port in service["spec"].get("ports") or [] if port.get("nodePort")]


def _port_key(port: Mapping[str, object]) -> tuple[object, object]:
    return port.get("protocol", "TCP"), port.get("port")


def _refused(service: Object, *, field: str, value: str, problem: str) -> ApiError:
    cause = {"reason": "FieldValueInvalid", "message": f"Invalid value: {value}: {problem}", "field": field}
    return invalid(kind=SERVICES.kind, group=SERVICES.group, name=service["metadata"]["name"], causes=[cause])
