"""Finds out from the API, never by DNS, to which addresses a target's load goes, and refuses every doubtful one (L2).

A target is a Service that selects pods: each of its endpoints must be a pod of its namespace with just that address,
and no pod on its node's network. What cannot be read is refused, not assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.load.addresses import Address, parsed, parsed_all, why_refused
from dashboard.settings import Target


class Cluster(Protocol):
    """The verbs used here; both raise `dashboard.kube.errors.ApiError`."""

    def get(self, path: str, /) -> Any: ...

    def list(self, path: str, /, *, query: Any = None) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Pinned:
    """Where the load of a target goes: `addresses` are connected to, `endpoints` are the ready pods behind them."""

    host: str
    port: int
    addresses: tuple[str, ...]
    endpoints: tuple[str, ...]
    service_uid: str | None

    @property
    def text(self) -> str:
        """As the worker takes it."""
        return ",".join(self.addresses)


def pin(cluster: Cluster, target: Target, *, server: str = "") -> Pinned:
    """The addresses of a target right now. `server`: the API server's address as we know it.

    Raises Refused with a sentence when there is nothing to load or something that must not be, ApiError when the
    cluster does not tell.
    """
    service = _service(cluster, target)
    pods = _pods_behind(cluster, target, _selector(service, target))
    endpoints = _ready_endpoints(cluster, target)
    forbidden, loopback = _forbidden(cluster, server)
    for address in endpoints:
        _check(target, address, forbidden, loopback)
        _check_pod(target, address, pods)
    addresses = _cluster_ips(service) or endpoints
    for address in addresses:
        _check(target, address, forbidden, loopback)
    host = urlsplit(target.url).hostname or ""
    return Pinned(host, target.port, addresses, endpoints, service["metadata"].get("uid"))


def _service(cluster: Cluster, target: Target) -> Mapping[str, Any]:
    path = f"/api/v1/namespaces/{target.namespace}/services/{target.service}"
    try:
        service: Mapping[str, Any] = cluster.get(path)
    except errors.NotFound:
        raise Refused(
            f"There is no Service {target.service} in namespace {target.namespace} to aim at. "
            f"Deploy the bundle {target.namespace} first.",
            status=409,
        ) from None
    spec = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        raise _no(target, "it stands for a name outside the cluster (ExternalName)")
    if target.port not in [each.get("port") for each in spec.get("ports") or ()]:
        raise _no(target, f"it has no port {target.port}")
    return service


def _selector(service: Mapping[str, Any], target: Target) -> str:
    selector = service["spec"].get("selector") or {}
    if not selector:
        raise _no(target, "it selects no pods, so its endpoints are written by hand")
    return ",".join(f"{key}={value}" for key, value in sorted(selector.items()))


def _pods_behind(cluster: Cluster, target: Target, selector: str) -> Mapping[str, Mapping[str, Any]]:
    """The pods that the Service selects, by each of their addresses."""
    pods = cluster.list(f"/api/v1/namespaces/{target.namespace}/pods", query={"labelSelector": selector})
    return {ip: pod for pod in pods if _is_alive(pod) for ip in _pod_addresses(pod)}


def _is_alive(pod: Mapping[str, Any]) -> bool:
    """The address of one that has ended may be another's by now."""
    return (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")


def _pod_addresses(pod: Mapping[str, Any]) -> list[str]:
    status = pod.get("status") or {}
    return (
        [each["ip"] for each in status.get("podIPs") or ({"ip": status["podIP"]},) if each]
        if status.get("podIP")
        else []
    )


def _ready_endpoints(cluster: Cluster, target: Target) -> tuple[str, ...]:
    slices = _slices(cluster, target.namespace, target.service)
    found: list[str] = []
    for each in slices:
        if each.get("addressType") == "FQDN":
            raise _no(target, "one of its EndpointSlices holds names instead of addresses")
        for endpoint in each.get("endpoints") or ():
            if (endpoint.get("conditions") or {}).get("ready") is not False:
                found.extend(endpoint.get("addresses") or ())
    if not found:
        raise Refused(
            f"Nothing behind the Service {target.service} in namespace {target.namespace} is ready, so there is "
            "nothing to load. Wait until a pod of it is ready.",
            status=409,
        )
    return tuple(dict.fromkeys(found))


def _slices(cluster: Cluster, namespace: str, service: str) -> list[dict[str, Any]]:
    path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
    return cluster.list(path, query={"labelSelector": f"kubernetes.io/service-name={service}"})


def _forbidden(cluster: Cluster, server: str) -> tuple[frozenset[Address], bool]:
    """The addresses of API server and nodes; and whether the API server says of itself that it is on loopback."""
    own = [ip for each in _slices(cluster, "default", "kubernetes") for ip in _addresses_of(each)]
    kubernetes = cluster.get("/api/v1/namespaces/default/services/kubernetes")
    api = parsed_all([*own, *_cluster_ips(kubernetes), urlsplit(server).hostname or ""])
    nodes = [
        address.get("address") or ""
        for node in cluster.list("/api/v1/nodes")
        for address in (node.get("status") or {}).get("addresses") or ()
    ]
    published = [address for address in map(parsed, own) if address is not None]
    return api | parsed_all(nodes), bool(published) and all(each.is_loopback for each in published)


def _addresses_of(each: Mapping[str, Any]) -> list[str]:
    return [address for endpoint in each.get("endpoints") or () for address in endpoint.get("addresses") or ()]


def _cluster_ips(service: Mapping[str, Any]) -> tuple[str, ...]:
    """None of a headless Service."""
    spec = service.get("spec") or {}
    found = spec.get("clusterIPs") or [spec.get("clusterIP")]
    return tuple(each for each in found if each and each != "None")


def _check(target: Target, address: str, forbidden: frozenset[Address], loopback: bool) -> None:
    why = why_refused(address, forbidden=forbidden, loopback=loopback)
    if why is not None:
        raise _no(target, why)


def _check_pod(target: Target, address: str, pods: Mapping[str, Mapping[str, Any]]) -> None:
    pod = pods.get(address)
    if pod is None:
        raise _no(target, f"its endpoint {address} is no pod that it selects")
    if (pod.get("spec") or {}).get("hostNetwork"):
        raise _no(target, f"its pod {pod['metadata']['name']} is on its node's network")


def _no(target: Target, why: str) -> Refused:
    return Refused(f"No load goes to the Service {target.service} in namespace {target.namespace}: {why}.", status=409)
