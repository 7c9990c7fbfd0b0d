"""LimitRanges: what each gives and allows, in words, and which defaults hold for a container. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Manifest = Mapping[str, Any]
Row = dict[str, Any]

WORDS = {
    "default": "limit, if none is set",
    "defaultRequest": "request, if none is set",
    "max": "at most",
    "min": "at least",
    "maxLimitRequestRatio": "limit to request, at most",
}


@dataclass(frozen=True, slots=True)
class Default:
    """One amount that a LimitRange puts into containers. `kind`: limits or requests."""

    range: str
    kind: str
    resource: str
    amount: str


def rows(found: Sequence[Manifest]) -> list[Row]:
    """One row for each item of each LimitRange of one namespace."""
    shown = []
    for each in sorted(found, key=lambda one: str(one["metadata"]["name"])):
        name = str(each["metadata"]["name"])
        for number, item in enumerate((each.get("spec") or {}).get("limits") or ()):
            facts = [
                {"key": field, "label": word, "value": _amounts(item[field])}
                for field, word in WORDS.items()
                if item.get(field)
            ]
            shown.append({"key": f"{name}-{number}", "name": name, "type": str(item.get("type") or ""), "facts": facts})
    return shown


def defaults(found: Sequence[Manifest]) -> list[Default]:
    """What containers get that ask for nothing."""
    return [
        Default(str(each["metadata"]["name"]), kind, resource, str(amount))
        for each in found
        for item in (each.get("spec") or {}).get("limits") or ()
        if item.get("type") == "Container"
        for field, kind in (("default", "limits"), ("defaultRequest", "requests"))
        for resource, amount in (item.get(field) or {}).items()
    ]


def memory_default(found: Sequence[Manifest]) -> Default | None:
    """The memory limit that a container gets; None when it gets none."""
    return next((each for each in defaults(found) if (each.kind, each.resource) == ("limits", "memory")), None)


def _amounts(amounts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {amount}" for name, amount in sorted(amounts.items()))
