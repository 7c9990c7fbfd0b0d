"""Validation of claims, volumes and storage classes, and of changes to them."""

from __future__ import annotations

from decimal import Decimal

from localcluster import names, quantity
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.metadata import validate_selector
from localcluster.apiserver.admission.validating.scheduling import validate_node_selector
from localcluster.apiserver.admission.validating.volumes import validate_source
from localcluster.client import Object

_CLAIM_RULE = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)
_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_VOLUME_MODES = ("Block", "Filesystem")
_RECLAIMING = ("Delete", "Recycle", "Retain")
_BINDING = ("Immediate", "WaitForFirstConsumer")
_NO_SOURCES = frozenset(
    {
        "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy",
        "storageClassName", "volumeAttributesClassName", "volumeMode",
    }
)  # fmt: skip
_SIZED = "must be greater than zero"
_SOURCE_RULE = "spec.persistentvolumesource is immutable after creation"


def validate_claim(obj: Object) -> list[Cause]:
    return validate_claim_spec(obj["spec"], field="spec")


def validate_claim_spec(spec: Object, *, field: str) -> list[Cause]:
    """The specification of a claim, alone or in a template."""
    modes = spec.get("accessModes") or []
    causes: list[Cause] = []
    if not modes:
        causes.append(faults.required(f"{field}.accessModes", "at least 1 access mode is required"))
    causes += validate_selector(spec.get("selector") or {}, field=f"{field}.selector")
    causes += _modes(modes, field=field)
    storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if storage is None:
        causes.append(faults.required(f"{field}.resources[storage]"))
    elif quantity.parse(storage) <= 0:
        causes.append(faults.invalid(f"{field}.resources[storage]", storage, _SIZED))
    if spec.get("storageClassName"):
        name = spec["storageClassName"]
        causes += faults.each_invalid(f"{field}.storageClassName", name, names.subdomain_faults(name))
    return causes + _volume_mode(spec, field=field)


def validate_claim_update(old: Object, new: Object) -> list[Cause]:
    """Only the size may change, and only upwards; the name of the volume and a first class may be filled in."""
    before, after = dict(old["spec"]), dict(new["spec"])
    for name in ("volumeName", "storageClassName"):
        if not before.get(name):
            before.pop(name, None)
            after.pop(name, None)
    for spec in (before, after):
        spec.pop("resources", None)
        spec.pop("volumeAttributesClassName", None)
    if before != after:
        return [faults.forbidden("spec", _CLAIM_RULE)]
    return _size_change(old, new)


def validate_volume(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    if not spec.get("accessModes"):
        causes.append(faults.required("spec.accessModes"))
    causes += _modes(spec.get("accessModes") or [], field="spec")
    capacity = spec.get("capacity") or {}
    if not capacity:
        causes.append(faults.required("spec.capacity"))
    if "storage" not in capacity or len(capacity) > 1:
        causes.append(faults.unsupported("spec.capacity", capacity, ("storage",)))
    causes += [
        faults.invalid(f"spec.capacity[{name}]", text, _SIZED)
        for name, text in capacity.items()
        if quantity.parse(text) <= 0
    ]
    policy = spec.get("persistentVolumeReclaimPolicy")
    if policy is not None and policy not in _RECLAIMING:
        causes.append(faults.unsupported("spec.persistentVolumeReclaimPolicy", policy, _RECLAIMING))
    causes += validate_source(spec, field="spec", besides=_NO_SOURCES)
    if "local" in spec and "nodeAffinity" not in spec:
        causes.append(faults.required("spec.nodeAffinity", "Local volume requires node affinity"))
    required = (spec.get("nodeAffinity") or {}).get("required")
    if required is not None:
        causes += validate_node_selector(required, field="spec.nodeAffinity.required")
    return causes + _volume_mode(spec, field="spec")


def validate_volume_update(old: Object, new: Object) -> list[Cause]:
    """Where its data are never changes."""
    before, after = ({k: v for k, v in it["spec"].items() if k not in _NO_SOURCES} for it in (old, new))
    causes = [] if before == after else [faults.forbidden("spec.persistentvolumesource", _SOURCE_RULE)]
    modes = [it["spec"].get("volumeMode") for it in (old, new)]
    return causes + faults.immutable("volumeMode", old=modes[0], new=modes[1])


def validate_storage_class(obj: Object) -> list[Cause]:
    provisioner = obj.get("provisioner", "")
    if not provisioner:
        causes = [faults.required("provisioner")]
    else:
        causes = faults.each_invalid("provisioner", provisioner, names.label_key_faults(provisioner.lower()))
    for name, known in (("reclaimPolicy", ("Delete", "Retain")), ("volumeBindingMode", _BINDING)):
        if name in obj and obj[name] not in known:
            causes.append(faults.unsupported(name, obj[name], known))
    return causes


def validate_storage_class_update(old: Object, new: Object) -> list[Cause]:
    causes = [
        faults.forbidden(name, f"updates to {name} are forbidden.")
        for name in ("parameters", "provisioner", "reclaimPolicy")
        if old.get(name) != new.get(name)
    ]
    field = "volumeBindingMode"
    return causes + faults.immutable(field, old=old.get(field), new=new.get(field))


def _modes(modes: list[str], *, field: str) -> list[Cause]:
    causes = [faults.unsupported(f"{field}.accessModes", mode, _MODES) for mode in modes if mode not in _MODES]
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        detail = "may not use ReadWriteOncePod with other access modes"
        causes.append(faults.forbidden(f"{field}.accessModes", detail))
    return causes


def _volume_mode(spec: Object, *, field: str) -> list[Cause]:
    mode = spec.get("volumeMode")
    if mode is None or mode in _VOLUME_MODES:
        return []
    return [faults.unsupported(f"{field}.volumeMode", mode, _VOLUME_MODES)]


def _size_change(old: Object, new: Object) -> list[Cause]:
    """A bound claim may ask for more, which admission judges, and never for less than it has."""
    before, after = (_size(it) for it in (old, new))
    status = old.get("status") or {}
    if before == after:
        return []
    if status.get("phase") != "Bound":
        return [faults.forbidden("spec", _CLAIM_RULE)]
    if after < before and after <= quantity.parse((status.get("capacity") or {}).get("storage", "0")):
        return [faults.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")]
    return []


def _size(claim: Object) -> Decimal:
    return quantity.parse(((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage", "0"))
