"""Validation of `metadata`: names by kind, labels, annotations, owners."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from localcluster import names, resources
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.client import Object
from localcluster.resources import Resource

_MOST_ANNOTATION_BYTES = 256 * 1024
_OWNER_FIELDS = ("apiVersion", "kind", "name", "uid")
_NAME_RULES: Mapping[Resource, Callable[[str], list[str]]] = {
    resources.NAMESPACES: names.label_faults,
    resources.SERVICES: names.service_name_faults,
    resources.STATEFUL_SETS: names.label_faults,
    resources.ROLES: names.path_segment_faults,
    resources.ROLE_BINDINGS: names.path_segment_faults,
    resources.CLUSTER_ROLES: names.path_segment_faults,
    resources.CLUSTER_ROLE_BINDINGS: names.path_segment_faults,
    resources.API_SERVICES: names.path_segment_faults,
}


def validate_metadata(resource: Resource, obj: Object) -> list[Cause]:
    """Everything but what only an update can get wrong."""
    metadata = obj["metadata"]
    name = metadata.get("name", "")
    if not name:
        return [faults.required("metadata.name", "name or generateName is required")]
    rule = _NAME_RULES.get(resource, names.subdomain_faults)
    causes = faults.each_invalid("metadata.name", name, rule(name))
    causes += validate_labels(metadata.get("labels") or {}, field="metadata.labels")
    causes += validate_annotations(metadata.get("annotations") or {}, field="metadata.annotations")
    for index, owner in enumerate(metadata.get("ownerReferences") or []):
        field = f"metadata.ownerReferences[{index}]"
        causes += [
            faults.invalid(f"{field}.{part}", owner.get(part, ""), f"{part} must not be empty")
            for part in _OWNER_FIELDS
            if not owner.get(part)
        ]
    controllers = [owner for owner in metadata.get("ownerReferences") or [] if owner.get("controller")]
    if len(controllers) > 1:
        detail = "Only one reference can have Controller set to true"
        causes.append(faults.invalid("metadata.ownerReferences", metadata["ownerReferences"], detail))
    for finalizer in metadata.get("finalizers") or []:
        causes += faults.each_invalid("metadata.finalizers", finalizer, names.label_key_faults(finalizer))
    return causes


def validate_metadata_update(old: Object, new: Object) -> list[Cause]:
    """What is being deleted cannot be held up by more."""
    before, after = (it["metadata"].get("finalizers") or [] for it in (old, new))
    added = sorted(set(after) - set(before))
    if not added or not old["metadata"].get("deletionTimestamp"):
        return []
    shown = ", ".join(f'"{name}"' for name in added)
    detail = f"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{shown}}}"
    return [faults.forbidden("metadata.finalizers", detail)]


def validate_labels(labels: Mapping[str, str], *, field: str) -> list[Cause]:
    """Keys and values of labels."""
    causes: list[Cause] = []
    for key, value in labels.items():
        causes += faults.each_invalid(field, key, names.label_key_faults(key))
        causes += faults.each_invalid(field, value, names.label_value_faults(value))
    return causes


def validate_annotations(annotations: Mapping[str, str], *, field: str) -> list[Cause]:
    """Keys of annotations, and their size together."""
    causes: list[Cause] = []
    for key in annotations:
        causes += faults.each_invalid(field, key, names.label_key_faults(key.lower()))
    if sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items()) > _MOST_ANNOTATION_BYTES:
        causes.append(faults.too_long(field, most=_MOST_ANNOTATION_BYTES))
    return causes


def validate_selector(selector: Object, *, field: str) -> list[Cause]:
    """A `metav1.LabelSelector`."""
    causes = validate_labels(selector.get("matchLabels") or {}, field=f"{field}.matchLabels")
    for index, expression in enumerate(selector.get("matchExpressions") or []):
        place = f"{field}.matchExpressions[{index}]"
        causes += faults.each_invalid(f"{place}.key", expression.get("key", ""), _key_faults(expression))
        operator, values = expression.get("operator"), expression.get("values")
        if operator in ("In", "NotIn") and not values:
            detail = "must be specified when `operator` is 'In' or 'NotIn'"
            causes.append(faults.required(f"{place}.values", detail))
        elif operator in ("Exists", "DoesNotExist") and values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            causes.append(faults.forbidden(f"{place}.values", detail))
        elif operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            causes.append(faults.invalid(f"{place}.operator", operator, "not a valid selector operator"))
    return causes


def _key_faults(expression: Object) -> list[str]:
    return names.label_key_faults(expression.get("key", ""))
