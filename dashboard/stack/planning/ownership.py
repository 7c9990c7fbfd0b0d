"""Who owns which field of a live object, read from its managedFields. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.kube import writers
from dashboard.stack.planning.addressing import Place, key_of, label_of, matching
from dashboard.stack.planning.plan import FieldOwner

_KUBECTLS = frozenset({"metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]"})
"""kubectl's own memory of what it applied."""

_SAID = re.compile(r'conflict with "(?P<manager>[^"]*)"(?: with subresource "(?P<subresource>[^"]*)")?')
_SAID_AT = re.compile(r" at (?P<time>\d{4}-\d\d-\d\dT[0-9:.]+Z)")
_IN_BRACKETS = re.compile(r'\[((?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]')
_LINE = re.compile(r"( line \d+|, \d+ more lines| \(order\))$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of managedFields. `leaves`: texts of its fields; `items`: texts of list items it made."""

    manager: str
    operation: str
    subresource: str
    time: str | None
    leaves: frozenset[str]
    items: frozenset[str]

    @property
    def is_ours(self) -> bool:
        """Written by this product, whoever was signed in; it hands `replicas` over under a name of its own."""
        return writers.is_ours(self.manager)

    @property
    def is_a_controllers(self) -> bool:
        """Written by the cluster itself: a controller of Kubernetes, or anybody's report in `status`."""
        return self.subresource == "status" or self.manager in writers.CONTROLLERS

    def owns(self, field: str) -> bool:
        """Whether it owns the field, a whole that holds it, or something in it."""
        return any(overlap(field, leaf) for leaf in self.leaves)

    def owner_of(self, field: str) -> FieldOwner:
        """As it is told."""
        return FieldOwner(self.manager, field, self.time, self.operation, self.subresource)


def entries_of(live: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Who wrote to the object, the latest first."""
    entries = [_entry(each, live) for each in (live.get("metadata") or {}).get("managedFields") or []]
    return tuple(sorted(entries, key=lambda entry: entry.time or "", reverse=True))


def owners_of(live: Mapping[str, Any], fields: Iterable[str]) -> tuple[FieldOwner, ...]:
    """For each changed field the latest other writer that owns it now; fields that nobody else owns have none."""
    others = [entry for entry in entries_of(live) if not entry.is_ours and entry.subresource != "status"]
    found = []
    for field in dict.fromkeys(field_of(path) for path in fields):
        entry = next((entry for entry in others if entry.owns(field)), None)
        if entry is not None:
            found.append(entry.owner_of(field))
    return tuple(found)


def overlap(one: str, other: str) -> bool:
    """Whether one field is the other or holds it."""
    return _within(one, other) or _within(other, one)


def field_of(path: str) -> str:
    """The field of a row of a diff, without the number of a line in it."""
    return _LINE.sub("", path)


def added_by_others(live: Mapping[str, Any], restored: Mapping[str, Any]) -> tuple[FieldOwner, ...]:
    """Fields that are there because others set them: neither this product nor the cluster's own controllers.

    Not counted are: every report in `status`, what a controller of Kubernetes wrote (the HPA writes `replicas`
    through the scale subresource as kube-controller-manager), and fields that the bundle holds, which is what this
    product owns once it has `restored` the object. An item of a list made by another is told once, not field by field.
    """
    mine = [entry for entry in entries_of(restored) if entry.is_ours]
    ours = frozenset(leaf for entry in mine for leaf in entry.leaves)
    found: dict[str, FieldOwner] = {}
    for entry in entries_of(live):
        if entry.is_ours or entry.is_a_controllers:
            continue
        for leaf in sorted(entry.leaves - _KUBECTLS):
            if not any(overlap(leaf, own) for own in ours):
                told = _whole_item(leaf, entry.items, ours)
                found.setdefault(told, entry.owner_of(told))
    return tuple(found.values())


def conflicts_of(causes: Iterable[Mapping[str, Any]], live: Mapping[str, Any] | None) -> tuple[FieldOwner, ...]:
    """The owners that a refused server-side apply names; since when is looked up in the live object."""
    entries = entries_of(live or {})
    found = []
    for cause in causes:
        said = _SAID.search(str(cause.get("message") or ""))
        if said is None:
            continue
        manager, subresource = said["manager"], said["subresource"] or ""
        at = _SAID_AT.search(str(cause["message"]))
        known = [each for each in entries if (each.manager, each.subresource) == (manager, subresource)]
        entry = known[0] if known else None
        field = readable(str(cause.get("field") or ""), live)
        owning = next((each for each in known if each.owns(field)), entry)
        time = at["time"] if at else owning.time if owning else None
        found.append(FieldOwner(manager, field, time, owning.operation if owning else "", subresource))
    return tuple(found)


def readable(field: str, live: Mapping[str, Any] | None) -> str:
    """The API's `.spec.containers[name="app"].image` as the rest of a plan spells it: `spec.containers[app].image`.

    The API puts no quotes around names with dots in them, so the live object tells where a name ends.
    """
    place, value, rest = Place(), live or {}, field
    while rest:
        key = _IN_BRACKETS.match(rest)
        if key is not None:
            step = _key_step(key[1])
            rest = rest[key.end() :]
        else:
            rest = rest.removeprefix(".")
            name = _first_name(rest, value)
            step = f"f:{name}"
            rest = rest[len(name) :] if name else ""
        place, value = _step(step, value, place)
    return place.text


def _first_name(text: str, value: Any) -> str:
    known = [str(name) for name in value if _within(text, str(name))] if isinstance(value, dict) else []
    return max(known, key=len, default=re.split(r"[.\[]", text, maxsplit=1)[0])


def _key_step(key: str) -> str:
    """The entry of managedFields that `[name="app"]`, `[="a value"]` or `[3]` stands for."""
    if key.startswith("="):
        return f"v:{key[1:]}"
    pairs = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|[^,]+)', key)
    return "k:" + json.dumps({name: json.loads(value) for name, value in pairs}) if pairs else f"i:{key}"


def _entry(raw: Mapping[str, Any], live: Mapping[str, Any]) -> Entry:
    steps = list(_walk(raw.get("fieldsV1") or {}, live, Place()))
    return Entry(
        manager=str(raw.get("manager") or ""),
        operation=str(raw.get("operation") or ""),
        subresource=str(raw.get("subresource") or ""),
        time=raw.get("time"),
        leaves=frozenset(text for text, is_item in steps if not is_item),
        items=frozenset(text for text, is_item in steps if is_item),
    )


def _walk(fields: Mapping[str, Any], value: Any, place: Place) -> Iterator[tuple[str, bool]]:
    """Every leaf below, and every item of a list whose very existence is owned (True)."""
    for step, below in fields.items():
        if step == ".":
            continue
        there, inside = _step(step, value, place)
        if step.startswith("k:") and "." in below:
            yield there.text, True
        rest = {name: each for name, each in below.items() if name != "."}
        if rest:
            yield from _walk(rest, inside, there)
        elif not below or step.startswith("k:"):
            yield there.text, False


def _step(step: str, value: Any, place: Place) -> tuple[Place, Any]:
    kind, _, rest = step.partition(":")
    if kind == "f":
        return place.field(rest), value.get(rest) if isinstance(value, dict) else None
    if kind == "k":
        wanted = json.loads(rest)
        item = matching(value, wanted)
        key = key_of(value) if isinstance(value, list) else None
        label = label_of(item, key) if item is not None and key else "/".join(str(each) for each in wanted.values())
        return place.item(label), item
    if kind == "v":
        return place.item(json.loads(rest)), None
    return place.item(rest), None


def _whole_item(leaf: str, items: frozenset[str], ours: frozenset[str]) -> str:
    """The outermost list item around a leaf that is all of another's making, or the leaf."""
    around = [item for item in items if _within(leaf, item) and not any(_within(own, item) for own in ours)]
    return min(around, key=len, default=leaf)


def _within(field: str, whole: str) -> bool:
    return field == whole or (field.startswith(whole) and field[len(whole)] in ".[ ,")
