"""A container's environment and arguments from its spec, ConfigMaps, Secrets and the downward API.

Pure, but for `Sources`, which fetches what is referred to; must not start anything.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from localcluster import quantity
from localcluster.client import Client, Object
from localcluster.errors import ApiError
from localcluster.resources import CONFIG_MAPS, SECRETS, Resource

_REFERENCE = re.compile(r"\$(\$|\(([-._a-zA-Z0-9]+)\))")
_EVERY_ADDRESS = re.compile(r"(?<![\d.])0\.0\.0\.0(?![\d.])")
_SUBSCRIPT = re.compile(r"^metadata\.(labels|annotations)\['(.+)'\]$")


class ConfigError(Exception):
    """What kubelet tells as CreateContainerConfigError."""


class Sources:
    """ConfigMaps and Secrets of one namespace; each is fetched once."""

    def __init__(self, client: Client, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._known: dict[tuple[str, str], dict[str, bytes] | None] = {}

    async def config_map(self, name: str) -> dict[str, bytes] | None:
        """Its keys, or None when it is missing."""
        return await self._fetch(CONFIG_MAPS, name)

    async def secret(self, name: str) -> dict[str, bytes] | None:
        return await self._fetch(SECRETS, name)

    async def _fetch(self, resource: Resource, name: str) -> dict[str, bytes] | None:
        key = (resource.plural, name)
        if key not in self._known:
            self._known[key] = await self._get(resource, name)
        return self._known[key]

    async def _get(self, resource: Resource, name: str) -> dict[str, bytes] | None:
        try:
            found = await self._client.get(resource, name, namespace=self._namespace)
        except ApiError as error:
            if error.code == 404:
                return None
            raise
        if resource is SECRETS:
            return {key: base64.b64decode(value) for key, value in (found.get("data") or {}).items()}
        data = {key: value.encode() for key, value in (found.get("data") or {}).items()}
        binary = {key: base64.b64decode(value) for key, value in (found.get("binaryData") or {}).items()}
        return data | binary


async def container_environment(
    pod: Object, container: Object, sources: Sources, *, base: Mapping[str, str], pod_ip: str, host_ip: str,
    allocatable: Mapping[str, str],
) -> dict[str, str]:  # fmt: skip
    """`base` (image, services), then `envFrom`, then `env`, later ones winning, `$(NAME)` expanded."""
    environment = dict(base)
    for entry in container.get("envFrom") or ():
        environment.update(await _from_source(entry, sources))
    for entry in container.get("env") or ():
        name = entry["name"]
        if "valueFrom" in entry:
            value = _from_pod(entry["valueFrom"], pod, container, pod_ip, host_ip, allocatable)
            if value is None:
                value = await _from_key(entry["valueFrom"], sources, namespace=pod["metadata"]["namespace"])
            if value is None:
                continue
            environment[name] = value
        else:
            environment[name] = expand(entry.get("value", ""), environment)
    return {name: bind_to(value, pod_ip) for name, value in environment.items()}


async def _from_source(entry: Mapping[str, Any], sources: Sources) -> dict[str, str]:
    prefix = entry.get("prefix", "")
    if "configMapRef" in entry:
        kind, reference = "configmap", entry["configMapRef"]
        found = await sources.config_map(reference["name"])
    else:
        kind, reference = "secret", entry["secretRef"]
        found = await sources.secret(reference["name"])
    if found is None:
        if reference.get("optional"):
            return {}
        raise ConfigError(f'{kind} "{reference["name"]}" not found')
    return {prefix + key: value.decode(errors="replace") for key, value in found.items()}


def _from_pod(
    source: Mapping[str, Any], pod: Object, container: Object, pod_ip: str, host_ip: str,
    allocatable: Mapping[str, str],
) -> str | None:  # fmt: skip
    """The downward API; None for what it does not answer."""
    if "fieldRef" in source:
        return field_value(pod, source["fieldRef"]["fieldPath"], pod_ip=pod_ip, host_ip=host_ip)
    if "resourceFieldRef" in source:
        return resource_value(pod, source["resourceFieldRef"], own=container, allocatable=allocatable)
    return None


async def _from_key(source: Mapping[str, Any], sources: Sources, *, namespace: str) -> str | None:
    """None for an optional key that is missing."""
    if "configMapKeyRef" in source:
        kind, reference = "configmap", source["configMapKeyRef"]
        found = await sources.config_map(reference["name"])
        label = "ConfigMap"
    else:
        kind, reference = "secret", source["secretKeyRef"]
        found = await sources.secret(reference["name"])
        label = "Secret"
    key = reference["key"]
    if found is not None and key in found:
        return found[key].decode(errors="replace")
    if reference.get("optional"):
        return None
    if found is None:
        raise ConfigError(f'{kind} "{reference["name"]}" not found')
    raise ConfigError(f"couldn't find key {key} in {label} {namespace}/{reference['name']}")


def field_value(pod: Object, path: str, *, pod_ip: str = "", host_ip: str = "") -> str:
    """A `fieldRef`; labels and annotations as a whole are told as `key="value"` lines."""
    metadata, spec = pod["metadata"], pod["spec"]
    subscript = _SUBSCRIPT.match(path)
    if subscript:
        return str((metadata.get(subscript[1]) or {}).get(subscript[2], ""))
    if path in {"metadata.labels", "metadata.annotations"}:
        entries = metadata.get(path.removeprefix("metadata.")) or {}
        return "\n".join(f'{key}="{_escaped(value)}"' for key, value in sorted(entries.items()))
    values = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", ""),
        "status.podIP": pod_ip,
        "status.podIPs": pod_ip,
        "status.hostIP": host_ip,
        "status.hostIPs": host_ip,
    }
    if path not in values:
        raise ConfigError(f"unsupported fieldPath: {path}")
    return str(values[path])


def resource_value(
    pod: Object, reference: Mapping[str, Any], *, own: Object | None = None, allocatable: Mapping[str, str]
) -> str:
    """A `resourceFieldRef`: the limit or request divided by `divisor`, rounded up.

    `own`: the container that asks, if one does. What has no limit may use all that is `allocatable`.
    """
    spec, name = pod["spec"], reference.get("containerName")
    named = [one for one in (*spec["containers"], *(spec.get("initContainers") or ())) if one["name"] == name]
    container = named[0] if named else own
    if container is None:
        raise ConfigError(f"container {name} not found")
    side, _, resource = reference["resource"].partition(".")
    amount = ((container.get("resources") or {}).get(side) or {}).get(resource)
    if amount is None and side == "limits":
        amount = allocatable.get(resource)
    divisor = quantity.parse(reference.get("divisor") or "1") or Decimal(1)
    value = quantity.parse(amount) if amount is not None else Decimal(0)
    return str(int((value / divisor).to_integral_value(ROUND_CEILING)))


def expand(text: str, environment: Mapping[str, str]) -> str:
    """`$(NAME)` becomes its value when known, `$$` a dollar; all else stays."""

    def replaced(match: re.Match[str]) -> str:
        if match[1] == "$":
            return "$"
        return environment.get(match[2], match[0])

    return _REFERENCE.sub(replaced, text)


def bind_to(text: str, address: str) -> str:
    """Pods share the machine's network, so "every address" becomes the pod's own."""
    return _EVERY_ADDRESS.sub(address, text)


def service_variables(services: Iterable[Object]) -> dict[str, str]:
    """What `enableServiceLinks` gives: `<NAME>_SERVICE_HOST` and the older link variables."""
    variables: dict[str, str] = {}
    for service in services:
        address = service["spec"].get("clusterIP")
        ports = service["spec"].get("ports") or ()
        if not address or address == "None" or not ports:
            continue
        name = _variable(service["metadata"]["name"])
        variables[f"{name}_SERVICE_HOST"] = address
        variables[f"{name}_SERVICE_PORT"] = str(ports[0]["port"])
        variables[f"{name}_PORT"] = f"tcp://{address}:{ports[0]['port']}"
        for port in ports:
            if port.get("name"):
                variables[f"{name}_SERVICE_PORT_{_variable(port['name'])}"] = str(port["port"])
            prefix = f"{name}_PORT_{port['port']}_TCP"
            variables[prefix] = f"tcp://{address}:{port['port']}"
            variables[f"{prefix}_PROTO"] = "tcp"
            variables[f"{prefix}_PORT"] = str(port["port"])
            variables[f"{prefix}_ADDR"] = address
    return variables


def api_server_variables(host: str, port: int) -> dict[str, str]:
    """KUBERNETES_*, which every container gets."""
    service = {
        "metadata": {"name": "kubernetes"},
        "spec": {"clusterIP": host, "ports": [{"name": "https", "port": port}]},
    }
    return service_variables([service])


def _variable(name: str) -> str:
    return name.upper().replace("-", "_").replace(".", "_")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
