"""Validation of containers: names, images, ports, mounts, and what belongs to main or to init containers only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from localcluster import names
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.environment import validate_environment, validate_environment_sources
from localcluster.apiserver.admission.validating.handlers import port_faults, validate_lifecycle, validate_probe
from localcluster.apiserver.admission.validating.resources import validate_resources
from localcluster.apiserver.admission.validating.security import validate_container_security
from localcluster.apiserver.admission.validating.volumes import descending_path_faults
from localcluster.client import Object

_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_NOT_FOR_INIT = "may not be set for init containers without restartPolicy=Always"


def validate_containers(spec: Object, *, field: str, volumes: set[str]) -> list[Cause]:
    """All containers of a pod specification; names are unique across init and main ones."""
    causes: list[Cause] = []
    seen: set[str] = set()
    if not spec.get("containers"):
        causes.append(faults.required(f"{field}.containers"))
    for group in ("containers", "initContainers"):
        ports: set[str] = set()
        for index, container in enumerate(spec.get(group) or []):
            place = f"{field}.{group}[{index}]"
            causes += _name(container, field=f"{place}.name", seen=seen)
            causes += _container(container, spec, field=place, volumes=volumes)
            if group == "initContainers" and container.get("restartPolicy") != "Always":
                unfit = [name for name in ("lifecycle", *_PROBES) if name in container]
                causes += [faults.forbidden(f"{place}.{name}", _NOT_FOR_INIT) for name in unfit]
                ports = set()  # they run one after another
            else:
                causes += _hooks(container, field=place, grace=spec.get("terminationGracePeriodSeconds"))
            causes += _host_ports(container, field=place, taken=ports)
    return causes


def _name(container: Object, *, field: str, seen: set[str]) -> list[Cause]:
    name = container.get("name", "")
    if not name:
        return [faults.required(field)]
    if name in seen:
        return [faults.duplicate(field, name)]
    seen.add(name)
    return faults.each_invalid(field, name, names.label_faults(name))


def _container(container: Object, spec: Object, *, field: str, volumes: set[str]) -> Iterator[Cause]:
    if not container.get("image"):
        yield faults.required(f"{field}.image")
    message = container.get("terminationMessagePolicy")
    if message not in _MESSAGE_POLICIES:
        yield faults.unsupported(f"{field}.terminationMessagePolicy", message, _MESSAGE_POLICIES)
    yield from _ports(container.get("ports") or [], field=f"{field}.ports")
    yield from validate_environment(container.get("env") or [], field=f"{field}.env")
    yield from validate_environment_sources(container.get("envFrom") or [], field=f"{field}.envFrom")
    yield from _mounts(container, field=f"{field}.volumeMounts", volumes=volumes)
    if container.get("imagePullPolicy") not in _PULL_POLICIES:
        yield faults.unsupported(f"{field}.imagePullPolicy", container.get("imagePullPolicy"), _PULL_POLICIES)
    yield from validate_resources(container.get("resources") or {}, field=f"{field}.resources")
    context = container.get("securityContext") or {}
    host_users = spec.get("hostUsers") is not False
    yield from validate_container_security(context, field=f"{field}.securityContext", host_users=host_users)


def _hooks(container: Object, *, field: str, grace: int | None) -> Iterator[Cause]:
    yield from validate_lifecycle(container.get("lifecycle") or {}, field=f"{field}.lifecycle", grace=grace)
    for probe in _PROBES:
        if probe in container:
            yield from validate_probe(container[probe], field=f"{field}.{probe}", kind=probe)


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
        if port.get("hostPort"):
            yield from port_faults(f"{place}.hostPort", port["hostPort"])
        if port.get("protocol") not in _PROTOCOLS:
            yield faults.unsupported(f"{place}.protocol", port.get("protocol"), _PROTOCOLS)


def _host_ports(container: Object, *, field: str, taken: set[str]) -> Iterator[Cause]:
    for index, port in enumerate(container.get("ports") or []):
        if port.get("hostPort"):
            key = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if key in taken:
                yield faults.duplicate(f"{field}.ports[{index}].hostPort", key)
            taken.add(key)


def _mounts(container: Object, *, field: str, volumes: set[str]) -> Iterator[Cause]:
    """Kubernetes tells faults of sub-paths and propagation without the number of the mount."""
    seen: set[str] = set()
    for index, mount in enumerate(container.get("volumeMounts") or []):
        place, name, path = f"{field}[{index}]", mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            yield faults.required(f"{place}.name")
        if name not in volumes:
            yield faults.missing(f"{place}.name", name)
        if not path:
            yield faults.required(f"{place}.mountPath")
        if path in seen:
            yield faults.invalid(f"{place}.mountPath", path, "must be unique")
        seen.add(path)
        if mount.get("subPath") and mount.get("subPathExpr"):
            detail = "subPathExpr and subPath are mutually exclusive"
            yield faults.invalid(f"{place}.subPathExpr", mount["subPathExpr"], detail)
        for sub in ("subPath", "subPathExpr"):
            if mount.get(sub):
                yield from descending_path_faults(f"{field}.{sub}", mount[sub])
        yield from _propagation(mount, container, field=f"{field}.mountPropagation")


def _propagation(mount: Object, container: Object, *, field: str) -> Iterator[Cause]:
    wanted = mount.get("mountPropagation")
    if wanted is not None and wanted not in _PROPAGATIONS:
        yield faults.unsupported(field, wanted, _PROPAGATIONS)
    if wanted == "Bidirectional" and not (container.get("securityContext") or {}).get("privileged"):
        yield faults.forbidden(field, "Bidirectional mount propagation is available only to privileged containers")
