"""Recorded and received answers compared: status, Status body, headers; and, counted apart, whole bodies."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.contract.conformance.discovered import served_by_both, unserved
from tests.contract.conformance.masks import is_vendors_answer, is_vendors_object, masked_text
from tests.contract.conformance.names import Names
from tests.contract.conformance.player import Answer
from tests.contract.conformance.projecting import flat, mask, project

_HEADERS = ("Content-Type", "Warning", "Retry-After")
_SHOWN = 150


@dataclass(frozen=True)
class Difference:
    """What was compared, and everything in it that differs."""

    what: str
    fields: list[str]

    def line(self) -> str:
        more = f" (and {len(self.fields) - 1} more)" if len(self.fields) > 1 else ""
        return f"{self.what}: {self.fields[0]}{more}"

    def full(self) -> str:
        return "\n      ".join([f"{self.what}:", *self.fields])


@dataclass
class Tally:
    """How many were compared, and every difference in one line."""

    compared: int = 0
    differences: list[Difference] = field(default_factory=list)
    skipped: int = 0

    @property
    def equal(self) -> int:
        return self.compared - len(self.differences)


class Sides:
    """The two sides' made-up names."""

    def __init__(self) -> None:
        self.recorded, self.received = Names(), Names()


def requests(answers: list[Answer], *, sides: Sides) -> tuple[Tally, Tally]:
    """The tally of answers, and that of the bodies of those that succeeded."""
    heads, bodies = Tally(), Tally()
    for answer in answers:
        row = answer.row
        if is_vendors_answer(row):
            heads.skipped += 1
            continue
        sides.recorded.observe(row.get("response"))
        sides.received.observe(answer.body)
        what = f"{row.get('method', 'WATCH')} {row['path']}"
        heads.compared += 1
        heads_of_both = _head(row, sides.recorded), _answered(answer, sides.received)
        different = different_fields(*heads_of_both)
        if different:
            heads.differences.append(Difference(what, different))
        elif row["status"] < 300 and "response" in row:
            bodies.compared += 1
            recorded, received = served_by_both(row["response"], answer.body)
            missing = [f"not served: {name}" for name in unserved(row["response"], answer.body)]
            whole = _whole(recorded, sides.recorded), _whole(received, sides.received)
            different = [*missing, *different_fields(*whole)]
            if different:
                bodies.differences.append(Difference(what, different))
    return heads, bodies


def different_fields(recorded: dict[str, Any], received: dict[str, Any]) -> list[str]:
    """Every leaf that differs."""
    keys = [*recorded, *(key for key in received if key not in recorded)]
    pairs = [(key, received.get(key), recorded.get(key)) for key in keys]
    return [f"{key} is {_short(ours)}, recorded {_short(other)}" for key, ours, other in pairs if ours != other]


def _head(row: dict[str, Any], names: Names) -> dict[str, Any]:
    return _headed(row["status"], row.get("response_headers"), row.get("response"), names)


def _answered(answer: Answer, names: Names) -> dict[str, Any]:
    known = None if answer.row.get("response_headers") is None else answer.headers
    return _headed(answer.status, known, answer.body, names)


def _headed(status: int, headers: dict[str, str] | None, body: Any, names: Names) -> dict[str, Any]:
    head: dict[str, Any] = {"status": status}
    if headers is not None:
        lowered = {key.lower(): value for key, value in headers.items()}
        head |= {key: mask(lowered[key.lower()], names=names) for key in _HEADERS if key.lower() in lowered}
    if isinstance(body, dict) and body.get("kind") == "Status":
        head |= flat(mask({key: body.get(key) for key in ("reason", "message", "details")}, names=names))
    return head


def _whole(body: Any, names: Names) -> dict[str, Any]:
    if not isinstance(body, dict):
        return {}
    if isinstance(body.get("items"), list) and "metadata" in body:
        kind = str(body.get("kind", "")).removesuffix("List")
        whole = [{"kind": kind, **item} for item in body["items"] if isinstance(item, dict)]
        items = [item for item in whole if not is_vendors_object(item)]
        return flat(_numbered(sorted(_named(item, names) for item in items)))
    if isinstance(body.get("rows"), list):
        body = {**body, "rows": [row for row in body["rows"] if not is_vendors_object(row.get("object") or {})]}
    return flat(_item(body, names))


def _numbered(items: list[tuple[str, str]]) -> dict[str, Any]:
    """Name and, where several are called alike, number → item."""
    seen: Counter[str] = Counter()
    found = {}
    for name, item in items:
        seen[name] += 1
        found[f"{name} {seen[name]}" if seen[name] > 1 else name] = json.loads(item)
    return found


def _named(item: dict[str, Any], names: Names) -> tuple[str, str]:
    name = str((item.get("metadata") or {}).get("name", item.get("name", "")))
    name = masked_text(names.masked(name))
    return name.rpartition(".18")[0] or name, json.dumps(_item(item, names), sort_keys=True)


def _item(body: dict[str, Any], names: Names) -> dict[str, Any]:
    return project(body, names=names) if isinstance(body.get("metadata"), dict) else mask(body, names=names)


def _short(value: Any) -> str:
    text = "absent" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
