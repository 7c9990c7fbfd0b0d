"""Validation of containers: names, images, ports, environment, mounts, resources, probes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from localcluster import names, quantity
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.client import Object

_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_PROBE_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def validate_containers(spec: Object, *, field: str, volumes: set[str]) -> list[Cause]:
    """All containers of a pod specification; names are unique across init and main ones."""
    causes: list[Cause] = []
    seen: set[str] = set()
    if not spec.get("containers"):
        causes.append(faults.required(f"{field}.containers"))
    for group in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(group) or []):
            place = f"{field}.{group}[{index}]"
            name = container.get("name", "")
            if not name:
                causes.append(faults.required(f"{place}.name"))
            elif name in seen:
                causes.append(faults.duplicate(f"{place}.name", name))
            else:
                causes += faults.each_invalid(f"{place}.name", name, names.label_faults(name))
            seen.add(name)
            causes += _container(container, field=place, volumes=volumes)
    return causes


def validate_resources(resources: Object, *, field: str) -> list[Cause]:
    """No negative amounts, no request above its limit."""
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    causes: list[Cause] = []
    for bound, found in (("limits", limits), ("requests", requests)):
        for name, text in found.items():
            if quantity.parse(text) < 0:
                causes.append(faults.invalid(f"{field}.{bound}[{name}]", text, "must be greater than or equal to 0"))
    for name, text in requests.items():
        if name in limits and quantity.parse(text) > quantity.parse(limits[name]):
            detail = f"must be less than or equal to {name} limit of {limits[name]}"
            causes.append(faults.invalid(f"{field}.requests", text, detail))
    return causes


def port_faults(field: str, value: Any) -> list[Cause]:
    """A port by number, or by the name of a container's port."""
    if isinstance(value, str) and value:
        return faults.each_invalid(field, value, names.port_name_faults(value))
    return faults.in_range(field, value or 0, low=1, high=65535)


def _container(container: Object, *, field: str, volumes: set[str]) -> Iterator[Cause]:
    if not container.get("image"):
        yield faults.required(f"{field}.image")
    yield from _ports(container.get("ports") or [], field=f"{field}.ports")
    yield from _environment(container.get("env") or [], field=f"{field}.env")
    yield from _mounts(container.get("volumeMounts") or [], field=f"{field}.volumeMounts", volumes=volumes)
    if container.get("imagePullPolicy") not in _PULL_POLICIES:
        yield faults.unsupported(f"{field}.imagePullPolicy", container.get("imagePullPolicy"), _PULL_POLICIES)
    yield from validate_resources(container.get("resources") or {}, field=f"{field}.resources")
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if probe in container:
            yield from _probe(container[probe], field=f"{field}.{probe}", once=probe != "readinessProbe")


def _ports(ports: Iterable[Object], *, field: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, port in enumerate(ports):
        place, name = f"{field}[{index}]", port.get("name")
        if name:
            yield from faults.each_invalid(f"{place}.name", name, names.port_name_faults(name))
            if name in seen:
                yield faults.duplicate(f"{place}.name", name)
            seen.add(name)
        if not port.get("containerPort"):
            yield faults.required(f"{place}.containerPort")
        else:
            yield from port_faults(f"{place}.containerPort", port["containerPort"])
        if port.get("protocol") not in _PROTOCOLS:
            yield faults.unsupported(f"{place}.protocol", port.get("protocol"), _PROTOCOLS)


def _environment(variables: Iterable[Object], *, field: str) -> Iterator[Cause]:
    for index, variable in enumerate(variables):
        place, name = f"{field}[{index}]", variable.get("name", "")
        if not name:
            yield faults.required(f"{place}.name")
        else:
            yield from faults.each_invalid(f"{place}.name", name, names.environment_name_faults(name))
        source = variable.get("valueFrom")
        if source is None:
            continue
        if variable.get("value"):
            yield faults.invalid(f"{place}.valueFrom", "", "may not be specified when `value` is not empty")
        if len(source) != 1:
            detail = (
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            )
            yield faults.invalid(f"{place}.valueFrom", "", detail)
        for reference in ("configMapKeyRef", "secretKeyRef"):
            for key in ("name", "key"):
                if reference in source and not source[reference].get(key):
                    yield faults.required(f"{place}.valueFrom.{reference}.{key}")


def _mounts(mounts: Iterable[Object], *, field: str, volumes: set[str]) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, mount in enumerate(mounts):
        place, name, path = f"{field}[{index}]", mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            yield faults.required(f"{place}.name")
        elif name not in volumes:
            yield faults.missing(f"{place}.name", name)
        if not path:
            yield faults.required(f"{place}.mountPath")
        elif path in seen:
            yield faults.invalid(f"{place}.mountPath", path, "must be unique")
        seen.add(path)


def _probe(probe: Object, *, field: str, once: bool) -> Iterator[Cause]:
    handlers = [name for name in _HANDLERS if name in probe]
    if not handlers:
        yield faults.required(field, "must specify a handler type")
    for extra in handlers[1:]:
        yield faults.forbidden(f"{field}.{extra}", "may not specify more than 1 handler type")
    if "exec" in probe and not probe["exec"].get("command"):
        yield faults.required(f"{field}.exec.command")
    for name in ("httpGet", "tcpSocket"):
        if name in probe:
            yield from port_faults(f"{field}.{name}.port", probe[name].get("port"))
    for number in _PROBE_NUMBERS:
        yield from faults.not_negative(f"{field}.{number}", probe.get(number))
    if once and probe.get("successThreshold", 1) != 1:
        yield faults.invalid(f"{field}.successThreshold", probe["successThreshold"], "must be 1")
