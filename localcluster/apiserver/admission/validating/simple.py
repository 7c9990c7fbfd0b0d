"""Validation of ConfigMaps, Secrets, quotas, limits, claims and storage classes, and of changes to them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from localcluster import names, quantity
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.scopes import validate_scopes
from localcluster.client import Object

_MOST_BYTES = 1024 * 1024
_IMMUTABLE = "field is immutable when `immutable` is set"
_BOUNDS = ("min", "default", "defaultRequest", "max")
_CLAIM_RULE = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)


def validate_config_map(obj: Object) -> list[Cause]:
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    causes = _keys(data, field="data") + _keys(binary, field="binaryData")
    causes += [
        faults.invalid(f"data[{key}]", key, "duplicate of key present in binaryData") for key in data if key in binary
    ]
    size = sum(len(text.encode()) for text in data.values()) + sum(len(text) for text in binary.values())
    return causes + ([faults.too_long("", most=_MOST_BYTES)] if size > _MOST_BYTES else [])


def validate_config_map_update(old: Object, new: Object) -> list[Cause]:
    return _frozen(old, new, fields=("data", "binaryData"))


def validate_secret(obj: Object) -> list[Cause]:
    data = obj.get("data") or {}
    causes = _keys(data, field="data")
    if sum(len(base64.b64decode(text)) for text in data.values()) > _MOST_BYTES:
        causes.append(faults.too_long("data", most=_MOST_BYTES))
    return causes


def validate_secret_update(old: Object, new: Object) -> list[Cause]:
    return faults.immutable("type", old=old.get("type"), new=new.get("type")) + _frozen(old, new, fields=("data",))


def validate_resource_quota(obj: Object) -> list[Cause]:
    causes = validate_scopes(obj["spec"])
    for name, text in (obj["spec"].get("hard") or {}).items():
        causes += faults.each_invalid(f"spec.hard[{name}]", name, names.label_key_faults(name))
        if quantity.parse(text) < 0:
            causes.append(faults.invalid(f"spec.hard[{name}]", text, "must be greater than or equal to 0"))
    return causes


def validate_limit_range(obj: Object) -> list[Cause]:
    """Per resource: min, default request, default and max must not pass one another."""
    causes: list[Cause] = []
    for index, item in enumerate(obj["spec"].get("limits") or []):
        field = f"spec.limits[{index}]"
        if not item.get("type"):
            causes.append(faults.required(f"{field}.type"))
        for name in sorted({name for bound in _BOUNDS for name in item.get(bound) or {}}):
            causes += _crossed_bounds(item, name, field=field)
    return causes


def validate_claim(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    if not spec.get("accessModes"):
        causes.append(faults.required("spec.accessModes", "at least 1 access mode is required"))
    storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if storage is None:
        causes.append(faults.required("spec.resources[storage]"))
    elif quantity.parse(storage) <= 0:
        causes.append(faults.invalid("spec.resources[storage]", storage, "must be greater than zero"))
    return causes


def validate_claim_update(old: Object, new: Object) -> list[Cause]:
    """Only the size may change; the name of the volume and a first class may be filled in."""
    before, after = dict(old["spec"]), dict(new["spec"])
    for name in ("volumeName", "storageClassName"):
        if not before.get(name):
            before.pop(name, None)
            after.pop(name, None)
    for spec in (before, after):
        spec.pop("resources", None)
        spec.pop("volumeAttributesClassName", None)
    return [] if before == after else [faults.forbidden("spec", _CLAIM_RULE)]


def validate_storage_class(obj: Object) -> list[Cause]:
    return [] if obj.get("provisioner") else [faults.required("provisioner")]


def _keys(data: Iterable[str], *, field: str) -> list[Cause]:
    return [
        cause for key in data for cause in faults.each_invalid(f"{field}[{key}]", key, names.config_key_faults(key))
    ]


def _frozen(old: Object, new: Object, *, fields: Iterable[str]) -> list[Cause]:
    if not old.get("immutable"):
        return []
    causes = [] if new.get("immutable") else [faults.forbidden("immutable", _IMMUTABLE)]
    return causes + [faults.forbidden(field, _IMMUTABLE) for field in fields if old.get(field) != new.get(field)]


def _crossed_bounds(item: Object, name: str, *, field: str) -> list[Cause]:
    values: dict[str, Any] = {bound: (item.get(bound) or {}).get(name) for bound in _BOUNDS}
    order = (
        ("min", "max"), ("defaultRequest", "max"), ("defaultRequest", "default"), ("min", "defaultRequest"),
        ("min", "default"), ("default", "max"),
    )  # fmt: skip
    words = {"defaultRequest": "default request"}
    causes: list[Cause] = []
    for low, high in order:
        smaller, larger = values[low], values[high]
        if smaller is None or larger is None or quantity.parse(smaller) <= quantity.parse(larger):
            continue
        detail = f"{words.get(low, low)} value {smaller} is greater than {words.get(high, high)} value {larger}"
        causes.append(faults.invalid(f"{field}.{low}[{name}]", smaller, detail))
    return causes
