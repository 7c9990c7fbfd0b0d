"""The EndpointSlices a Service should have, from its pods. Pure."""

from __future__ import annotations

from typing import Any

from localcluster.client import Object
from localcluster.controllers.meta import controller_reference, is_terminating, name_of, namespace_of, status_of, uid_of
from localcluster.controllers.pods import is_finished, is_ready
from localcluster.resources import SERVICES

MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"
SERVICE_NAME = "kubernetes.io/service-name"
HEADLESS = "service.kubernetes.io/headless"
TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time"

Ports = list[dict[str, Any]]
Endpoints = list[dict[str, Any]]
Moments = dict[str, str]

_PORT_PARTS = ("name", "protocol", "port", "appProtocol")


def desired(service: Object, pods: list[Object]) -> list[tuple[Ports, Endpoints]]:
    """Endpoints grouped by the ports they offer: a named port may be another number in another pod.

    One empty group when there is no endpoint, so that the Service has a slice from the start.
    """
    groups: list[tuple[Ports, Endpoints]] = []
    for pod in pods:
        if is_finished(pod) or not status_of(pod).get("podIP"):
            continue
        ports = _ports(service, pod)
        for known, endpoints in groups:
            if known == ports:
                endpoints.append(_endpoint(service, pod))
                break
        else:
            groups.append((ports, [_endpoint(service, pod)]))
    return groups or [([], [])]


def in_old_order(endpoints: Endpoints, current: Endpoints) -> Endpoints:
    """Those already there keep their places, new ones follow: a change of one endpoint then reads as one."""
    places = {_identity(endpoint): index for index, endpoint in enumerate(current)}
    return sorted(endpoints, key=lambda endpoint: places.get(_identity(endpoint), len(places)))


def new_slice(service: Object, ports: Ports, endpoints: Endpoints, *, trigger_time: str | None) -> Object:
    """A slice to create."""
    metadata: dict[str, Any] = {
        "generateName": f"{name_of(service)}-",
        "namespace": namespace_of(service),
        "labels": labels_for(service),
        "ownerReferences": [controller_reference(service, api_version=SERVICES.api_version, kind=SERVICES.kind)],
    }
    if trigger_time:
        metadata["annotations"] = {TRIGGER_TIME: trigger_time}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata,
        "addressType": "IPv4",
        "endpoints": endpoints or None,
        "ports": ports or None,
    }


def labels_for(service: Object) -> dict[str, str]:
    labels = {key: value for key, value in (service["metadata"].get("labels") or {}).items() if key != HEADLESS}
    labels |= {MANAGED_BY: MANAGER, SERVICE_NAME: name_of(service)}
    if service["spec"].get("clusterIP") == "None":
        labels[HEADLESS] = ""
    return labels


def moments(service: Object, pods: list[Object]) -> Moments:
    """When readiness last changed, by pod; and, under no name, when the Service was made."""
    found = {"": str(service["metadata"].get("creationTimestamp", ""))}
    for pod in pods:
        conditions = status_of(pod).get("conditions") or []
        ready = next((one for one in conditions if one["type"] == "Ready"), None)
        if ready is not None and ready.get("lastTransitionTime"):
            found[name_of(pod)] = str(ready["lastTransitionTime"])
    return found


def trigger_time(now: Moments, *, before: Moments | None) -> str | None:
    """The earliest of the moments that are new since the last look; at the first look the Service's own."""
    if before is None:
        return now[""]
    return min((moment for name, moment in now.items() if moment > before.get(name, "")), default=None)


def _ports(service: Object, pod: Object) -> Ports:
    ports: Ports = []
    for port in service["spec"].get("ports") or []:
        number = target_port(port, pod)
        if number is not None:
            described = {**port, "name": port.get("name", ""), "protocol": port.get("protocol", "TCP"), "port": number}
            ports.append({part: described[part] for part in _PORT_PARTS if part in described})
    return ports


def target_port(port: dict[str, Any], pod: Object) -> int | None:
    """The number `targetPort` means in this pod; None when the pod has no port of that name."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target or int(port["port"])
    for container in pod["spec"].get("containers") or []:
        for offered in container.get("ports") or []:
            if offered.get("name") == target and offered.get("protocol", "TCP") == port.get("protocol", "TCP"):
                return int(offered["containerPort"])
    return None


def _endpoint(service: Object, pod: Object) -> dict[str, Any]:
    serving, terminating = is_ready(pod), is_terminating(pod)
    published = bool(service["spec"].get("publishNotReadyAddresses"))
    endpoint: dict[str, Any] = {
        "addresses": [status_of(pod)["podIP"]],
        "conditions": {
            "ready": published or (serving and not terminating),
            "serving": serving,
            "terminating": terminating,
        },
        "targetRef": {"kind": "Pod", "namespace": namespace_of(pod), "name": name_of(pod), "uid": uid_of(pod)},
    }
    if pod["spec"].get("nodeName"):
        endpoint["nodeName"] = pod["spec"]["nodeName"]
    if pod["spec"].get("hostname") and pod["spec"].get("subdomain") == name_of(service):
        endpoint["hostname"] = pod["spec"]["hostname"]
    return endpoint


def _identity(endpoint: dict[str, Any]) -> str:
    return str((endpoint.get("targetRef") or {}).get("uid", ""))
