"""The OpenAPI definitions: every resource has one, and they say how lists merge."""

from __future__ import annotations

import json

from localcluster import schema
from localcluster.resources import DEPLOYMENTS, PODS, SERVICES, STORED


def test_every_stored_resource_has_a_type() -> None:
    for resource in STORED:
        found = schema.schema_of(resource)
        assert found.is_struct
        assert found.name.endswith(f".{resource.kind}")


def field(path: str, *, of: schema.Schema) -> schema.Schema:
    found: schema.Schema | None = of
    for name in path.split("."):
        assert found is not None
        found = found.items if name == "[]" else found.field(name)
    assert found is not None
    return found


def test_lists_say_how_they_merge() -> None:
    ports = field("spec.ports", of=schema.schema_of(SERVICES))
    assert (ports.list_type, ports.map_keys, ports.merge_key) == ("map", ("port", "protocol"), "port")
    containers = field("spec.template.spec.containers", of=schema.schema_of(DEPLOYMENTS))
    assert (containers.list_type, containers.map_keys) == ("map", ("name",))
    assert field("spec.tolerations", of=schema.schema_of(PODS)).list_type == "atomic"
    assert field("metadata.finalizers", of=schema.schema_of(PODS)).list_type == "set"


def test_maps_are_granular_unless_they_say_otherwise() -> None:
    assert field("spec.selector", of=schema.schema_of(DEPLOYMENTS)).map_is_atomic
    assert field("spec.selector", of=schema.schema_of(SERVICES)).map_is_atomic
    assert not field("metadata.labels", of=schema.schema_of(PODS)).map_is_atomic
    assert field("spec.strategy", of=schema.schema_of(DEPLOYMENTS)).patch_strategies == {"retainKeys"}


def test_there_is_no_type_for_an_unknown_field() -> None:
    assert schema.schema_of(PODS).field("nope") is None


def test_published_documents_hold_what_they_refer_to() -> None:
    document = schema.openapi_v3(group="apps", version="v1")
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    assert "$defs" not in text
    assert "io.k8s.api.apps.v1.Deployment" in schemas
    assert "io.k8s.api.core.v1.Container" in schemas
    assert schemas["io.k8s.api.apps.v1.DeploymentSpec"]["properties"]["replicas"]["type"] == "integer"
    assert "#/definitions/io.k8s.api.core.v1.Pod" in json.dumps(schema.openapi_v2())
