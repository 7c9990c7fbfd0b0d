"""Recorded objects and refusals, and a lister over objects a test puts there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localcluster.client import Object
from localcluster.resources import NAMESPACES, Resource

_FIXTURES = Path(__file__).parent.parent / "fixtures"


class FakeLister:
    """Objects by resource; `add` is the lever."""

    def __init__(self) -> None:
        self._objects: dict[tuple[Resource, str, str], Object] = {}

    def add(self, resource: Resource, obj: Object) -> None:
        metadata = obj["metadata"]
        self._objects[resource, metadata.get("namespace", ""), metadata["name"]] = obj

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Object | None:
        return self._objects.get((resource, namespace, name))

    def list(self, resource: Resource, *, namespace: str = "") -> list[Object]:
        return [obj for (of, at, _), obj in self._objects.items() if of is resource and at in (namespace, "")]


@pytest.fixture
def lister() -> FakeLister:
    """With the namespaces `golden-quota` and `space`."""
    found = FakeLister()
    for name in ("golden-quota", "space"):
        found.add(NAMESPACES, {"metadata": {"name": name}, "status": {"phase": "Active"}})
    return found


def _read(name: str) -> Any:
    return json.loads((_FIXTURES / name).read_text())


@pytest.fixture
def creating() -> list[dict[str, Any]]:
    """Objects as sent and as stored by a real API server."""
    found: list[dict[str, Any]] = _read("creating.json")
    return found


@pytest.fixture
def refusing() -> list[dict[str, Any]]:
    """Invalid objects and how they were refused."""
    found: list[dict[str, Any]] = _read("refusing.json")
    return found


@pytest.fixture
def limiting() -> dict[str, Any]:
    """A LimitRange, a ResourceQuota and what they did to pods."""
    found: dict[str, Any] = _read("limiting.json")
    return found
