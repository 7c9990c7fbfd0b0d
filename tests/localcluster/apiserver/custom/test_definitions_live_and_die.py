"""Definitions get their names and conditions, are served, and take their objects along when they go."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
PATH = f"{DEFINITIONS}/widgets.example.com"
WIDGETS = "/apis/example.com/v1/namespaces/test/widgets"


def conditions(definition: Any) -> dict[str, tuple[str, str, str]]:
    found = definition["status"]["conditions"]
    return {each["type"]: (each["status"], each["reason"], each["message"]) for each in found}


async def test_at_first_nothing_is_accepted(http: Any, widgets: Any) -> None:
    _, created = await http.call("POST", DEFINITIONS, widgets)
    assert created["status"] == {
        "acceptedNames": {"kind": "", "plural": ""}, "conditions": None, "storedVersions": ["v1"],
    }  # fmt: skip
    assert created["spec"]["names"]["singular"] == "widget"
    assert created["spec"]["names"]["listKind"] == "WidgetList"
    assert created["spec"]["conversion"] == {"strategy": "None"}
    assert created["metadata"]["generation"] == 1


async def test_a_moment_later_it_is_established(http: Any, widgets: Any, define: Any) -> None:
    established = await define(widgets)
    assert conditions(established) == {
        "NamesAccepted": ("True", "NoConflicts", "no conflicts found"),
        "Established": ("True", "InitialNamesAccepted", "the initial names have been accepted"),
    }
    assert established["status"]["acceptedNames"] == {
        "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList", "shortNames": ["wd"],
        "categories": ["toys"],
    }  # fmt: skip
    assert await http.get(WIDGETS) == {
        "apiVersion": "example.com/v1", "kind": "WidgetList", "items": [],
        "metadata": {"resourceVersion": established["metadata"]["resourceVersion"]},
    }  # fmt: skip


async def test_discovery_and_openapi_show_it(http: Any, widgets: Any, define: Any) -> None:
    assert "example.com" not in [group["name"] for group in (await http.get("/apis"))["groups"]]
    assert (await http.call("GET", "/apis/example.com/v1"))[0] == 404
    await define(widgets)
    assert (await http.get("/apis/example.com"))["preferredVersion"] == {
        "groupVersion": "example.com/v1", "version": "v1",
    }  # fmt: skip
    rows = (await http.get("/apis/example.com/v1"))["resources"]
    assert [row["name"] for row in rows] == ["widgets", "widgets/scale", "widgets/status"]
    assert (rows[0]["shortNames"], rows[0]["categories"]) == (["wd"], ["toys"])
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    groups = (await http.get("/apis", accept=accept))["items"]
    assert groups[-1]["metadata"]["name"] == "example.com"
    assert groups[-1]["versions"][0]["resources"][0]["scope"] == "Namespaced"
    url = (await http.get("/openapi/v3"))["paths"]["apis/example.com/v1"]["serverRelativeURL"]
    schemas = (await http.get(url))["components"]["schemas"]
    kind = {"group": "example.com", "version": "v1", "kind": "Widget"}
    assert schemas["com.example.v1.Widget"]["x-kubernetes-group-version-kind"] == [kind]
    definitions = (await http.get("/openapi/v2"))["definitions"]
    spec = definitions["com.example.v1.Widget"]["properties"]["spec"]
    assert spec["properties"]["size"] == {"type": "string"}


async def test_of_two_that_want_a_name_the_first_has_it(http: Any, widgets: Any, define: Any, settled: Any) -> None:
    await define(widgets)
    rival = copy.deepcopy(widgets)
    rival["metadata"]["name"] = "gadgets.example.com"
    rival["spec"]["names"] = {"plural": "gadgets", "kind": "Gadget", "shortNames": ["wd"]}
    await http.call("POST", DEFINITIONS, rival)
    found = await settled("gadgets.example.com", lambda body: body["status"]["conditions"])
    assert conditions(found) == {
        "NamesAccepted": ("False", "ShortNamesConflict", '"wd" is already in use'),
        "Established": ("False", "NotAccepted", "not all names are accepted"),
    }
    assert (await http.call("GET", "/apis/example.com/v1/gadgets"))[0] == 404
    await http.call("DELETE", PATH)
    found = await settled("gadgets.example.com", lambda body: len(conditions(body)) and "True" in str(conditions(body)))
    assert conditions(found)["Established"][0] == "True"


async def test_its_objects_go_with_it(http: Any, widgets: Any, define: Any, settled: Any, widget: Any) -> None:
    await define(widgets)
    for name in ("one", "two"):
        assert (await http.call("POST", WIDGETS, widget(name)))[0] == 201
    status, marked = await http.call("DELETE", PATH)
    assert status == 200
    assert marked["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    assert conditions(marked)["Terminating"][1] == "InstanceDeletionPending"
    await settled("widgets.example.com", lambda body: body.get("code") == 404)
    assert (await http.call("GET", WIDGETS))[0] == 404
    await define(widgets)
    assert (await http.get(WIDGETS))["items"] == []


async def test_it_waits_for_finalizers_of_its_objects(
    http: Any, widgets: Any, define: Any, settled: Any, widget: Any
) -> None:
    await define(widgets)
    held = widget()
    held["metadata"]["finalizers"] = ["example.com/hold"]
    await http.call("POST", WIDGETS, held)
    await http.call("DELETE", PATH)
    await settled("widgets.example.com", lambda body: "InstanceDeletionInProgress" in str(body))
    status, refused = await http.call("POST", WIDGETS, widget("late"))
    assert (status, refused["reason"]) == (405, "MethodNotAllowed")
    assert refused["message"] == "create not allowed while custom resource definition is terminating"
    freed = {"metadata": {"finalizers": None}}
    await http.call("PATCH", f"{WIDGETS}/one", freed, content_type="application/merge-patch+json")
    await settled("widgets.example.com", lambda body: body.get("code") == 404)


async def test_watches_tell_of_its_objects(http: Any, widgets: Any, define: Any, widget: Any) -> None:
    await define(widgets)
    url = f"{http.url}{WIDGETS}?watch=true&timeoutSeconds=5"
    async with http.session.get(url) as stream:
        await http.call("POST", WIDGETS, widget())
        await http.call("DELETE", f"{WIDGETS}/one")
        async with asyncio.timeout(5):
            lines = [await stream.content.readline() for _ in range(2)]
    assert b'"type":"ADDED"' in lines[0]
    assert b'"type":"DELETED"' in lines[1]
