"""What the author of a definition is told beside yes: rules that are stored and not enforced here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from localcluster.apiserver.admission.remarks import Remarks
from localcluster.client import Object
from localcluster.resources import CUSTOM_RESOURCE_DEFINITIONS, Resource

_RULES = "x-kubernetes-validations"


def remark_on_rules(resource: Resource, obj: Object, *, remarks: Remarks) -> None:
    """A warning for each place of a definition that has CEL rules."""
    if resource is CUSTOM_RESOURCE_DEFINITIONS:
        for text in _warnings_of(obj):
            remarks.warn(text)


def _warnings_of(definition: Object) -> Iterator[str]:
    for index, version in enumerate(definition["spec"].get("versions") or ()):
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        for place in _with_rules(schema, path=f"spec.versions[{index}].schema.openAPIV3Schema"):
            yield f"{place}.{_RULES}: CEL rules are stored, but not enforced by this cluster"


def _with_rules(node: Any, *, path: str) -> Iterator[str]:
    if not isinstance(node, dict):
        return
    if node.get(_RULES):
        yield path
    for name, below in (node.get("properties") or {}).items():
        yield from _with_rules(below, path=f"{path}.properties[{name}]")
    for field in ("items", "additionalProperties"):
        yield from _with_rules(node.get(field), path=f"{path}.{field}")
