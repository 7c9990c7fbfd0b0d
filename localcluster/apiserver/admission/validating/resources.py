"""Validation of amounts by resource name: what a container, a limit or a quota may name."""

from __future__ import annotations

from collections.abc import Mapping

from localcluster import names, quantity
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.client import Object

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_COUNTS = (
    "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims",
    "services.nodeports", "services.loadbalancers",
)  # fmt: skip
_PREFIXED = tuple(f"{bound}.{name}" for bound in ("requests", "limits") for name in _COMPUTE)
_QUOTA = frozenset((*_COMPUTE, *_PREFIXED, *_COUNTS, "requests.storage"))
_STANDARD = _QUOTA | {"storage"}
_HUGE = "hugepages-"
_NATIVE = "kubernetes.io/"


def validate_resources(resources: Object, *, field: str) -> list[Cause]:
    """`resources` of a container: known names, no negative amounts, no request above its limit."""
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    causes = container_amounts(limits, field=f"{field}.limits")
    for name, text in requests.items():
        causes += container_amounts({name: text}, field=f"{field}.requests")
        causes += _request_against_limit(name, text, limits, field=field)
    return causes


def container_amounts(found: Mapping[str, str], *, field: str) -> list[Cause]:
    """Amounts by names that containers may ask for."""
    causes: list[Cause] = []
    for name, text in found.items():
        causes += container_name_faults(name, field=f"{field}[{name}]") + amount_faults(name, text, field=field)
    return causes


def quota_amounts(found: Mapping[str, str], *, field: str) -> list[Cause]:
    """Amounts by names that a ResourceQuota may limit."""
    causes: list[Cause] = []
    for name, text in found.items():
        place = f"{field}[{name}]"
        causes += name_faults(name, field=place)
        if "/" not in name and not _is_quota_name(name):
            causes.append(faults.invalid(place, name, "must be a standard resource for quota"))
        causes += amount_faults(name, text, field=field)
    return causes


def name_faults(name: str, *, field: str) -> list[Cause]:
    """A resource name of any use."""
    causes = faults.each_invalid(field, name, names.label_key_faults(name))
    if not causes and "/" not in name and not _is_standard(name):
        causes.append(faults.invalid(field, name, "must be a standard resource type or fully qualified"))
    return causes


def container_name_faults(name: str, *, field: str) -> list[Cause]:
    """A resource name as containers use them."""
    causes = name_faults(name, field=field)
    if "/" not in name:
        if name not in _COMPUTE and not name.startswith(_HUGE):
            causes.append(faults.invalid(field, name, "must be a standard resource for containers"))
    elif _NATIVE not in name and not _is_extended(name):
        causes.append(faults.invalid(field, name, "doesn't follow extended resource name standard"))
    return causes


def amount_faults(name: str, text: str, *, field: str) -> list[Cause]:
    """Not below zero, and whole where only whole ones can be counted."""
    place, value = f"{field}[{name}]", quantity.parse(text)
    causes: list[Cause] = []
    if value < 0:
        causes.append(faults.invalid(place, text, "must be greater than or equal to 0"))
    if (name in _COUNTS or _is_extended(name)) and value != value.to_integral_value():
        causes.append(faults.invalid(place, text, "must be an integer"))
    return causes


def overcommits(name: str) -> bool:
    """Whether more of it may be promised than there is, so that a request may be below its limit."""
    return ("/" not in name or _NATIVE in name) and not name.startswith(_HUGE)


def is_standard_for_quota(name: str) -> bool:
    """Whether Kubernetes itself counts it by this name; scopes are judged for such names only."""
    return _is_quota_name(name)


def _request_against_limit(name: str, text: str, limits: Mapping[str, str], *, field: str) -> list[Cause]:
    place = f"{field}.requests"
    if name not in limits:
        if overcommits(name):
            return []
        return [faults.required(f"{field}.limits", "Limit must be set for non overcommitable resources")]
    wanted, most = quantity.parse(text), quantity.parse(limits[name])
    if wanted != most and not overcommits(name):
        return [faults.invalid(place, text, f"must be equal to {name} limit of {limits[name]}")]
    if wanted > most:
        return [faults.invalid(place, text, f"must be less than or equal to {name} limit of {limits[name]}")]
    return []


def _is_quota_name(name: str) -> bool:
    return name in _QUOTA or name.startswith((_HUGE, f"requests.{_HUGE}"))


def _is_standard(name: str) -> bool:
    return name in _STANDARD or _is_quota_name(name)


def _is_extended(name: str) -> bool:
    """A device or the like, by the domain of who offers it."""
    if "/" not in name or _NATIVE in name or name.startswith("requests."):
        return False
    return not names.label_key_faults(f"requests.{name}")
