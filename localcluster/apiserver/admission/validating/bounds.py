"""Validation of LimitRanges and ResourceQuotas, and of changes to quotas."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from localcluster import names, quantity
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.scopes import validate_scopes
from localcluster.apiserver.admission.validating.resources import (
    container_name_faults,
    name_faults,
    overcommits,
    quota_amounts,
)
from localcluster.client import Object

_TYPES = ("Pod", "Container", "PersistentVolumeClaim")
_AMOUNTS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
_ORDERS = (
    ("min", "max", "min", "min", "min", "max"),
    ("min", "defaultRequest", "defaultRequest", "defaultRequest", "min", "default request"),
    ("defaultRequest", "max", "defaultRequest", "defaultRequest", "default request", "max"),
    ("defaultRequest", "default", "defaultRequest", "defaultRequest", "default request", "default limit"),
    ("min", "default", "default", "min", "min", "default"),
    ("default", "max", "default", "max", "default", "max"),
)
"""What must not pass what; then the field and the value that are told, and both in words."""

_NO_STORAGE = "either minimum or maximum storage value is required, but neither was provided"


def validate_resource_quota(obj: Object) -> list[Cause]:
    return quota_amounts(obj["spec"].get("hard") or {}, field="spec.hard") + validate_scopes(obj["spec"])


def validate_resource_quota_update(old: Object, new: Object) -> list[Cause]:
    """Other scopes would be another quota."""
    before, after = (set(it["spec"].get("scopes") or ()) for it in (old, new))
    if before == after:
        return []
    return [faults.invalid("spec.scopes", new["spec"].get("scopes"), "field is immutable")]


def validate_limit_range(obj: Object) -> list[Cause]:
    """One item a type; per resource: min, default request, default and max must not pass one another."""
    causes: list[Cause] = []
    seen: set[str] = set()
    for index, item in enumerate(obj["spec"].get("limits") or []):
        field, kind = f"spec.limits[{index}]", item.get("type", "")
        causes += _type_faults(kind, field=f"{field}.type")
        if kind in seen:
            causes.append(faults.duplicate(f"{field}.type", kind))
        seen.add(kind)
        causes += _item(item, kind=kind, field=field)
    return causes


def _type_faults(kind: str, *, field: str) -> list[Cause]:
    causes = faults.each_invalid(field, kind, names.label_key_faults(kind))
    if not causes and "/" not in kind and kind not in _TYPES:
        causes.append(faults.invalid(field, kind, "must be a standard limit type or fully qualified"))
    return causes


def _item(item: Object, *, kind: str, field: str) -> list[Cause]:
    causes: list[Cause] = []
    amounts = {bound: item.get(bound) or {} for bound in _AMOUNTS}
    if kind == "Pod":
        for bound in ("default", "defaultRequest"):
            if amounts[bound]:
                causes.append(faults.forbidden(f"{field}.{bound}", "may not be specified when `type` is 'Pod'"))
                amounts[bound] = {}
    check = container_name_faults if kind in ("Pod", "Container") else name_faults
    for bound in _AMOUNTS:
        for name in amounts[bound]:
            causes += check(name, field=f"{field}.{bound}[{name}]")
    if kind == "PersistentVolumeClaim" and not any("storage" in amounts[bound] for bound in ("min", "max")):
        causes.append(faults.required(f"{field}.limits", _NO_STORAGE))
    for name in sorted({name for found in amounts.values() for name in found}):
        texts = {bound: found[name] for bound, found in amounts.items() if name in found}
        causes += _crossed(texts, name, field=field) + _ratio(texts, name, field=field)
    return causes


def _crossed(texts: Mapping[str, str], name: str, *, field: str) -> list[Cause]:
    values = {bound: quantity.parse(text) for bound, text in texts.items()}
    causes: list[Cause] = []
    for low, high, at, shown, low_word, high_word in _ORDERS:
        if low in values and high in values and values[low] > values[high]:
            detail = f"{low_word} value {texts[low]} is greater than {high_word} value {texts[high]}"
            causes.append(faults.invalid(f"{field}.{at}[{name}]", texts[shown], detail))
    both = "default" in values and "defaultRequest" in values
    if both and not overcommits(name) and values["default"] != values["defaultRequest"]:
        wanted = f"defaultRequest value {texts['defaultRequest']} in {name}"
        detail = f"default value {texts['default']} must equal to {wanted}"
        causes.append(faults.invalid(f"{field}.defaultRequest[{name}]", texts["defaultRequest"], detail))
    return causes


def _ratio(texts: Mapping[str, str], name: str, *, field: str) -> list[Cause]:
    """How far a limit may be above its request; not farther than from the least to the most."""
    text = texts.get("maxLimitRequestRatio")
    if text is None:
        return []
    place, value = f"{field}.maxLimitRequestRatio[{name}]", quantity.parse(text)
    causes = [faults.invalid(place, text, f"ratio {text} is less than 1")] if value < 1 else []
    least, most = (quantity.parse(texts.get(bound, "0")) for bound in ("min", "max"))
    if least > 0 and "max" in texts and value > most / least:
        reach = float(Decimal(most) / Decimal(least))
        causes.append(faults.invalid(place, text, f"ratio {text} is greater than max/min = {reach:f}"))
    return causes
