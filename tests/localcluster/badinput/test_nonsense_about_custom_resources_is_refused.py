"""Senseless definitions and senseless objects of sensible ones: stored, or refused with a Status; never a 500."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
NODE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "size": {"type": "string", "enum": ["S", "M"], "pattern": "^[A-Z]$", "maxLength": 3, "default": "S"},
        "count": {"type": "integer", "minimum": 0, "multipleOf": 2, "format": "int32"},
        "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
        "labels": {"type": "object", "additionalProperties": {"type": "string", "nullable": True}},
        "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "parts": {
            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
            "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        },
    },
    "oneOf": [{"required": ["size"]}, {"required": ["port"], "not": {"required": ["size"]}}],
}  # fmt: skip


def definition(plural: str, kind: str) -> dict[str, Any]:
    column = {"name": "Size", "type": "string", "jsonPath": ".spec.parts[?(@.name=='a')].name"}
    scale = {"specReplicasPath": ".spec.count", "statusReplicasPath": ".status.count"}
    version = {
        "name": "v1", "served": True, "storage": True, "additionalPrinterColumns": [column],
        "subresources": {"scale": scale, "status": {}}, "selectableFields": [{"jsonPath": ".spec.size"}],
        "schema": {"openAPIV3Schema": {"type": "object", "required": ["spec"], "properties": {"spec": NODE}}},
    }  # fmt: skip
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "shortNames": [plural[:2]]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]},
    }  # fmt: skip


GADGETS = "/apis/example.com/v1/namespaces/test/gadgets"
GADGET: dict[str, Any] = {
    "apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "x", "labels": {"a": "b"}},
    "spec": {
        "size": "S", "count": 2, "port": "http", "labels": {"a": "b"}, "any": {"a": [1]}, "parts": [{"name": "a"}],
    },
    "status": {"count": 1},
}  # fmt: skip
BOUNDED = settings(
    max_examples=200, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
SENSELESS = st.one_of(
    st.sampled_from(
        [
            None, True, False, 0, -1, 2**64, 1.5, "", "a", "A" * 300, "ä\u0000x", "(", "(?P<a>.)(?P<a>.)", ".spec[",
            "Webhook", "array", "object", "string", "map", "set", [], [None], [[]], {}, {"": ""}, {"a": None}, [{}],
            [{"name": "a"}] * 2, {"type": "object"}, {"type": "array"}, {"$ref": "x"}, [{"type": 5}],
            {"type": "string", "default": 5},
            {"properties": 5}, {"items": [{}]}, {"additionalProperties": {"properties": 5}}, {"$patch": "delete"},
        ]
    ),
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=2)),
)  # fmt: skip
NAMES = st.sampled_from(
    ["x", "name", "type", "items", "default", "properties", "additionalProperties", "not", "allOf", "metadata",
     "x-kubernetes-embedded-resource", "x-kubernetes-list-type", "x-kubernetes-preserve-unknown-fields", "conversion"]
)  # fmt: skip


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*place, key))


@st.composite
def mutated(draw: st.DrawFn, original: Any) -> Any:
    found = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from([place for place in places(found) if place]))
        holder = found
        for key in place[:-1]:
            holder = holder[key]
        action = draw(st.sampled_from(["set", "set", "drop", "add"]))
        if action == "drop":
            del holder[place[-1]]
        elif action == "add" and isinstance(holder, dict):
            holder[draw(NAMES)] = copy.deepcopy(draw(SENSELESS))
        else:
            holder[place[-1]] = copy.deepcopy(draw(SENSELESS))
    return found


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode("utf-8", "surrogatepass")


def until(server: Any, path: str, status: int) -> None:
    """The server follows definitions by itself, a moment later."""
    deadline = time.monotonic() + 10
    while server.call("GET", path)[0] != status:
        assert time.monotonic() < deadline, path
        time.sleep(0.005)


@BOUNDED
@given(body=mutated(definition("things", "Thing")))
def test_definitions_are_taken_or_refused(server: Any, body: Any) -> None:
    headers = {"Content-Type": "application/json"}
    if server.refused("POST", DEFINITIONS, encoded(body), headers) != 201:
        return
    name, spec = body["metadata"]["name"], body["spec"]
    path = f"{DEFINITIONS}/{name}"
    things = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/namespaces/test/{spec['names']['plural']}"
    sent = {**GADGET, "apiVersion": "/".join(things.split("/")[2:4]), "kind": spec["names"]["kind"]}
    server.refused("POST", things, encoded(sent), headers)
    for asked in (things, "/openapi/v2", "/apis", "/openapi/v3/apis/example.com/v1"):
        server.refused("GET", asked)
    server.refused("GET", things, None, {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"})
    assert server.call("DELETE", path)[0] == 200
    until(server, path, 404)


@BOUNDED
@given(
    body=mutated(GADGET),
    how=st.sampled_from(["POST", "PUT", "merge-patch+json", "apply-patch+yaml"]),
    below=st.sampled_from(["", "", "/status", "/scale"]),
    query=st.sampled_from(["?fieldManager=f", "?fieldManager=f&force=true", "?fieldManager=f&fieldValidation=Strict"]),
)
def test_custom_resources_are_taken_or_refused(server: Any, body: Any, how: str, below: str, query: str) -> None:
    headers = {"Content-Type": "application/json"}
    if server.call("POST", DEFINITIONS, encoded(definition("gadgets", "Gadget")), headers)[0] == 201:
        until(server, GADGETS, 200)
    if how == "POST":
        server.refused("POST", GADGETS + query, encoded(body), headers)
    else:
        server.call("POST", GADGETS, encoded(GADGET), headers)
        sent = headers if how == "PUT" else {"Content-Type": f"application/{how}"}
        server.refused("PUT" if how == "PUT" else "PATCH", f"{GADGETS}/x{below}{query}", encoded(body), sent)
    assert server.call("GET", GADGETS, None, {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"})[0] == 200
    server.refused("DELETE", GADGETS)
