"""A cluster to read from, with levers for what may not be read and for nobody answering."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard.kube import errors
from dashboard.kube.client import Response

KINDS = {
    "/api/v1": {"Namespace": ("namespaces", False), "ConfigMap": ("configmaps", True), "Secret": ("secrets", True),
                "Pod": ("pods", True)},
    "/apis/apps/v1": {"Deployment": ("deployments", True), "StatefulSet": ("statefulsets", True)},
}  # fmt: skip
FIXTURES = Path(__file__).parent / "fixtures"


class ReadCluster:
    """Objects by path, lists by collection, logs by (pod, container, previous). `asked`: the paths, in order."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.logs: dict[tuple[str, str, bool], str] = {}
        self.asked: list[str] = []
        self._refused: dict[str, errors.ApiError] = {}
        self._is_down = False

    def add(self, path: str, live: Mapping[str, Any]) -> None:
        """It is there now."""
        self.objects[path] = copy.deepcopy(dict(live))

    def forbid(self, path: str) -> None:
        """Neither the object or collection at this path may be read any more."""
        self._refused[path] = errors.Forbidden(403, "Forbidden", f"{path} is forbidden")

    def break_down(self, is_down: bool = True) -> None:
        """Nobody answers."""
        self._is_down = is_down

    def get(self, path: str, /) -> Any:
        self._ask(path)
        if path in KINDS:
            kinds = KINDS[path].items()
            return {"resources": [{"kind": kind, "name": name, "namespaced": held} for kind, (name, held) in kinds]}
        if path not in self.objects:
            raise errors.NotFound(404, "NotFound", f"{path} not found")
        return copy.deepcopy(self.objects[path])

    def list(self, path: str, /, *, query: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        self._ask(path)
        pairs = [each.split("=") for each in str((query or {}).get("labelSelector") or "").split(",") if each]
        held = [live for where, live in self.objects.items() if where.rpartition("/")[0] == path]
        found = [x for x in held if all(x["metadata"].get("labels", {}).get(key) == value for key, value in pairs)]
        # The API leaves out what a list's name says already.
        return [{key: each[key] for key in each if key not in ("kind", "apiVersion")} for each in found]

    def request(self, method: str, path: str, /, *, query: Mapping[str, Any] | None = None) -> Response:
        self._ask(path)
        assert method == "GET"
        assert query
        pod = path.split("/")[-2]
        found = self.logs.get((pod, query["container"], query["previous"]))
        if found is None:
            raise errors.BadRequest(400, "BadRequest", "is waiting to start")
        lines = found.splitlines()[-query["tailLines"] :]
        return Response(200, {}, "\n".join(lines).encode())

    def _ask(self, path: str) -> None:
        self.asked.append(path)
        if self._is_down:
            raise errors.Unreachable("127.0.0.1:6443 refuses connections: nothing runs there now.")
        if path in self._refused:
            raise self._refused[path]


class Clock:
    """Moves when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 4, 50, tzinfo=UTC)


@pytest.fixture
def cluster() -> ReadCluster:
    return ReadCluster()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fixture() -> Any:
    """The object of a fixture by its name; `part` gives the rest of it."""

    def read(name: str, part: str = "object") -> Any:
        return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))[part]

    return read
