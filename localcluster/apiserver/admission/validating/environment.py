"""Validation of a container's environment, and of references to fields of the pod and resources of its containers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from localcluster import names
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.client import Object

_VARIABLE_PATHS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP",
    "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
FILE_PATHS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
_KNOWN_PATHS = frozenset(
    {*_VARIABLE_PATHS, *FILE_PATHS, "spec.restartPolicy", "spec.schedulerName", "spec.host", "status.phase"}
)
_RESOURCES = tuple(
    f"{bound}.{name}" for bound in ("limits", "requests") for name in ("cpu", "ephemeral-storage", "memory")
)
_HUGE = ("limits.hugepages-", "requests.hugepages-")
_DIVISORS = {
    "cpu": ("1m", "1"),
    "memory": ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"),
}
_DIVISOR_RULES = {
    "cpu": "only divisor's values 1m and 1 are supported with the cpu resource",
    "memory": f"only divisor's values {', '.join(_DIVISORS['memory'])} are supported with the memory resource",
}
_ONE_SOURCE = "may not have more than one field specified at a time"
_NO_SOURCE = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"


def validate_environment(variables: Iterable[Object], *, field: str) -> Iterator[Cause]:
    """`env` of a container."""
    for index, variable in enumerate(variables):
        place, name = f"{field}[{index}]", variable.get("name", "")
        if not name:
            yield faults.required(f"{place}.name")
        else:
            yield from faults.each_invalid(f"{place}.name", name, names.environment_name_faults(name))
        if variable.get("valueFrom") is not None:
            yield from _value_from(variable, field=f"{place}.valueFrom")


def validate_environment_sources(sources: Iterable[Object], *, field: str) -> Iterator[Cause]:
    """`envFrom` of a container."""
    for index, source in enumerate(sources):
        place, prefix = f"{field}[{index}]", source.get("prefix")
        if prefix:
            yield from faults.each_invalid(f"{place}.prefix", prefix, names.environment_name_faults(prefix))
        found = [name for name in ("configMapRef", "secretRef") if name in source]
        for name in found:
            wanted = source[name].get("name", "")
            if not wanted:
                yield faults.required(f"{place}.{name}.name")
            else:
                yield from faults.each_invalid(f"{place}.{name}.name", wanted, names.subdomain_faults(wanted))
        if not found:
            yield faults.invalid(field, "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(found) > 1:
            yield faults.invalid(field, "", _ONE_SOURCE)


def validate_field_reference(reference: Object, *, field: str, paths: tuple[str, ...]) -> Iterator[Cause]:
    """`fieldRef`: one of `paths`, or one label or annotation."""
    path = reference.get("fieldPath", "")
    if not path:
        yield faults.required(f"{field}.fieldPath")
        return
    subscripted = re.fullmatch(r"(.+)\['(.*)'\]", path)
    known = subscripted[1] if subscripted else path
    if known not in _KNOWN_PATHS:
        yield faults.invalid(
            f"{field}.fieldPath", path, f"error converting fieldPath: field label not supported: {path}"
        )
    elif subscripted is None:
        if path not in paths:
            yield faults.unsupported(f"{field}.fieldPath", path, paths)
    elif known == "metadata.annotations":
        yield from faults.each_invalid(field, subscripted[2].lower(), names.label_key_faults(subscripted[2].lower()))
    elif known == "metadata.labels":
        yield from faults.each_invalid(field, subscripted[2], names.label_key_faults(subscripted[2]))
    else:
        yield faults.invalid(field, known, "does not support subscript")


def validate_resource_reference(reference: Object, *, field: str, names_container: bool) -> Iterator[Cause]:
    """`resourceFieldRef`; a volume must say of which container, as `names_container` tells."""
    resource = reference.get("resource", "")
    if names_container and not reference.get("containerName"):
        yield faults.required(f"{field}.containerName")
    elif not resource:
        yield faults.required(f"{field}.resource")
    elif resource not in _RESOURCES and not resource.startswith(_HUGE):
        yield faults.unsupported(f"{field}.resource", resource, _RESOURCES)
    divisor, of = reference.get("divisor", "0"), resource.partition(".")[2]
    if divisor != "0" and of in _DIVISORS and divisor not in _DIVISORS[of]:
        yield faults.invalid(f"{field}.divisor", resource, _DIVISOR_RULES[of])


def _value_from(variable: Object, *, field: str) -> Iterator[Cause]:
    source = variable["valueFrom"]
    if "fieldRef" in source:
        yield from validate_field_reference(source["fieldRef"], field=f"{field}.fieldRef", paths=_VARIABLE_PATHS)
    if "resourceFieldRef" in source:
        place = f"{field}.resourceFieldRef"
        yield from validate_resource_reference(source["resourceFieldRef"], field=place, names_container=False)
    for name in ("configMapKeyRef", "secretKeyRef"):
        if name in source:
            yield from _key_reference(source[name], field=f"{field}.{name}")
    if not source:
        yield faults.invalid(field, "", _NO_SOURCE)
    elif variable.get("value"):
        yield faults.invalid(field, "", "may not be specified when `value` is not empty")
    elif len(source) > 1:
        yield faults.invalid(field, "", _ONE_SOURCE)


def _key_reference(reference: Object, *, field: str) -> Iterator[Cause]:
    name, key = reference.get("name", ""), reference.get("key", "")
    yield from faults.each_invalid(f"{field}.name", name, names.subdomain_faults(name))
    if not key:
        yield faults.required(f"{field}.key")
    else:
        yield from faults.each_invalid(f"{field}.key", key, names.config_key_faults(key))
