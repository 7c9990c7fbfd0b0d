"""Whatever somebody writes into an object: it becomes a row or is left out, and the others stay."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.kube.decoding import Decoder
from dashboard.kube.resources import BY_PLURAL
from dashboard.store.sinks import Sinks
from dashboard.store.story import Story
from dashboard.store.views import Views

FIXTURES = Path(__file__).parents[1] / "fixtures"
RECORDINGS = ("pods-failing", "deployment-rollout", "hpa-moments")
ODD: tuple[Any, ...] = (
    None, [], {}, "", "x\x00\u202e<script>", -1, 10**19, 1e308, True, [None], [[]], [{}], {"": None},
)  # fmt: skip
GOOD = {"metadata": {"name": "good", "namespace": "demo", "uid": "uid-good", "resourceVersion": "1"}}


class Sunk:
    """A store that is fed what a list of one resource holds."""

    def __init__(self, plural: str) -> None:
        self.views = Views(epoch="test")
        self.sinks = Sinks(self.views, story=Story(self.views, now=lambda: 0.0), now=lambda: 1_795_409_500.0)
        self._sink = self.sinks.by_resource[plural]
        self._decoder = Decoder(BY_PLURAL[plural].struct)

    def take(self, *objects: Any) -> int:
        """How many of them were read."""
        page = self._decoder.page(json.dumps({"metadata": {"resourceVersion": "1"}, "items": list(objects)}).encode())
        self._sink.replace(page.objects)
        for found in page.objects:
            self._sink.apply(found)
        json.dumps(self.views.snapshot().views)
        for found in page.objects:
            self._sink.delete(found)
        return len(page.objects)


def recorded() -> Iterator[tuple[str, Any]]:
    """The richest object of each recorded resource, with its plural."""
    richest: dict[str, Any] = {}
    for name in RECORDINGS:
        for line in (FIXTURES / f"{name}.jsonl").read_text().splitlines():
            moment = json.loads(line)
            label, found = moment.get("label", "pods"), moment["event"]["object"]
            if len(json.dumps(found)) > len(json.dumps(richest.get(label, ""))):
                richest[label] = found
    yield from richest.items()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document but its root."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield (*path, key)
        yield from places(each, (*path, key))


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(document)
    at = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return made


OBJECTS = dict(recorded())


@pytest.mark.parametrize("plural", sorted(OBJECTS))
def test_no_value_in_any_place_stops_the_others(plural: str) -> None:
    sunk = Sunk(plural)
    for path in places(OBJECTS[plural]):
        for odd in ODD:
            try:
                read = sunk.take(changed(OBJECTS[plural], path, odd), GOOD)
            except Exception as error:
                raise AssertionError(f"{'.'.join(map(str, path))} = {odd!r}") from error
            assert read in {1, 2}


@pytest.mark.parametrize("plural", sorted(BY_PLURAL))
def test_an_object_with_nothing_but_a_name_is_shown(plural: str) -> None:
    if plural not in Sunk("pods").sinks.by_resource:
        pytest.skip("nothing is shown of it")
    assert Sunk(plural).take(GOOD) == 1
    for empty in ({"status": {}}, {"status": None}, {"spec": None}, {"spec": {}, "status": {}}):
        assert Sunk(plural).take({**GOOD, **empty}, GOOD) in {1, 2}


def test_a_megabyte_of_annotation_is_not_kept() -> None:
    big = {"name": "a", "uid": "u", "annotations": {"big": "x" * 2**20}}
    body = json.dumps({"metadata": {}, "items": [{"metadata": big}]}).encode()
    page = Decoder(BY_PLURAL["pods"].struct).page(body)
    assert len(repr(page.objects[0])) < 10_000


def test_a_pod_of_five_thousand_containers_is_one_row() -> None:
    pod = copy.deepcopy(OBJECTS["pods"])
    for part, name in (("spec", "containers"), ("status", "containerStatuses")):
        pod[part][name] = [{**pod[part][name][0], "name": f"c{number}"} for number in range(5000)]
    assert Sunk("pods").take(pod, GOOD) == 2
