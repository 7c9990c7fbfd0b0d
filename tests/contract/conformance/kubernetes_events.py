"""The Events controllers recorded, compared object by object: type, reason, message and kind, in order."""

from __future__ import annotations

from collections import defaultdict
from itertools import zip_longest
from typing import Any

from tests.contract.conformance.comparing import Difference, Sides, Tally
from tests.contract.conformance.masks import is_vendors_object, masked_text
from tests.contract.conformance.names import Names

Story = tuple[str, ...]


def compare(recorded: list[Any], received: list[Any], *, sides: Sides) -> Tally:
    """One comparison an object that has Events; a repetition (a rising count) tells nothing new."""
    tally = Tally()
    expected, played = _stories(recorded, sides.recorded), _stories(received, sides.received)
    for group in [*expected, *(group for group in played if group not in expected)]:
        theirs, ours = list(expected.get(group, [])), list(played.get(group, []))
        tally.compared += max(len(theirs), len(ours))
        for story in list(theirs):
            if story in ours:
                ours.remove(story)
                theirs.remove(story)
        for mine, other in zip_longest(ours, theirs, fillvalue=()):
            tally.differences.append(Difference(group, _differences(other, mine)))
    return tally


def _stories(events: list[Any], names: Names) -> dict[str, list[Story]]:
    told: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        obj = event.get("object") or {}
        if obj.get("kind") != "Event" or event["type"] == "DELETED" or is_vendors_object(obj):
            continue
        involved = obj["involvedObject"]
        story = told[f"{involved['kind']} {names.masked(involved['name'])}"][str(involved.get("uid"))]
        line = f"{obj.get('type')} {obj.get('reason')}: {masked_text(names.masked(obj.get('message', '')))}"
        if line not in story:
            story.append(line)
    return {group: [tuple(story) for story in stories.values()] for group, stories in told.items()}


def _differences(recorded: Story, received: Story) -> list[str]:
    pairs = zip_longest(received, recorded, fillvalue="nothing")
    return [f"Event {i} is “{mine}”, recorded “{other}”" for i, (mine, other) in enumerate(pairs, 1) if mine != other]
