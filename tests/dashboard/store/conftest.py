"""Moments cut from the recordings of a real Kubernetes, decoded as the reflector decodes them, and a small store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashboard.kube import structs
from dashboard.kube.resources import BY_PLURAL
from dashboard.store.sinks import Sinks
from dashboard.store.story import Story
from dashboard.store.views import Delta, Views

FIXTURES = Path(__file__).parents[1] / "fixtures"
Moment = tuple[str, str, Any]


class Store:
    """Views with everything that writes into them, and the deltas so far."""

    def __init__(self) -> None:
        self.time = 1_795_409_500.0  # when the recordings were made
        self.views = Views(epoch="test")
        self.story = Story(self.views, now=lambda: self.time)
        self.sinks = Sinks(self.views, story=self.story, now=lambda: self.time)
        self.deltas: list[Delta] = []
        self.views.subscribe(self.deltas.append)

    def play(self, moments: Iterator[Moment]) -> None:
        """As a watch tells it."""
        for plural, change, found in moments:
            sink = self.sinks.by_resource[plural]
            (sink.delete if change == "DELETED" else sink.apply)(found)

    def row(self, view: str, name: str) -> Any:
        """The row of an object by its name."""
        rows = [row for row in self.views.rows(view).values() if row["name"] == name]
        assert len(rows) == 1, f"{len(rows)} rows of {view} are named {name}"
        return rows[0]

    def told(self, kind: str) -> list[str]:
        """The story's sentences of a kind, oldest first."""
        lines = [line for line in self.views.rows("story").values() if line["kind"] == kind]
        return [line["text"] for line in sorted(lines, key=lambda line: line["t"])]


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def recording() -> Callable[..., Iterator[Moment]]:
    """(plural, change, object) of a fixture, up to a second of it, of one object or all."""

    def play(name: str, *, upto: float = 1e9, only: str = "", resource: str = "pods") -> Iterator[Moment]:
        for line in (FIXTURES / f"{name}.jsonl").read_text().splitlines():
            moment = json.loads(line)
            plural, event = moment.get("label", resource), moment["event"]
            if moment["t"] <= upto and only in {"", event["object"]["metadata"]["name"]}:
                raw = json.dumps(event["object"]).encode()
                yield plural, event["type"], msgspec.json.decode(raw, type=BY_PLURAL[plural].struct)

    return play


@pytest.fixture
def make() -> Callable[..., Any]:
    """An object of a resource from its JSON fields."""

    def build(plural: str, name: str, **fields: Any) -> Any:
        metadata = {"name": name, "namespace": "demo", "uid": f"uid-{name}", **fields.pop("metadata", {})}
        struct: type[structs.KubeObject] = BY_PLURAL[plural].struct
        return msgspec.json.decode(json.dumps({"metadata": metadata, **fields}).encode(), type=struct)

    return build
