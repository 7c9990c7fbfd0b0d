"""A definition that Kubernetes would refuse is refused with its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
Change = Callable[[Any], Any]


def schema_of(definition: Any) -> Any:
    return definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def spec_of(definition: Any) -> Any:
    return schema_of(definition)["properties"]["spec"]


def second_version(definition: Any, **changes: Any) -> None:
    versions = definition["spec"]["versions"]
    versions.append({**versions[0], "name": "v2", **changes})


ROOT = "spec.validation.openAPIV3Schema"
FIELDS = f"{ROOT}.properties[spec].properties"
CASES: list[tuple[Change, str]] = [
    (
        lambda d: d["metadata"].update(name="other.example.com"),
        'metadata.name: Invalid value: "other.example.com": must be spec.names.plural+"."+spec.group',
    ),
    (
        lambda d: (d["spec"].update(group="example"), d["metadata"].update(name="widgets.example")),
        'spec.group: Invalid value: "example": should be a domain with at least one dot',
    ),
    (
        lambda d: (d["spec"].update(group="x.k8s.io"), d["metadata"].update(name="widgets.x.k8s.io")),
        ('metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval '
        'annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111'),
    ),
    (
        lambda d: d["spec"].update(scope="Galaxy"),
        'spec.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespaced"',
    ),
    (
        lambda d: d["spec"]["names"].update(listKind="Widget"),
        'spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same',
    ),
    (
        lambda d: d["spec"]["versions"][0].pop("schema"),
        "spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required",
    ),
    (
        lambda d: d["spec"].update(conversion={"strategy": "Webhook"}),
        ("spec.conversion.strategy: Forbidden: this cluster calls no conversion webhooks; it serves "
        "CustomResourceDefinitions with strategy None"),
    ),
    (
        lambda d: d["spec"].update(preserveUnknownFields=True),
        ("spec.preserveUnknownFields: Invalid value: true: cannot set to true, set "
        "x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"),
    ),
    (
        lambda d: schema_of(d).update(type="array", items={"type": "string"}),
        f'{ROOT}.type: Invalid value: "array": must be object at the root',
    ),
    (lambda d: schema_of(d).pop("type"), f"{ROOT}.type: Required value: must not be empty at the root"),
    (
        lambda d: spec_of(d)["properties"]["size"].pop("type"),
        f"{FIELDS}[size].type: Required value: must not be empty for specified object fields",
    ),
    (
        lambda d: spec_of(d)["properties"].update(list={"type": "array"}),
        f"{FIELDS}[list].items: Required value: must be specified",
    ),
    (
        lambda d: spec_of(d)["properties"]["size"].update(default=5),
        f'{FIELDS}[size].default: Invalid value: "integer": default in body must be of type string: "integer"',
    ),
    (
        lambda d: spec_of(d).update(additionalProperties={"type": "string"}),
        (f"{ROOT}.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual "
        "exclusive"),
    ),
    (
        lambda d: spec_of(d)["properties"]["parts"].update(uniqueItems=True),
        (f"{FIELDS}[parts].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity "
        "becomes quadratic"),
    ),
    (
        lambda d: spec_of(d).update(oneOf=[{"properties": {"size": {"type": "string"}}}]),
        f"{ROOT}.properties[spec].oneOf[0].properties[size].type: Forbidden: must be empty to be structural",
    ),
    (
        lambda d: d["spec"]["versions"][0]["subresources"]["scale"].update(specReplicasPath=".replicas"),
        'spec.subresources.scale.specReplicasPath: Invalid value: ".replicas": should be a json path under .spec',
    ),
    (
        lambda d: d["spec"]["versions"][0]["additionalPrinterColumns"][0].update(type="text"),
        ('spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of '
        "boolean,date,integer,number,string"),
    ),
    (
        lambda d: second_version(d, storage=False, schema={"openAPIV3Schema": {"type": "string"}}),
        'spec.versions[1].schema.openAPIV3Schema.type: Invalid value: "string": must be object at the root',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), CASES, ids=[message.partition(":")[0] for _, message in CASES])
async def test_a_fault_is_named(http: Any, widgets: Any, change: Change, message: str) -> None:
    change(widgets)
    status, answer = await http.call("POST", DEFINITIONS, widgets)
    name = widgets["metadata"]["name"]
    assert status == 422
    assert answer["message"] == f'CustomResourceDefinition.apiextensions.k8s.io "{name}" is invalid: {message}'


async def test_exactly_one_version_is_stored(http: Any, widgets: Any) -> None:
    second_version(widgets)
    status, answer = await http.call("POST", DEFINITIONS, widgets)
    assert status == 422
    assert "must have exactly one version marked as storage version" in answer["message"]


async def test_rules_are_taken_with_a_warning(http: Any, widgets: Any) -> None:
    spec_of(widgets)["x-kubernetes-validations"] = [{"rule": "self.replicas < 5"}]
    url = http.url + DEFINITIONS
    async with http.session.post(url, json=widgets) as answer:
        assert answer.status == 201
        assert answer.headers["Warning"] == (
            '299 - "spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations: '
            'CEL rules are stored, but not enforced by this cluster"'
        )


async def test_what_is_established_stays_as_it_is(http: Any, widgets: Any, define: Any) -> None:
    await define(widgets)
    change = {"spec": {"scope": "Cluster", "names": {"kind": "Gadget"}}}
    path = f"{DEFINITIONS}/widgets.example.com"
    status, answer = await http.call("PATCH", path, change, content_type="application/merge-patch+json")
    assert status == 422
    assert [cause["field"] for cause in answer["details"]["causes"]] == ["spec.scope", "spec.names.kind"]


async def test_a_version_with_objects_cannot_go(http: Any, widgets: Any, define: Any) -> None:
    await define(widgets)
    change = [{"op": "replace", "path": "/spec/versions/0/name", "value": "v2"}]
    path = f"{DEFINITIONS}/widgets.example.com"
    status, answer = await http.call("PATCH", path, change, content_type="application/json-patch+json")
    assert status == 422
    assert 'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions' in answer["message"]
