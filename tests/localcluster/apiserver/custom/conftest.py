"""A definition to start from, and what makes the API serve it."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
PART = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "weight": {"type": "integer", "default": 3}},
}
SPEC = {
    "type": "object",
    "required": ["size"],
    "description": "What the widget shall be.",
    "properties": {
        "size": {"type": "string", "enum": ["S", "M", "L"]},
        "replicas": {"type": "integer", "minimum": 0, "maximum": 10, "default": 1},
        "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
        "port": {"x-kubernetes-int-or-string": True},
        "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "parts": {
            "type": "array",
            "maxItems": 3,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            "items": PART,
        },
    },
}
STATUS = {
    "type": "object",
    "properties": {"replicas": {"type": "integer"}, "selector": {"type": "string"}, "since": {"type": "string"}},
}
SCHEMA = {"type": "object", "required": ["spec"], "properties": {"spec": SPEC, "status": STATUS}}
SCALE = {
    "specReplicasPath": ".spec.replicas",
    "statusReplicasPath": ".status.replicas",
    "labelSelectorPath": ".status.selector",
}
COLUMNS = [
    {"name": "Size", "type": "string", "jsonPath": ".spec.size", "description": "how large"},
    {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
    {"name": "Left", "type": "integer", "jsonPath": '.spec.parts[?(@.name=="left")].weight', "priority": 1},
    {"name": "Since", "type": "date", "jsonPath": ".status.since"},
]
VERSION = {
    "name": "v1",
    "served": True,
    "storage": True,
    "subresources": {"status": {}, "scale": SCALE},
    "additionalPrinterColumns": COLUMNS,
    "schema": {"openAPIV3Schema": SCHEMA},
}
WIDGETS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"], "categories": ["toys"]},
        "versions": [VERSION],
    },
}


@pytest.fixture
def widgets() -> dict[str, Any]:
    """The definition of Widgets; each test may change its own."""
    return copy.deepcopy(WIDGETS)


@pytest.fixture
def settled(http: Any) -> Callable[[str, Callable[[Any], bool]], Awaitable[Any]]:
    """Waits until a definition is as wanted: the API follows them a moment after they are written."""

    async def until(name: str, holds: Callable[[Any], bool]) -> Any:
        async with asyncio.timeout(5):
            while True:
                _, body = await http.call("GET", f"{DEFINITIONS}/{name}")
                if holds(body):
                    return body
                await asyncio.sleep(0.005)

    return until


@pytest.fixture
def define(http: Any, settled: Any) -> Callable[[Any], Awaitable[Any]]:
    """Creates a definition, and returns it established."""

    async def create(definition: Any) -> Any:
        status, body = await http.call("POST", DEFINITIONS, definition)
        assert status == 201, body
        return await settled(body["metadata"]["name"], is_established)

    return create


def is_established(body: Any) -> bool:
    conditions = (body.get("status") or {}).get("conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


@pytest.fixture
def widget() -> Callable[..., dict[str, Any]]:
    """Makes a Widget."""

    def made(name: str = "one", /, **spec: Any) -> dict[str, Any]:
        return {
            "apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": {"size": "S", **spec},
        }  # fmt: skip

    return made
