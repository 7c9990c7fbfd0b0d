"""What every cluster has from the start: default namespaces and the Service `kubernetes`."""

from __future__ import annotations

from localcluster.apiserver.options import WriteOptions
from localcluster.apiserver.registry import Registry
from localcluster.client import Object
from localcluster.resources import ENDPOINT_SLICES, NAMESPACES, SERVICES

_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_KUBERNETES = ("default", "kubernetes")
_API_SERVER = WriteOptions("kube-apiserver")


async def create_defaults(registry: Registry, *, host: str, port: int) -> None:
    """The cluster's own objects, as far as an earlier run has not left them."""
    for name in _NAMESPACES:
        if registry.storage.get(NAMESPACES, ("", name)) is None:
            await registry.create(NAMESPACES, {"metadata": {"name": name}}, options=_API_SERVER)
    if registry.storage.get(SERVICES, _KUBERNETES) is None:
        service = _kubernetes_service(registry.allocator.first_ip)
        await registry.create(SERVICES, service, namespace="default", options=_API_SERVER)
    endpoints = _kubernetes_slice(host, port)
    if registry.storage.get(ENDPOINT_SLICES, _KUBERNETES) is None:
        await registry.create(ENDPOINT_SLICES, endpoints, namespace="default", options=_API_SERVER)
    else:
        await registry.update(ENDPOINT_SLICES, "kubernetes", endpoints, namespace="default", options=_API_SERVER)


def _kubernetes_service(address: str) -> Object:
    return {
        "metadata": {"name": "kubernetes", "labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {
            "type": "ClusterIP",
            "clusterIP": address,
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 443}],
        },
    }


def _kubernetes_slice(host: str, port: int) -> Object:
    return {
        "metadata": {"name": "kubernetes", "labels": {"kubernetes.io/service-name": "kubernetes"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [host], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": port, "protocol": "TCP"}],
    }
