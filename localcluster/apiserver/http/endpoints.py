"""Where a Service or a pod can be reached now, from what is stored. Opens no connections."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from localcluster.apiserver.integers import is_number, port_number
from localcluster.apiserver.registry import Registry
from localcluster.client import Object
from localcluster.errors import ApiError, bad_request
from localcluster.resources import ENDPOINT_SLICES, PODS, SERVICES

_SERVICE_LABEL = "kubernetes.io/service-name"
_REFERENCE = re.compile(r"(?:(https?)?:)?([^:]+)(?::([^:]*))?")


@dataclass(frozen=True, slots=True)
class Place:
    """An address to connect to."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def unavailable(message: str) -> ApiError:
    return ApiError(503, "ServiceUnavailable", message)


def split_reference(text: str) -> tuple[str, str, str]:
    """(scheme, name, port) of `name`, `name:port` or `scheme:name:port`."""
    parts = text.split(":")
    if len(parts) == 3 and parts[0] in ("", "http", "https"):
        return parts[0] or "http", parts[1], parts[2]
    if len(parts) <= 2 and parts[0]:
        return "http", parts[0], parts[1] if len(parts) == 2 else ""
    raise bad_request(f'invalid service request "{text}"')


class Endpoints:
    """Finds places; raises the API's refusals when there is none."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def of_service(self, namespace: str, reference: str) -> Place:
        """A ready endpoint of a Service, any of them."""
        scheme, name, port = split_reference(reference)
        service = self._registry.get(SERVICES, name, namespace=namespace).object
        found = self.ready(namespace, name, port=_port_name(service, port))
        if not found:
            raise unavailable(f'no endpoints available for service "{name}"')
        host, number = secrets.choice(found)
        return Place(scheme, host, number)

    def of_pod(self, namespace: str, reference: str) -> Place:
        """A pod's own address; without a port the first one it declares."""
        scheme, name, port = split_reference(reference)
        pod = self._registry.get(PODS, name, namespace=namespace).object
        number = _pod_port(pod, port)
        host = (pod.get("status") or {}).get("podIP")
        if not host:
            raise unavailable(f'pod "{name}" has no address yet')
        return Place(scheme, host, number)

    def ready(self, namespace: str, service: str, *, port: str) -> list[tuple[str, int]]:
        """Addresses and ports of all ready endpoints of a Service's port of that name."""
        found = []
        for version in self._registry.storage.all(ENDPOINT_SLICES, namespace=namespace):
            body = version.object
            if (body["metadata"].get("labels") or {}).get(_SERVICE_LABEL) != service:
                continue
            numbers = [entry["port"] for entry in body.get("ports") or [] if (entry.get("name") or "") == port]
            hosts = [
                address
                for endpoint in body.get("endpoints") or []
                if (endpoint.get("conditions") or {}).get("ready") is not False
                for address in endpoint["addresses"]
            ]
            found += [(host, number) for host in hosts for number in numbers]
        return found


def port_named(service: Object, number: int) -> str | None:
    """The name of a Service's port by its number; None when it has no such port."""
    for port in service["spec"].get("ports") or []:
        if port["port"] == number:
            return str(port.get("name") or "")
    return None


def _port_name(service: Object, asked: str) -> str:
    name = service["metadata"]["name"]
    if is_number(asked):
        number = port_number(asked)
        found = None if number is None else port_named(service, number)
        if found is None:
            raise unavailable(f'no service port {asked} found for service "{name}"')
        return found
    return asked  # without a port the one without a name is meant, however few there are


def _pod_port(pod: Object, asked: str) -> int:
    if is_number(asked):
        number = port_number(asked)
        if number is None:
            raise unavailable(f"error trying to reach service: dial tcp: address {asked}: invalid port")
        return number
    declared = [port for container in pod["spec"]["containers"] for port in container.get("ports") or []]
    for port in declared:
        if not asked or port.get("name") == asked:
            return int(port["containerPort"])
    if not asked:
        return 80
    raise bad_request(f'pod "{pod["metadata"]["name"]}" has no port named "{asked}"')
