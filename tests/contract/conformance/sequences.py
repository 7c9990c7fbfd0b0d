"""What watches showed of every object, compared: the order of event types and the course of every field.

Two controllers that do the same may write twice or once, and a watch may show two writes as they come or merged. So
a sequence is compared by what it tells: the types in order (repeated MODIFIED as one), and for each field the values
it went through, in order. Counts are compared by their extremes (see masks.py). Sequences equal event by event are
counted as exact besides.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tests.contract.conformance.comparing import Difference, Sides, Tally, different_fields
from tests.contract.conformance.masks import is_vendors_object
from tests.contract.conformance.names import Names
from tests.contract.conformance.projecting import flat, mask, project

Events = dict[str, list[dict[str, Any]]]
_END_OF_LIST = "k8s.io/initial-events-end"


@dataclass(frozen=True)
class Course:
    """One object's way through a watch."""

    steps: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, steps: list[tuple[str, dict[str, Any]]]) -> Course:
        texts = [(kind, json.dumps(flat(fields), sort_keys=True)) for kind, fields in steps]
        return cls(tuple(step for step, _ in groupby(texts)))

    def told(self) -> dict[str, Any]:
        """The types in order, and each field's values in order."""
        types = [kind for kind, _ in groupby(kind for kind, _ in self.steps)]
        states = [json.loads(fields) for _, fields in self.steps]
        return {"types": " ".join(types), **{key: _course(states, key) for key in sorted(set().union(*states))}}


def compare(recorded: Events, received: Events, *, sides: Sides) -> tuple[Tally, int]:
    """The tally over every object of every watch, and how many were exact."""
    tally, exact = Tally(), 0
    expected, played = _courses(recorded, sides.recorded), _courses(received, sides.received)
    for group in [*expected, *(group for group in played if group not in expected)]:
        ours, theirs = list(played.get(group, [])), list(expected.get(group, []))
        tally.compared += max(len(ours), len(theirs))
        for course in list(theirs):
            if course in ours:
                exact += 1
                ours.remove(course)
                theirs.remove(course)
        for course in list(theirs):
            alike = next((other for other in ours if other.told() == course.told()), None)
            if alike is not None:
                ours.remove(alike)
                theirs.remove(course)
        tally.differences += _unlike(group, theirs, ours)
    return tally, exact


def _unlike(group: str, theirs: list[Course], ours: list[Course]) -> list[Difference]:
    lines = []
    ours = list(ours)
    for course in theirs:
        told = flat(course.told())
        if not ours:
            lines.append(Difference(group, [f"never seen, recorded {told['types']}"]))
            continue
        nearest = min(ours, key=lambda other: len(different_fields(told, flat(other.told()))))
        ours.remove(nearest)
        lines.append(Difference(group, different_fields(told, flat(nearest.told()))))
    return [*lines, *(Difference(group, [f"{course.told()['types']}, not recorded"]) for course in ours)]


def _courses(events: Events, names: Names) -> dict[str, list[Course]]:
    found: dict[tuple[str, str], list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    groups: dict[tuple[str, str], str] = {}
    for label, seen in events.items():
        for event in seen:
            obj = event.get("object") or {}
            if obj.get("kind") == "Event" or is_vendors_object(obj):
                continue
            identity, step = _step(event, obj, names)
            if identity is not None:
                groups[label, identity] = f"{label} {names.masked(identity.partition(' ')[0])}"
                found[label, identity].append(step)
    courses: dict[str, list[Course]] = defaultdict(list)
    for key, steps in found.items():
        courses[groups[key]].append(Course.of(steps))
    return courses


def _step(event: dict[str, Any], obj: dict[str, Any], names: Names) -> tuple[str | None, tuple[str, dict[str, Any]]]:
    kind = str(event["type"])
    metadata = obj.get("metadata") or {}
    if kind == "BOOKMARK":  # those in between come when the server finds time
        ends = _END_OF_LIST in (metadata.get("annotations") or {})
        return ("(bookmarks)" if ends else None), (kind, {})
    if kind == "ERROR":
        return "(errors)", (kind, mask(obj, names=names))
    return f"{metadata.get('name')} {metadata.get('uid')}", (kind, project(obj, names=names))


def _course(states: list[dict[str, Any]], key: str) -> Any:
    values = [state.get(key) for state in states]
    if {type(value) for value in values} <= {int, type(None)}:
        numbers = [value or 0 for value in values]
        return {"from": numbers[0], "least": min(numbers), "most": max(numbers), "to": numbers[-1]}
    return [json.loads(text) for text, _ in groupby(json.dumps("absent" if v is None else v) for v in values)]
