"""Tables, scale, status, generation, patches, several writers and several versions of custom resources."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest

from localcluster import folder
from localcluster.apiserver.assembly import ApiSettings, assemble
from localcluster.apiserver.custom.catalogue import ESTABLISHED, is_true
from localcluster.resources import CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES

WIDGETS = "/apis/example.com/v1/namespaces/test/widgets"
ONE = f"{WIDGETS}/one"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.fixture
async def one(http: Any, widgets: Any, define: Any, widget: Any) -> Any:
    """A stored Widget."""
    await define(widgets)
    _, created = await http.call("POST", WIDGETS, widget(parts=[{"name": "left"}]))
    return created


async def test_columns_are_those_of_the_definition(http: Any, one: Any) -> None:
    table = await http.get(WIDGETS, accept=TABLE)
    shown = [(c["name"], c["type"], c["priority"], c["description"]) for c in table["columnDefinitions"][1:]]
    assert shown == [
        ("Size", "string", 0, "how large"), ("Replicas", "integer", 0, ""), ("Left", "integer", 1, ""),
        ("Since", "date", 0, ""),
    ]  # fmt: skip
    assert table["rows"][0]["cells"] == ["one", "S", 1, 3, None]


async def test_without_columns_the_age_is_shown(http: Any, widgets: Any, define: Any, widget: Any) -> None:
    del widgets["spec"]["versions"][0]["additionalPrinterColumns"]
    await define(widgets)
    await http.call("POST", WIDGETS, widget())
    table = await http.get(WIDGETS, accept=TABLE)
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Age"]
    assert table["rows"][0]["cells"] == ["one", "0s"]


async def test_generation_counts_what_is_desired(http: Any, one: Any) -> None:
    assert one["metadata"]["generation"] == 1
    _, body = await http.call("PATCH", ONE, {"metadata": {"labels": {"a": "b"}}}, content_type=MERGE)
    assert body["metadata"]["generation"] == 1
    _, body = await http.call("PATCH", ONE, {"spec": {"replicas": 2}, "status": {"replicas": 5}}, content_type=MERGE)
    assert (body["metadata"]["generation"], body.get("status")) == (2, None)
    _, body = await http.call("PATCH", f"{ONE}/status", {"status": {"replicas": 5}}, content_type=MERGE)
    assert (body["metadata"]["generation"], body["status"]) == (2, {"replicas": 5})


async def test_without_a_status_subresource_status_is_a_field(
    http: Any, widgets: Any, define: Any, widget: Any
) -> None:
    del widgets["spec"]["versions"][0]["subresources"]
    await define(widgets)
    _, created = await http.call("POST", WIDGETS, {**widget(), "status": {"replicas": 1}})
    assert created["status"] == {"replicas": 1}
    _, body = await http.call("PATCH", ONE, {"status": {"replicas": 2}}, content_type=MERGE)
    assert body["metadata"]["generation"] == 2
    assert (await http.call("GET", f"{ONE}/status"))[0] == 404
    assert (await http.call("GET", f"{ONE}/scale"))[0] == 404


async def test_scale_stands_where_the_definition_says(http: Any, one: Any) -> None:
    status = {"status": {"replicas": 1, "selector": "app=one"}}
    await http.call("PATCH", f"{ONE}/status", status, content_type=MERGE)
    scale = await http.get(f"{ONE}/scale")
    assert (scale["kind"], scale["spec"], scale["status"]) == (
        "Scale", {"replicas": 1}, {"replicas": 1, "selector": "app=one"},
    )  # fmt: skip
    scale["spec"]["replicas"] = 4
    assert (await http.call("PUT", f"{ONE}/scale", scale))[1]["spec"] == {"replicas": 4}
    assert (await http.get(ONE))["spec"]["replicas"] == 4
    code, refused = await http.call("PATCH", f"{ONE}/scale", {"spec": {"replicas": 40}}, content_type=MERGE)
    assert (code, refused["details"]["causes"][0]["field"]) == (422, "spec.replicas")


async def test_strategic_merge_needs_types(http: Any, one: Any) -> None:
    patch = {"spec": {"size": "L"}}
    status, answer = await http.call("PATCH", ONE, patch, content_type="application/strategic-merge-patch+json")
    assert (status, answer["reason"]) == (415, "UnsupportedMediaType")
    assert answer["message"].endswith(
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
    )


async def test_appliers_share_keyed_lists(http: Any, one: Any, widget: Any) -> None:
    for manager, part in (("a", "right"), ("b", "top")):
        body = {**widget(), "spec": {"parts": [{"name": part}]}}
        path = f"{ONE}?fieldManager={manager}"
        status, applied = await http.call("PATCH", path, body, content_type=APPLY)
        assert status == 200, applied
    assert {part["name"] for part in applied["spec"]["parts"]} == {"left", "right", "top"}
    status, refused = await http.call("PATCH", f"{ONE}?fieldManager=c", widget(size="L"), content_type=APPLY)
    assert (status, refused["details"]["causes"][0]["field"]) == (409, ".spec.size")


async def test_undescribed_maps_are_owned_field_by_field(http: Any, one: Any, widget: Any) -> None:
    for manager, content in (("a", {"x": {"y": 1}}), ("b", {"x": {"z": 2}})):
        body = {**widget(), "spec": {"any": content}}
        _, applied = await http.call("PATCH", f"{ONE}?fieldManager={manager}", body, content_type=APPLY)
    assert applied["spec"]["any"] == {"x": {"y": 1, "z": 2}}


async def test_selectable_fields_select(http: Any, widgets: Any, define: Any, widget: Any) -> None:
    widgets["spec"]["versions"][0]["selectableFields"] = [{"jsonPath": ".spec.size"}]
    await define(widgets)
    for name, size in (("one", "S"), ("two", "L")):
        await http.call("POST", WIDGETS, widget(name, size=size))
    found = await http.get(f"{WIDGETS}?fieldSelector=spec.size=L")
    assert [item["metadata"]["name"] for item in found["items"]] == ["two"]
    assert (await http.call("GET", f"{WIDGETS}?fieldSelector=spec.name=x"))[0] == 400


async def test_every_version_shows_the_same_objects(http: Any, widgets: Any, define: Any, widget: Any) -> None:
    versions = widgets["spec"]["versions"]
    older = copy.deepcopy(versions[0])
    older |= {"name": "v1beta1", "storage": False, "deprecated": True}
    del older["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["parts"]
    versions.insert(0, older)
    await define(widgets)
    names = [version["version"] for version in (await http.get("/apis/example.com"))["versions"]]
    assert names == ["v1", "v1beta1"]
    await http.call("POST", WIDGETS, widget(parts=[{"name": "left"}]))
    beta = WIDGETS.replace("v1", "v1beta1")
    async with http.session.get(f"{http.url}{beta}/one") as answer:
        shown = await answer.json()
        assert answer.headers["Warning"] == '299 - "example.com/v1beta1 Widget is deprecated"'
    assert (shown["apiVersion"], shown["spec"]) == ("example.com/v1beta1", {"size": "S", "replicas": 1})
    change = {"spec": {"size": "L"}}
    _, patched = await http.call("PATCH", f"{beta}/one", change, content_type=MERGE)
    assert (patched["apiVersion"], patched["metadata"]["generation"]) == ("example.com/v1beta1", 2)
    assert (await http.get(ONE))["apiVersion"] == "example.com/v1"
    assert [item["spec"]["size"] for item in (await http.get(WIDGETS))["items"]] == ["L"]
    async with http.session.get(f"{http.url}{WIDGETS}?watch=true&timeoutSeconds=5") as stream:
        assert orjson.loads(await stream.content.readline())["object"]["apiVersion"] == "example.com/v1"


async def test_cluster_scoped_ones_have_no_namespace(http: Any, widgets: Any, define: Any, widget: Any) -> None:
    widgets["spec"]["scope"] = "Cluster"
    await define(widgets)
    status, created = await http.call("POST", "/apis/example.com/v1/widgets", widget())
    assert (status, "namespace" in created["metadata"]) == (201, False)
    assert (await http.call("DELETE", "/apis/example.com/v1/widgets/one"))[0] == 200


async def test_they_outlive_the_process(tmp_path: Path, widgets: Any, widget: Any) -> None:
    kept = folder.opened(tmp_path)
    api = assemble(ApiSettings(), kept=kept)
    await api.start()
    client = api.registry.client("system:test")
    await client.create(NAMESPACES, {"metadata": {"name": "test"}})
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, widgets)
    async for event in client.watch(CUSTOM_RESOURCE_DEFINITIONS):
        if is_true(event.object, ESTABLISHED):
            break
    resource = api.registry.customs.find("example.com", "v1", "widgets")
    assert resource is not None
    await client.create(resource, widget(), namespace="test")
    await api.stop()
    assert kept.journal is not None
    kept.journal.close()

    again = folder.opened(tmp_path)
    api = assemble(ApiSettings(), kept=again)
    resource = api.registry.customs.find("example.com", "v1", "widgets")
    assert resource is not None
    assert api.registry.get(resource, "one", namespace="test").object["spec"]["size"] == "S"
    assert again.journal is not None
    again.journal.close()
