"""Validation of security contexts, of pods and of containers: whether they make sense, not whether they are allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.volumes import descending_path_faults
from localcluster.client import Object

_MOST_ID = 2**31 - 1
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_PROC_MOUNTS = ("Default", "Unmasked")
_GROUP_CHANGES = ("Always", "OnRootMismatch")
_GROUP_POLICIES = ("Merge", "Strict")
_SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_MOST_SYSCTL = 253


def validate_pod_security(context: Object, spec: Object, *, field: str) -> Iterator[Cause]:
    """`securityContext` of a pod."""
    for name in ("runAsUser", "runAsGroup", "fsGroup"):
        yield from _id(context.get(name), field=f"{field}.{name}")
    for index, group in enumerate(context.get("supplementalGroups") or []):
        yield from _id(group, field=f"{field}.supplementalGroups[{index}]")
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield faults.invalid(f"{field}.shareProcessNamespace", True, detail)
    yield from _sysctls(context.get("sysctls") or [], field=f"{field}.sysctls")
    for name, known in (("fsGroupChangePolicy", _GROUP_CHANGES), ("supplementalGroupsPolicy", _GROUP_POLICIES)):
        if name in context and context[name] not in known:
            yield faults.unsupported(f"{field}.{name}", context[name], known)
    yield from _seccomp(context.get("seccompProfile"), field=f"{field}.seccompProfile")
    yield from _app_armor(context.get("appArmorProfile"), field=f"{field}.appArmorProfile")


def validate_container_security(context: Object, *, field: str, host_users: bool) -> Iterator[Cause]:
    """`securityContext` of a container; `host_users`: whether the pod shares the machine's users."""
    for name in ("runAsUser", "runAsGroup"):
        yield from _id(context.get(name), field=f"{field}.{name}")
    mount = context.get("procMount")
    if mount is not None and mount not in _PROC_MOUNTS:
        yield faults.unsupported(f"{field}.procMount", mount, _PROC_MOUNTS)
    if mount == "Unmasked" and host_users:
        yield faults.invalid(f"{field}.procMount", mount, "`hostUsers` must be false to use `Unmasked`")
    yield from _seccomp(context.get("seccompProfile"), field=f"{field}.seccompProfile")
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            yield faults.invalid(field, context, detail)
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            yield faults.invalid(field, context, detail)
    yield from _app_armor(context.get("appArmorProfile"), field=f"{field}.appArmorProfile")


def _id(number: int | None, *, field: str) -> list[Cause]:
    return [] if number is None else faults.in_range(field, number, low=0, high=_MOST_ID)


def _seccomp(profile: Object | None, *, field: str) -> Iterator[Cause]:
    if profile is None:
        return
    kind, local = profile.get("type", ""), profile.get("localhostProfile")
    if not kind:
        yield faults.required(f"{field}.type", "type is required when seccompProfile is set")
    elif kind not in _PROFILES:
        yield faults.unsupported(f"{field}.type", kind, _PROFILES)
    place = f"{field}.localhostProfile"
    if kind != "Localhost":
        if local is not None:
            yield faults.invalid(place, profile, "can only be set when seccomp type is Localhost")
    elif local is None:
        yield faults.required(place, "must be set when seccomp type is Localhost")
    else:
        yield from descending_path_faults(place, local)


def _app_armor(profile: Object | None, *, field: str) -> Iterator[Cause]:
    if profile is None:
        return
    kind, local = profile.get("type", ""), profile.get("localhostProfile")
    if not kind:
        yield faults.required(f"{field}.type", "type is required when appArmorProfile is set")
    elif kind not in _PROFILES:
        yield faults.unsupported(f"{field}.type", kind, _PROFILES)
    place = f"{field}.localhostProfile"
    if kind == "Localhost" and not local:
        yield faults.required(place, "must be set when AppArmor type is Localhost")
    elif kind != "Localhost" and local is not None:
        yield faults.invalid(place, local, "can only be set when AppArmor type is Localhost")


def _sysctls(sysctls: list[Object], *, field: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, sysctl in enumerate(sysctls):
        place, name = f"{field}[{index}].name", sysctl.get("name", "")
        if not name:
            yield faults.required(place)
        elif len(name) > _MOST_SYSCTL or not re.fullmatch(_SYSCTL, name):
            rule = f"must have at most {_MOST_SYSCTL} characters and match regex ^{_SYSCTL}$"
            yield faults.invalid(place, name, rule)
        elif name in seen:
            yield faults.duplicate(place, name)
        seen.add(name)
