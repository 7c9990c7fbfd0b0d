"""The difference of two states of one object, field by field, as a person reads it. Pure.

Left out is what the server writes by itself (identity, managedFields, status, kubectl's copy of the last apply). The
values of a Secret never leave this module: a changed key says `<changed>`, a key that stays says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dashboard.kube import quantities
from dashboard.stack.planning.addressing import Place, aligned, key_of, label_of
from dashboard.stack.planning.plan import FieldChange
from dashboard.stack.planning.wording import ABSENT, shortened, told

Manifest = Mapping[str, Any]

HIDDEN = "<changed>"
SECRET_FIELDS = ("data", "stringData")

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_IDENTITY = frozenset({"apiVersion", "kind", "status"})
_SERVER_OWNED = frozenset({
    "name", "namespace", "managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink",
    "deletionTimestamp", "deletionGracePeriodSeconds",
})  # fmt: skip

_QUANTITY_MAPS = frozenset({
    "requests", "limits", "hard", "capacity", "allocatable", "default", "defaultRequest", "max", "min",
    "maxLimitRequestRatio", "podFixed",
})  # fmt: skip
_QUANTITY_FIELDS = frozenset({"sizeLimit", "averageValue", "divisor"})
_FREE_TEXT = frozenset({"data", "stringData", "binaryData", "labels", "annotations", "matchLabels"})
_MOST_LINES = 200


def changes(live: Manifest | None, merged: Manifest) -> tuple[FieldChange, ...]:
    """What differs, in the object's own order; empty when `merged` asks for what is `live`. None: not there yet."""
    before, after = kept(live or {}), kept(merged)
    rows: list[FieldChange] = []
    if "Secret" in ((live or {}).get("kind"), merged.get("kind")):
        for name in SECRET_FIELDS:
            rows += _hidden(Place().field(name), before.pop(name, ABSENT), after.pop(name, ABSENT))
    return (*_between(Place(), before, after), *rows)


def as_text(rows: Iterable[FieldChange]) -> list[str]:
    """For a terminal: a line with `-` for what was, one with `+` for what will be, `~` where values stay hidden."""
    lines: list[str] = []
    for row in rows:
        if row.before == row.after == HIDDEN:
            lines.append(f"~ {row.path}: {HIDDEN}")
            continue
        lines += [f"- {row.path}: {row.before}"] * (row.before is not None)
        lines += [f"+ {row.path}: {row.after}"] * (row.after is not None)
    return lines


def kept(manifest: Manifest) -> dict[str, Any]:
    """An object without what the server writes by itself, and without fields that are null: those are not there."""
    rest = {name: _without_nulls(value) for name, value in manifest.items() if name not in _IDENTITY}
    metadata = rest.get("metadata")
    if isinstance(metadata, dict):
        theirs = {name: value for name, value in metadata.items() if name not in _SERVER_OWNED}
        annotations = theirs.get("annotations")
        if isinstance(annotations, dict):
            theirs["annotations"] = {name: value for name, value in annotations.items() if name != LAST_APPLIED}
        rest["metadata"] = {name: value for name, value in theirs.items() if value not in (None, {})} or None
    return rest


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _hidden(place: Place, before: Any, after: Any) -> Iterator[FieldChange]:
    one, other = (value if isinstance(value, dict) else {} for value in (before, after))
    for name in dict.fromkeys([*one, *other]):
        old, new = one.get(name, ABSENT), other.get(name, ABSENT)
        if old is ABSENT or new is ABSENT or old != new:
            words = [None if value is ABSENT else HIDDEN for value in (old, new)]
            yield FieldChange(place.field(str(name)).text, words[0], words[1])
    if (
        any(value not in (ABSENT, None) and not isinstance(value, dict) for value in (before, after))
        and before != after
    ):
        yield FieldChange(place.text, HIDDEN, HIDDEN)


def _between(place: Place, before: Any, after: Any) -> Iterator[FieldChange]:
    if _is_map(before, after):
        yield from _between_maps(place, before, after)
    elif _is_list(before, after):
        yield from _between_lists(place, before, after)
    elif _is_long_text(before, after):
        yield from _between_lines(place, before, after)
    elif not _is_same(place, before, after):
        yield FieldChange(place.text, *told(before, after))


def _between_maps(place: Place, before: Any, after: Any) -> Iterator[FieldChange]:
    one, other = ({} if each is ABSENT else each for each in (before, after))
    for name in dict.fromkeys([*one, *other]):
        old, new = (ABSENT if each.get(name) is None else each[name] for each in (one, other))
        yield from _between(place.field(str(name)), old, new)


def _between_lists(place: Place, before: Any, after: Any) -> Iterator[FieldChange]:
    one, other = ([] if each is ABSENT else each for each in (before, after))
    key = key_of(one, other)
    if key is None:
        for i, j in aligned(one, other):
            old, new = ABSENT if i is None else one[i], ABSENT if j is None else other[j]
            yield from _between(place.item(j if j is not None else i or 0), old, new)
        return
    labelled, wanted = ({label_of(item, key): item for item in each} for each in (one, other))
    for label in dict.fromkeys([*labelled, *wanted]):
        yield from _between(place.item(label), labelled.get(label, ABSENT), wanted.get(label, ABSENT))
    orders = [[label for label in each if label in labelled and label in wanted] for each in (labelled, wanted)]
    if orders[0] != orders[1]:
        yield FieldChange(f"{place.text} (order)", *shortened(*(", ".join(order) for order in orders)))


def _between_lines(place: Place, before: Any, after: Any) -> Iterator[FieldChange]:
    one, other = ([] if each is ABSENT else each.split("\n") for each in (before, after))
    differing = [(i, j) for i, j in aligned(one, other) if i is None or j is None or one[i] != other[j]]
    for i, j in differing[:_MOST_LINES]:
        old, new = None if i is None else one[i], None if j is None else other[j]
        number = (j if j is not None else i or 0) + 1
        yield FieldChange(f"{place.text} line {number}", *shortened(old, new))
    if len(differing) > _MOST_LINES:
        yield FieldChange(f"{place.text}, {len(differing) - _MOST_LINES} more lines", "…", "…")


def _is_map(before: Any, after: Any) -> bool:
    """Two maps, or one with something in it that is added or removed whole: each of its fields is then told."""
    if isinstance(before, dict) and isinstance(after, dict):
        return True
    return (before is ABSENT and _holds(after)) or (after is ABSENT and _holds(before))


def _holds(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def _is_list(before: Any, after: Any) -> bool:
    if isinstance(before, list) and isinstance(after, list):
        return True
    return (before is ABSENT and isinstance(after, list) and bool(after)) or (
        after is ABSENT and isinstance(before, list) and bool(before)
    )


def _is_long_text(before: Any, after: Any) -> bool:
    texts = [value for value in (before, after) if value is not ABSENT]
    return all(isinstance(value, str) for value in texts) and any("\n" in value for value in texts)


def _is_same(place: Place, before: Any, after: Any) -> bool:
    if type(before) is type(after) and before == after:
        return True
    if not _is_quantity(place):
        return False
    numbers = [quantities.number(value) if isinstance(value, str | int | float) else None for value in (before, after)]
    return numbers[0] is not None and numbers[0] == numbers[1]


def _is_quantity(place: Place) -> bool:
    """Whether `1000m` and `1` mean the same there; in a ConfigMap or a label they do not."""
    names = place.names
    if not names or _FREE_TEXT.intersection(names):
        return False
    under = names[-2] if len(names) > 1 else ""
    return under in _QUANTITY_MAPS or names[-1] in _QUANTITY_FIELDS or (names[-1] == "value" and under == "target")
