"""Validation of pod specifications, alone and within templates, and of changes to pods."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from localcluster import names
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.containers import validate_containers
from localcluster.apiserver.admission.validating.metadata import validate_annotations, validate_labels
from localcluster.apiserver.admission.validating.scheduling import validate_place
from localcluster.apiserver.admission.validating.security import validate_pod_security
from localcluster.apiserver.admission.validating.volumes import validate_volumes
from localcluster.client import Object

RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_PREEMPTIONS = ("PreemptLowerPriority", "Never")
_DEADLINE = "activeDeadlineSeconds"
_LAST_SECOND = 2**31 - 1
_UPDATE_RULE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def validate_pod(obj: Object) -> list[Cause]:
    return validate_pod_spec(obj["spec"], field="spec") + _padded_images(obj["spec"])


def _padded_images(spec: Object) -> list[Cause]:
    """Templates may hold such names: somebody may yet change them."""
    return [
        faults.invalid(
            f"spec.{group}[{index}].image", container["image"], "must not have leading or trailing whitespace"
        )
        for group in ("containers", "initContainers")
        for index, container in enumerate(spec.get(group) or [])
        if container.get("image") and container["image"] != container["image"].strip()
    ]


def validate_template(template: Object, *, field: str, claims: Iterable[str] = ()) -> list[Cause]:
    """Labels and specification of `spec.template`; `claims` become volumes of each pod."""
    labels = (template.get("metadata") or {}).get("labels") or {}
    annotations = (template.get("metadata") or {}).get("annotations") or {}
    causes = validate_labels(labels, field=f"{field}.labels")
    causes += validate_annotations(annotations, field=f"{field}.annotations")
    return causes + validate_pod_spec(template.get("spec") or {}, field=f"{field}.spec", claims=claims)


def validate_pod_spec(spec: Object, *, field: str, claims: Iterable[str] = ()) -> list[Cause]:
    """Volumes, containers and the policies around them."""
    causes, volumes = validate_volumes(spec.get("volumes") or [], field=f"{field}.volumes")
    causes += validate_containers(spec, field=field, volumes=volumes.union(claims))
    if spec.get("restartPolicy") not in RESTART_POLICIES:
        causes.append(faults.unsupported(f"{field}.restartPolicy", spec.get("restartPolicy"), RESTART_POLICIES))
    if spec.get("dnsPolicy") not in _DNS_POLICIES:
        causes.append(faults.unsupported(f"{field}.dnsPolicy", spec.get("dnsPolicy"), _DNS_POLICIES))
    causes += validate_labels(spec.get("nodeSelector") or {}, field=f"{field}.nodeSelector")
    causes += validate_pod_security(spec.get("securityContext") or {}, spec, field=f"{field}.securityContext")
    causes += faults.not_negative(f"{field}.terminationGracePeriodSeconds", spec.get("terminationGracePeriodSeconds"))
    causes += _names(spec, field=field)
    deadline = spec.get(_DEADLINE)
    if deadline is not None:
        causes += faults.in_range(f"{field}.{_DEADLINE}", deadline, low=1, high=_LAST_SECOND)
    causes += validate_place(spec, field=field)
    preemption = spec.get("preemptionPolicy")
    if preemption is not None and preemption not in _PREEMPTIONS:
        causes.append(faults.unsupported(f"{field}.preemptionPolicy", preemption, _PREEMPTIONS))
    return causes


def _names(spec: Object, *, field: str) -> list[Cause]:
    rules = {
        "serviceAccountName": names.subdomain_faults, "nodeName": names.subdomain_faults,
        "hostname": names.label_faults, "subdomain": names.label_faults,
        "priorityClassName": names.subdomain_faults, "runtimeClassName": names.subdomain_faults,
    }  # fmt: skip
    return [
        cause
        for name, rule in rules.items()
        if spec.get(name)
        for cause in faults.each_invalid(f"{field}.{name}", spec[name], rule(spec[name]))
    ]


def validate_pod_update(old: Object, new: Object) -> list[Cause]:
    """A pod's specification is fixed but for images, deadlines, more tolerations and, once, its node."""
    before, after = old["spec"], new["spec"]
    for field, word in (("containers", "containers"), ("initContainers", "init containers")):
        if len(before.get(field) or []) != len(after.get(field) or []):
            return [faults.forbidden(f"spec.{field}", f"pod updates may not add or remove {word}")]
    causes = _deadline_change(before.get(_DEADLINE), after.get(_DEADLINE))
    if not _keeps_tolerations(before, after):
        detail = "existing toleration can not be modified except its tolerationSeconds"
        causes.append(faults.forbidden("spec.tolerations", detail))
    if causes or _mutable_blanked(old, new) == after:
        return causes
    return [faults.forbidden("spec", _UPDATE_RULE)]


def _deadline_change(before: int | None, after: int | None) -> list[Cause]:
    """A deadline may be set, and brought nearer."""
    field = f"spec.{_DEADLINE}"
    if before is not None and after is None:
        return [faults.invalid(field, None, "must not update from a positive integer to nil value")]
    if before is not None and after is not None and after > before:
        return [faults.invalid(field, after, "must be less than or equal to previous value")]
    return []


def _keeps_tolerations(before: Object, after: Object) -> bool:
    kept, found = (
        [{key: it[key] for key in it if key != "tolerationSeconds"} for it in spec.get("tolerations") or []]
        for spec in (before, after)
    )
    return all(toleration in found for toleration in kept)


def _mutable_blanked(old: Object, new: Object) -> Object:
    """The old specification with everything the new one may choose taken from the new one."""
    spec: Object = copy.deepcopy(old["spec"])
    for name in (_DEADLINE, "ephemeralContainers", "tolerations"):
        _take(spec, new["spec"], name)
    for field in ("containers", "initContainers"):
        for mine, theirs in zip(spec.get(field) or [], new["spec"].get(field) or [], strict=False):
            _take(mine, theirs, "image")
    if not spec.get("nodeName"):
        _take(spec, new["spec"], "nodeName")  # the scheduler's binding
    gates = spec.get("schedulingGates") or []
    if all(gate in gates for gate in new["spec"].get("schedulingGates") or []):
        _take(spec, new["spec"], "schedulingGates")  # they may only become fewer
    return spec


def _take(target: Object, source: Object, name: str) -> None:
    target.pop(name, None)
    if name in source:
        target[name] = source[name]
