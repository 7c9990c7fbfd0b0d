"""Validation of pod specifications, alone and within templates, and of changes to pods."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from localcluster import names
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.containers import validate_containers
from localcluster.apiserver.admission.validating.metadata import validate_labels
from localcluster.client import Object

RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
_UPDATE_RULE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def validate_pod(obj: Object) -> list[Cause]:
    return validate_pod_spec(obj["spec"], field="spec")


def validate_template(template: Object, *, field: str, claims: Iterable[str] = ()) -> list[Cause]:
    """Labels and specification of `spec.template`; `claims` become volumes of each pod."""
    labels = (template.get("metadata") or {}).get("labels") or {}
    causes = validate_labels(labels, field=f"{field}.labels")
    return causes + validate_pod_spec(template.get("spec") or {}, field=f"{field}.spec", claims=claims)


def validate_pod_spec(spec: Object, *, field: str, claims: Iterable[str] = ()) -> list[Cause]:
    """Volumes, containers and the policies around them."""
    causes, volumes = _volumes(spec.get("volumes") or [], field=f"{field}.volumes")
    causes += validate_containers(spec, field=field, volumes=volumes.union(claims))
    if spec.get("restartPolicy") not in RESTART_POLICIES:
        causes.append(faults.unsupported(f"{field}.restartPolicy", spec.get("restartPolicy"), RESTART_POLICIES))
    if spec.get("dnsPolicy") not in _DNS_POLICIES:
        causes.append(faults.unsupported(f"{field}.dnsPolicy", spec.get("dnsPolicy"), _DNS_POLICIES))
    causes += validate_labels(spec.get("nodeSelector") or {}, field=f"{field}.nodeSelector")
    account = spec.get("serviceAccountName")
    if account:
        causes += faults.each_invalid(f"{field}.serviceAccountName", account, names.subdomain_faults(account))
    causes += faults.not_negative(f"{field}.terminationGracePeriodSeconds", spec.get("terminationGracePeriodSeconds"))
    for name in ("hostname", "subdomain"):
        if spec.get(name):
            causes += faults.each_invalid(f"{field}.{name}", spec[name], names.label_faults(spec[name]))
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and deadline < 1:
        limit = 2**31 - 1
        causes += faults.in_range(f"{field}.activeDeadlineSeconds", deadline, low=1, high=limit)
    return causes


def validate_pod_update(old: Object, new: Object) -> list[Cause]:
    """A pod's specification is fixed but for images, deadlines, more tolerations and, once, its node."""
    if _mutable_blanked(old, new) == new["spec"]:
        return []
    return [faults.forbidden("spec", _UPDATE_RULE)]


def _mutable_blanked(old: Object, new: Object) -> Object:
    """The old specification with everything the new one may choose taken from the new one."""
    spec: Object = copy.deepcopy(old["spec"])
    for name in ("activeDeadlineSeconds", "ephemeralContainers"):
        _take(spec, new["spec"], name)
    for field in ("containers", "initContainers"):
        for mine, theirs in zip(spec.get(field) or [], new["spec"].get(field) or [], strict=False):
            _take(mine, theirs, "image")
            _take(mine, theirs, "resources")  # the resize of a running pod
    if not spec.get("nodeName"):
        _take(spec, new["spec"], "nodeName")  # the scheduler's binding
    tolerations = new["spec"].get("tolerations") or []
    if all(toleration in tolerations for toleration in spec.get("tolerations") or []):
        _take(spec, new["spec"], "tolerations")
    return spec


def _take(target: Object, source: Object, name: str) -> None:
    target.pop(name, None)
    if name in source:
        target[name] = source[name]


def _volumes(volumes: Sequence[Object], *, field: str) -> tuple[list[Cause], set[str]]:
    causes: list[Cause] = []
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        place, name = f"{field}[{index}]", volume.get("name", "")
        if not name:
            causes.append(faults.required(f"{place}.name"))
        elif name in seen:
            causes.append(faults.duplicate(f"{place}.name", name))
        else:
            causes += faults.each_invalid(f"{place}.name", name, names.label_faults(name))
        seen.add(name)
        causes += _volume_source(volume, field=place)
    return causes, seen


def _volume_source(volume: Object, *, field: str) -> Iterator[Cause]:
    sources = sorted(set(volume) - {"name"})
    if not sources:
        yield faults.required(field, "must specify a volume type")
    for extra in sources[1:]:
        yield faults.forbidden(f"{field}.{extra}", "may not specify more than 1 volume type")
    needed: dict[str, tuple[str, Any]] = {
        "configMap": ("name", volume.get("configMap")),
        "secret": ("secretName", volume.get("secret")),
        "persistentVolumeClaim": ("claimName", volume.get("persistentVolumeClaim")),
        "hostPath": ("path", volume.get("hostPath")),
    }
    for source, (key, value) in needed.items():
        if source in volume and not (value or {}).get(key):
            yield faults.required(f"{field}.{source}.{key}")
