"""Validation of CustomResourceDefinitions, but for their schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from localcluster import names as rules
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.custom import jsonpath
from localcluster.apiserver.custom.catalogue import ESTABLISHED, is_true
from localcluster.apiserver.custom.defining.schemas import faults_of_schema
from localcluster.client import Object

_APPROVED = "api-approved.kubernetes.io"
_APPROVAL = f'protected groups must have approval annotation "{_APPROVED}", see https://github.com/kubernetes/enhancements/pull/1111'
_PROTECTED = ("k8s.io", "kubernetes.io")
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_SCOPES = ("Cluster", "Namespaced")


def validate_definition(obj: Object) -> list[Cause]:
    """Causes to refuse a new definition."""
    return list(_faults(obj))


def validate_definition_update(old: Object, new: Object) -> list[Cause]:
    """What may not change once objects can be stored."""
    before, after = old["spec"], new["spec"]
    found = faults.immutable("spec.group", old=before["group"], new=after["group"])
    if is_true(old, ESTABLISHED):
        found += faults.immutable("spec.scope", old=before["scope"], new=after["scope"])
        for name in ("kind", "plural"):
            found += faults.immutable(f"spec.names.{name}", old=before["names"][name], new=after["names"].get(name))
    present = [version["name"] for version in after.get("versions") or ()]
    for index, name in enumerate(new["status"].get("storedVersions") or ()):
        if name not in present:
            detail = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                f"spec.versions until a storage migration ensures no data remains persisted in {name} and "
                f"removes {name} from status.storedVersions"
            )
            found.append(faults.invalid(f"status.storedVersions[{index}]", name, detail))
    return found


def _faults(obj: Object) -> Iterator[Cause]:
    spec, name = obj["spec"], obj["metadata"]["name"]
    names, group = spec.get("names") or {}, spec.get("group") or ""
    if name != f"{names.get('plural', '')}.{group}":
        yield faults.invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    yield from _of_group(group, obj)
    if spec.get("scope") not in _SCOPES:
        yield (
            faults.unsupported("spec.scope", spec["scope"], _SCOPES)
            if spec.get("scope")
            else faults.required("spec.scope")
        )
    if spec.get("preserveUnknownFields"):
        detail = (
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        )
        yield faults.invalid("spec.preserveUnknownFields", True, detail)
    yield from _of_conversion(spec.get("conversion") or {})
    yield from _of_names(names)
    yield from _of_versions(spec.get("versions") or [])


def _of_group(group: str, obj: Object) -> Iterator[Cause]:
    if not group:
        yield faults.required("spec.group")
        return
    yield from faults.each_invalid("spec.group", group, rules.subdomain_faults(group))
    if "." not in group:
        yield faults.invalid("spec.group", group, "should be a domain with at least one dot")
    annotations = obj["metadata"].get("annotations") or {}
    if any(group == each or group.endswith(f".{each}") for each in _PROTECTED) and not annotations.get(_APPROVED):
        yield faults.required(f"metadata.annotations[{_APPROVED}]", _APPROVAL)


def _of_conversion(conversion: Object) -> Iterator[Cause]:
    """Strategy None alone: there is nobody here to ask a webhook."""
    strategy = conversion.get("strategy")
    if strategy == "Webhook":
        detail = "this cluster calls no conversion webhooks; it serves CustomResourceDefinitions with strategy None"
        yield faults.forbidden("spec.conversion.strategy", detail)
    elif strategy != "None":
        yield faults.unsupported("spec.conversion.strategy", strategy, ("None", "Webhook"))
    elif conversion.get("webhook"):
        yield faults.forbidden(
            "spec.conversion.webhookClientConfig", "should not be set when strategy is not set to Webhook"
        )


def _of_names(names: Object) -> Iterator[Cause]:
    for field in ("plural", "singular"):
        if not names.get(field):
            yield faults.required(f"spec.names.{field}")
        else:
            yield from faults.each_invalid(f"spec.names.{field}", names[field], rules.service_name_faults(names[field]))
    for field in ("kind", "listKind"):
        text = names.get(field)
        if not text:
            yield faults.required(f"spec.names.{field}")
            continue
        for fault in rules.service_name_faults(text.lower()):
            detail = f"may have mixed case, but should otherwise match: {fault}"
            yield faults.invalid(f"spec.names.{field}", text, detail)
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield faults.invalid("spec.names.listKind", names["listKind"], "kind and listKind may not be the same")
    for field in ("shortNames", "categories"):
        for index, text in enumerate(names.get(field) or ()):
            place = f"spec.names.{field}[{index}]"
            yield from faults.each_invalid(place, text, rules.service_name_faults(text))


def _of_versions(versions: Sequence[Object]) -> Iterator[Cause]:
    if not versions:
        yield faults.invalid("spec.versions", None, "must have exactly one version marked as storage version")
        return
    names = [version.get("name", "") for version in versions]
    if sum(bool(version.get("storage")) for version in versions) != 1:
        yield faults.invalid("spec.versions", versions, "must have exactly one version marked as storage version")
    if len(set(names)) != len(names):
        yield faults.invalid("spec.versions", versions, "must contain unique version names")
    # What all versions share is judged once, as part of the definition itself.
    common = len({json.dumps(_shared(version), sort_keys=True) for version in versions}) == 1
    for index, version in enumerate(versions):
        place = f"spec.versions[{index}]"
        yield from faults.each_invalid(f"{place}.name", names[index], rules.service_name_faults(names[index]))
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if schema is None:
            yield faults.required(f"{place}.schema.openAPIV3Schema", "schemas are required")
        elif not common:
            yield from faults_of_schema(schema, path=f"{place}.schema.openAPIV3Schema")
        elif not index:
            yield from faults_of_schema(schema, path="spec.validation.openAPIV3Schema")
        if not common or not index:
            yield from _of_views(version, place="spec" if common else place)


def _shared(version: Object) -> list[Any]:
    return [version.get(field) for field in ("schema", "subresources", "additionalPrinterColumns", "selectableFields")]


def _of_views(version: Object, *, place: str) -> Iterator[Cause]:
    for index, column in enumerate(version.get("additionalPrinterColumns") or ()):
        yield from _of_column(column, place=f"{place}.additionalPrinterColumns[{index}]")
    scale = (version.get("subresources") or {}).get("scale")
    if scale is not None:
        yield from _of_scale(scale, place=f"{place}.subresources.scale")
    for index, field in enumerate(version.get("selectableFields") or ()):
        if not re.fullmatch(r"(\.[A-Za-z_][A-Za-z0-9_-]*)+", field.get("jsonPath") or ""):
            place_of = f"{place}.selectableFields[{index}].jsonPath"
            yield faults.invalid(place_of, field.get("jsonPath"), "is an invalid path: only fields can be selected")


def _of_column(column: Object, *, place: str) -> Iterator[Cause]:
    if not column.get("name"):
        yield faults.required(f"{place}.name")
    if not column.get("type"):
        yield faults.required(f"{place}.type", f"must be one of {','.join(_COLUMN_TYPES)}")
    elif column["type"] not in _COLUMN_TYPES:
        yield faults.invalid(f"{place}.type", column["type"], f"must be one of {','.join(_COLUMN_TYPES)}")
    if column.get("format") and column["format"] not in _COLUMN_FORMATS:
        detail = f"must be one of {','.join(_COLUMN_FORMATS)}"
        yield faults.invalid(f"{place}.format", column["format"], detail)
    if not column.get("jsonPath"):
        yield faults.required(f"{place}.JSONPath")
        return
    if not column["jsonPath"].startswith((".", "[", "$")):
        yield faults.invalid(f"{place}.JSONPath", column["jsonPath"], "is an invalid path: must start with a dot")
        return
    try:
        jsonpath.parse(column["jsonPath"])
    except (jsonpath.UnreadablePath, re.error) as error:
        yield faults.invalid(f"{place}.JSONPath", column["jsonPath"], f"is an invalid path: {error}")


def _of_scale(scale: Object, *, place: str) -> Iterator[Cause]:
    for field, allowed in (
        ("specReplicasPath", (".spec.",)), ("statusReplicasPath", (".status.",)),
        ("labelSelectorPath", (".spec.", ".status.")),
    ):  # fmt: skip
        path = scale.get(field) or ""
        if not path:
            if field != "labelSelectorPath":
                yield faults.required(f"{place}.{field}")
        elif not path.startswith(allowed):
            shown = " or ".join(each.removesuffix(".") for each in allowed)
            yield faults.invalid(f"{place}.{field}", path, f"should be a json path under {shown}")
        elif "".join(f".{name}" for name in jsonpath.fields_of(path)) != path:
            yield faults.invalid(f"{place}.{field}", path, "should be a json path of fields alone")
