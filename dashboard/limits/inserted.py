"""What was put into a container between its owner's template and the API server, and by whom. Pure.

Objects come with Kubernetes' fields in snake_case. What cannot be told apart is told as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.limits.amounts import same
from dashboard.limits.ranges import Default

KINDS = (("requests", "request"), ("limits", "limit"))
_NOTED = re.compile(r"(?P<resources>[^;:]+?) (?P<kind>request|limit) for (?:init )?container (?P<container>[^;]+)")

MANIFEST, RANGE, OWN_LIMIT, UNKNOWN = "manifest", "range", "own-limit", "unknown"
NOT_READ = "unknown: its owner's template is not known"
NOT_KEPT = "unknown: nobody keeps what this pod was asked to be"
Amounts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One resource of one container. `by` is MANIFEST, RANGE, OWN_LIMIT or UNKNOWN; `why` says so in words."""

    kind: str
    resource: str
    before: str | None
    after: str | None
    by: str
    why: str

    @property
    def is_changed(self) -> bool:
        """Whether anybody put something in, took it away or changed it."""
        return self.by != MANIFEST


def noted(annotation: str | None) -> frozenset[tuple[str, str, str]]:
    """(kind, resource, container) that the API server's annotation says were set by its LimitRanger."""
    _, _, told = (annotation or "").partition(": ")
    plural = {"request": "requests", "limit": "limits"}
    return frozenset(
        (plural[match["kind"]], resource.strip(), match["container"].strip())
        for match in _NOTED.finditer(told)
        for resource in match["resources"].split(",")
    )


def lines(
    container: Any, template: Any | None, *, defaults: Sequence[Default] | None,
    notes: Collection[tuple[str, str, str]], is_owned: bool = False,
) -> list[Line]:  # fmt: skip
    """Every request and limit of a live container. `template`: the same container as its owner asks for it.

    `defaults`: of the namespace's LimitRanges, None when they are not known. `is_owned`: whether it has an owner.
    """
    return [
        _line(kind, resource, container, template, defaults=defaults, notes=notes, is_owned=is_owned)
        for kind, _ in KINDS
        for resource in _resources(container, template, kind)
    ]


def _resources(container: Any, template: Any | None, kind: str) -> Iterator[str]:
    yield from sorted({*_amounts(container, kind), *_amounts(template, kind)})


def _line(
    kind: str, resource: str, container: Any, template: Any | None, *, defaults: Sequence[Default] | None,
    notes: Collection[tuple[str, str, str]], is_owned: bool,
) -> Line:  # fmt: skip
    after = _text(_amounts(container, kind).get(resource))
    before = _text(_amounts(template, kind).get(resource))
    is_noted = (kind, resource, container.name) in notes
    if template is None and not is_noted:
        return Line(kind, resource, None, after, UNKNOWN, NOT_READ if is_owned else NOT_KEPT)
    if before is not None and after is not None and same(before, after):
        return Line(kind, resource, before, after, MANIFEST, "as the manifest says")
    if before is not None:
        why = "taken away since" if after is None else "changed since, by a resize or an admission webhook"
        return Line(kind, resource, before, after, UNKNOWN, why)
    return Line(kind, resource, None, after, *_giver(kind, resource, after, template, defaults, is_noted))


def _giver(
    kind: str, resource: str, after: str | None, template: Any | None, defaults: Sequence[Default] | None,
    is_noted: bool,
) -> tuple[str, str]:  # fmt: skip
    """Who gave what the manifest does not have."""
    if is_noted and defaults is None:
        return RANGE, "a LimitRange; which one is not known"
    fitting = [each for each in defaults or () if (each.kind, each.resource) == (kind, resource)]
    equal = next((each for each in fitting if same(each.amount, after)), None)
    if is_noted and equal is not None:
        return RANGE, f"LimitRange {equal.range}"
    if is_noted:
        return RANGE, "a LimitRange, which says something else by now" if fitting else "a LimitRange, which is gone"
    own = _amounts(template, "limits").get(resource)
    if kind == "requests" and own is not None and same(own, after):
        return OWN_LIMIT, "Kubernetes: a request left out is as large as the limit"
    if equal is not None:
        return UNKNOWN, f"unknown: as much as LimitRange {equal.range} gives, but the API server did not note it"
    return UNKNOWN, "unknown: neither the manifest nor a LimitRange says so"


def _amounts(container: Any | None, kind: str) -> Amounts:
    resources = getattr(container, "resources", None)
    found: Amounts = getattr(resources, kind, None) or {}
    return found


def _text(amount: Any) -> str | None:
    return None if amount is None else str(amount)
